"""No log line carries a token, of whatever kind and wherever it stands (R31).

The tests run for every member of `TokenKind`: a new kind is covered as soon as it is listed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest
import structlog
from starlette.datastructures import URL

from api.app import create_app
from preference_center.config.settings import Settings
from preference_center.links.kinds import LINK_KINDS, TokenKind
from preference_center.links.tokens import TokenSigner
from tests.conftest import PUBLIC_URL
from tests.http.log_lines import captured_logs

KEY = b"secret-key-secret-key-secret-key-s"
SHORTEST, LONGEST = b"\x01", b"\x01" * 8_000


def token_of(kind: TokenKind, payload: bytes = SHORTEST) -> str:
    return TokenSigner((KEY,), kind.salt).token(payload)


def log_field(token: str) -> None:
    structlog.get_logger().info("seen", value=f"undo={token}&lang=pl")


def log_nested_field(token: str) -> None:
    structlog.get_logger().info("seen", form={"fields": [["undo", token]], token: 1})


def log_object(token: str) -> None:
    structlog.get_logger().info("seen", url=URL(f"https://sayso.example/p?result={token}"))


def log_bytes(token: str) -> None:
    structlog.get_logger().info("seen", body=f"do=undo&undo={token}".encode())


def log_field_name(token: str) -> None:
    structlog.get_logger().info("seen", **{token: 1})


def log_event(token: str) -> None:
    structlog.get_logger().info(f"bad link {token}")


def log_exception(token: str) -> None:
    try:
        raise ValueError(f"cannot read {token}")
    except ValueError:
        structlog.get_logger().exception("fault")


def log_long_exception(token: str) -> None:
    try:
        raise ValueError("x" * 490 + " " + token)
    except ValueError:
        structlog.get_logger().exception("fault")


def log_by_library(token: str) -> None:
    logging.getLogger("some.library").warning("cannot reach %s", f"https://sayso.example/p?undo={token}")


def log_by_uvicorn(token: str) -> None:
    try:
        raise ValueError(f"POST undo={token}")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application: %s", token)


def log_escaped(token: str) -> None:
    structlog.get_logger().info("seen", query="undo=" + quote(token).replace(".", "%2E"))


WAYS = (
    log_field,
    log_nested_field,
    log_object,
    log_bytes,
    log_field_name,
    log_event,
    log_exception,
    log_long_exception,
    log_by_library,
    log_by_uvicorn,
    log_escaped,
)


@pytest.mark.parametrize("payload", [SHORTEST, LONGEST], ids=["shortest", "longest"])
@pytest.mark.parametrize("log", WAYS)
@pytest.mark.parametrize("kind", TokenKind)
def test_r31_a_token_of_any_kind_is_redacted_in_every_log_line(
    kind: TokenKind, log: Callable[[str], None], payload: bytes
) -> None:
    token = token_of(kind, payload)
    with captured_logs() as out:
        log(token)

    body, _, signature = token.partition(".")
    assert signature not in out.getvalue()
    assert f"{body}." not in out.getvalue()
    assert body[:50] not in out.getvalue() or payload is SHORTEST


@pytest.mark.parametrize("log", WAYS)
def test_the_console_format_redacts_the_same(log: Callable[[str], None]) -> None:
    token = token_of(TokenKind.UNDO)
    with captured_logs("console") as out:
        log(token)

    assert token.partition(".")[2] not in out.getvalue()


def test_quotes_in_a_nested_value_do_not_break_the_line() -> None:
    with captured_logs() as out:
        structlog.get_logger().info("seen", said=['write "alice@example.com"'])

    assert json.loads(out.getvalue())["said"] == ['write "[address]"']


async def test_the_access_line_carries_no_token_from_the_path_query_or_request_id(db: Settings) -> None:
    transport, undo = httpx.ASGITransport(create_app(db)), token_of(TokenKind.UNDO)
    with captured_logs() as out:
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as browser:
            for kind in LINK_KINDS:
                headers = {"X-Request-Id": "sayso_3fa9b2c1_secret"}
                await browser.get(f"{kind.path}/{token_of(kind)}", params={"result": undo}, headers=headers)

    assert out.getvalue().count('"event":"request"') == len(LINK_KINDS)
    assert "secret" not in out.getvalue()
    for kind in TokenKind:
        assert token_of(kind).partition(".")[2] not in out.getvalue()


@pytest.mark.parametrize("kind", LINK_KINDS)
@pytest.mark.parametrize("token", [token_of(TokenKind.PREVIEW), "damaged", "A" * 30])
def test_the_path_of_a_link_is_redacted_even_if_its_token_is_damaged(kind: TokenKind, token: str) -> None:
    with captured_logs() as out:
        structlog.get_logger().info("seen", url=f"https://sayso.example{kind.path}/{token}?lang=pl")

    assert token not in out.getvalue()
    assert f"https://sayso.example{kind.path}/[token]?lang=pl" in out.getvalue()


@pytest.mark.parametrize("kind", LINK_KINDS)
def test_the_route_of_a_page_stays_readable(kind: TokenKind) -> None:
    with captured_logs() as out:
        structlog.get_logger().info("seen", route=kind.route)

    assert kind.route in out.getvalue()


def test_an_api_token_is_redacted_to_its_last_character() -> None:
    with captured_logs() as out:
        structlog.get_logger().info("refused", token="sayso_3fa9b2c1_xYz0-tail-of-the_secret")

    assert "tail" not in out.getvalue()
