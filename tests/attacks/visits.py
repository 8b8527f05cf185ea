"""Requests of anybody: pages, headers, forms, one-click posts, forged links, requested links."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from urllib.parse import urlencode

from tests.attacks.attack import Attack, Target, attack
from tests.attacks.installation import TYPE, email
from tests.benchmarks.harness import messages

HEADER_BYTES = 60_000
_FORM_BYTES = 65_000
_HEADERS = ("Cookie", "User-Agent", "X-Request-Id", "X-Forwarded-For", "Accept", "Authorization", "Referer")
_PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


def _header(name: str, value: str) -> str:
    return f"{name}: {value}\r\n"


def _languages(target: Target) -> Iterator[bytes]:
    for number in range(40):
        start = f"a{number}"
        for value in (
            f"{start}, " + "x" * HEADER_BYTES,
            f"{start}," + "pl;q=0.5," * (HEADER_BYTES // 9),
            f"{start}," + "," * HEADER_BYTES,
            f"{start};q=" + "0" * HEADER_BYTES,
            f"{start}-" + "a-" * (HEADER_BYTES // 2),
        ):
            yield messages.get("/p", _header("Accept-Language", value))


def _large_headers(target: Target) -> Iterator[bytes]:
    page = f"/p/{target.of.manage[0]}"
    for name in _HEADERS:
        yield messages.get(page, _header(name, f"{name}=" + "a;" * (HEADER_BYTES // 2)))
        yield messages.get("/graphql", _header(name, "a,b;q=0.1," * (HEADER_BYTES // 10)))
    yield messages.get(page, "".join(_header(f"X-{number}", "a") for number in range(6_000)))
    yield messages.get(page, "".join(_header("Cookie", "lang=en; " * 20) for _ in range(300)))
    yield target.get("/exports/contacts", _header("Accept", "text/csv;q=0.1," * (HEADER_BYTES // 15)))


def _huge_headers(target: Target) -> Iterator[bytes]:
    for megabytes in (1, 10, 40):
        yield messages.get("/p", _header("X-Large", "a" * (megabytes << 20)))
        yield messages.get("/p", _header("Accept-Language", f"{megabytes}" + "a" * (megabytes << 20)))
    yield messages.get("/p", "".join(_header(f"X-{number}", "a") for number in range(400_000)))
    yield messages.get("/p?" + "a" * (40 << 20))
    yield messages.get("/" + "a" * (40 << 20))
    yield b"GET" + b" " * (20 << 20)
    yield b"a" * (20 << 20)


def _addresses(target: Target) -> Iterator[bytes]:
    for query in (
        "lang=" + "a" * HEADER_BYTES,
        "&".join(f"a{number}=1" for number in range(8_000)),
        "%" * HEADER_BYTES,
        "%C3" * (HEADER_BYTES // 3),
        "&" * HEADER_BYTES,
        "unit=" + "%00" * 9_000,
    ):
        yield messages.get(f"/p/{target.of.manage[0]}?{query}")
        yield messages.get(f"/p?{query}")
        yield target.get(f"/exports/contacts?{query}")
        yield target.get(f"/graphql?{query}")
    for path in ("p", "u", "c", "operations"):
        yield messages.get(f"/{path}/" + "a" * HEADER_BYTES)
        yield messages.get(f"/{path}/" + "a.b-" * (HEADER_BYTES // 4))


def _pages(target: Target) -> Iterator[bytes]:
    for token in target.of.manage:
        yield messages.get(f"/p/{token}", messages.BROWSER)
    for token in target.of.withdraw[:100]:
        yield messages.get(f"/u/{token}", messages.BROWSER)


def _bodies() -> Iterator[tuple[str, bytes]]:
    """Bodies of forms, each with its media type: nearly the largest that is read, and larger."""
    for size in (_FORM_BYTES, 2_000_000):
        yield _FORM, ("&".join(f"a{number}=" for number in range(1_990)) + "&b=" + "x" * size)[:size].encode()
        yield _FORM, b"on=" + b"%C3%A9" * (size // 6)
        yield _FORM, b"&" * size
        yield _FORM, b"=" * size
        yield _FORM, b"email=" + b"+" * size
        yield _MULTIPART, _PART * (size // len(_PART)) + b"--b--\r\n"
        yield _MULTIPART, b"--b\r\n" + b"a:b\r\n" * (size // 5)
        yield _MULTIPART, b"--b\r\nContent-Disposition: form-data; name=" + b'"\\' * (size // 2)
        yield _MULTIPART, b"\r\n-" * (size // 3)
        yield "application/json", b"[" * size


def _forms(target: Target) -> Iterator[bytes]:
    for kind, body in _bodies():
        yield messages.post("/p", body, kind)
        yield messages.post(f"/p/{target.of.manage[1]}", body, kind)


def _one_clicks(target: Target) -> Iterator[bytes]:
    for number, (kind, body) in enumerate(_bodies()):
        yield messages.post(f"/u/{target.of.withdraw[number]}", body, kind)
    yield messages.form(f"/u/{target.of.withdraw[50]}", **{"List-Unsubscribe": "One-Click" * 7_000})


def _saved_pages(target: Target) -> Iterator[bytes]:
    for token in target.of.manage[2:30]:
        pairs = [("shown", TYPE), ("on", TYPE)] * 900
        yield messages.post(f"/p/{token}", urlencode(pairs).encode(), _FORM)


def _typed_addresses(target: Target) -> Iterator[bytes]:
    for typed in (
        "a" * 60_000 + "@example.com",
        "a@" + "b." * 30_000 + "com",
        "a@" + "ü" * 9_000 + ".com",
        "a@" + "ﷺ" * 5_000 + ".com",
        "a@" + "xn--" * 15_000 + ".com",
        "a@xn--" + "a" * 60_000,
        "a@" + "\u0300" * 9_000,
        "@" * 60_000,
        '"' * 60_000 + "@example.com",
        "(" * 60_000 + "a@example.com",
        "+" + "1" * 60_000,
        "+48 " + "6 " * 30_000,
        "1;ext=" + "1" * 60_000,
        "tel:" + "x" * 30_000 + "1",
        "٣" * 9_000,
        "\u200b" * 20_000 + "a@example.com",
    ):
        yield messages.form("/p", email=typed)


def _forged_links(target: Target) -> Iterator[bytes]:
    real = target.of.manage[3]
    for number in range(400):
        forged = real[: 20 + number % 30] + secrets.token_urlsafe(30) + "." + secrets.token_urlsafe(20)
        yield messages.get(f"/{'puc'[number % 3]}/{forged}")
        yield messages.post(f"/{'puc'[number % 3]}/{forged}", b"a=b", _FORM)


def _forged_tokens(_target: Target) -> Iterator[bytes]:
    for _ in range(400):
        header = f"Authorization: Bearer sayso_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}\r\n"
        yield messages.post("/graphql", b'{"query":"{viewer{name}}"}', "application/json", header)


def _requested_links(_target: Target) -> Iterator[bytes]:
    for number in range(300):
        header = f"X-Forwarded-For: 2001:db8:{number:x}::1\r\n"
        body = urlencode({"email": email(number)}).encode()
        yield messages.post("/p", body, _FORM, header)


def _logged(target: Target) -> Iterator[bytes]:
    """Texts that the log masks, everywhere where a request may have them."""
    for part in ("a", "+1", "a-", "sayso_", "/p/", "1 ", "a.", "a@", "%40"):
        text = part * (HEADER_BYTES // 2 // len(part))
        headers = _header("X-Request-Id", text) + _header("User-Agent", text)
        yield messages.get(f"/p/{text.replace(' ', '.')}", headers)
        yield target.get(f"/operations/{text.replace(' ', '.').replace('/', '.')}")
        yield messages.post("/inbound/sms/twilio", text.encode(), _FORM, _header("X-Twilio-Signature", text))
        alias = "a" + re.sub(r"\W", "_", text)
        yield target.graphql(f"{{{alias}:viewer{{name}}}}")
        filter_ = '{emails:["a\\u0000b"]}'
        action = f'{{subscriptionTypes:["{TYPE}"],status:OPTED_OUT,channel:EMAIL,explanation:"x"}}'
        yield target.graphql(
            f'mutation{{{alias}:createWorkflow(input:{{name:"x\\u0000",triggers:[CONTACT_CREATED],'
            f"filter:{filter_},actions:[{action}],enabled:false}}){{userErrors{{code}}}}}}"
        )


PAGES: list[Attack] = [
    attack("pages opened", _pages),
    attack("Accept-Language of 60 kB, each another", _languages),
    attack("headers of 60 kB", _large_headers),
    attack("headers of 40 MB", _huge_headers, clients=2),
    attack("long addresses", _addresses),
]
FORMS: list[Attack] = [
    attack("forms of 64 kB and more", _forms),
    attack("one-click posts of 64 kB and more", _one_clicks),
    attack("pages saved with 900 boxes", _saved_pages),
    attack("addresses typed", _typed_addresses),
]
FLOODS: list[Attack] = [
    attack("forged links", _forged_links),
    attack("forged API tokens", _forged_tokens),
    attack("links requested for many", _requested_links),
    attack("texts that the log masks", _logged),
]
