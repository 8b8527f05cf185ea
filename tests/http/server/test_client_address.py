"""The client behind a proxy: an IP address in any case, and the proxy's own if the header has none."""

import pytest
from starlette.types import Receive, Scope, Send

from api.http.client_address import ClientAddress

PROXY, HOME = "192.0.2.1", "203.0.113.9"


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", f"{PROXY}, 2001:db8::/32")


async def client_of(*forwarded: str, peer: str | None = PROXY) -> str | None:
    """The client's address in the application."""
    seen: list[str | None] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"] and scope["client"][0])

    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    scope: Scope = {"type": "http", "client": peer and (peer, 1), "headers": headers, "scheme": "http"}
    await ClientAddress(application)(scope, None, None)  # type: ignore[arg-type]
    assert set(scope) == {"type", "client", "headers", "scheme"}
    return seen[0]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (HOME, HOME),
        (f"198.51.100.7, {HOME}", HOME),
        (f"{HOME}, {PROXY}", HOME),
        (f"{HOME}:51234", HOME),
        (f"::ffff:{HOME}", HOME),
        (f"[::ffff:{HOME}]:443", HOME),
        ("2A02:0:0::1", "2a02::1"),
        ("[2a02::1]:443", "2a02::1"),
        ("[2a02::1]", "2a02::1"),
        ('"[2a02::1]"', PROXY),
        ("fe80::1%eth0", "fe80::1"),
        ("fe80::1%" + "x" * 1000, PROXY),
        ("unknown", PROXY),
        ("_hidden", PROXY),
        ("", PROXY),
        (",", PROXY),
        (", , ,", PROXY),
        (f"{HOME}, unknown", PROXY),
        ("999.1.1.1", PROXY),
        ("1", PROXY),
        ("0x7f.1", PROXY),
        ("2a02::1]:443", PROXY),
        (f"for={HOME}", PROXY),
        ("<script>", PROXY),
        ("\xff\x00", PROXY),
        ("x" * 60_000, PROXY),
    ],
)
async def test_the_client_is_taken_from_the_header_or_is_the_proxy(forwarded: str, client: str) -> None:
    assert await client_of(forwarded) == client


async def test_others_cannot_say_who_they_are() -> None:
    assert await client_of(HOME, peer="198.51.100.7") == "198.51.100.7"
    assert await client_of(HOME, peer="::ffff:198.51.100.7") == "198.51.100.7"
    assert await client_of(HOME, peer=None) is None


async def test_several_headers_count_as_one() -> None:
    assert await client_of(HOME, PROXY) == HOME
    assert await client_of(HOME, "unknown") == PROXY
