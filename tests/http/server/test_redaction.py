"""Log lines contain no personal data, wherever they come from."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from api.http import logs
from tests.http.log_lines import captured_logs


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    with captured_logs() as out:
        yield out


WITHDRAW_LINK = "AQAAAAECAwQFBgcICQoLDA0ODxAREhMUFRYX.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmE0MzQz"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no such mailbox: alice@example.com", "no such mailbox: [address]"),
        ("<bob+news@bücher.example> bounced", "<[address]> bounced"),
        ("GET /p?email=alice%40example.com", "GET /p?email=[address]"),
        ("call +48 600 100 200 back", "call [address] back"),
        ("+48600100200", "[address]"),
        ("sayso_3fa9b2c1_xYz0123456789abcdefGHIJKL refused", "[token] refused"),
        (f"bad link {WITHDRAW_LINK}", "bad link [token]"),
        (f"http://sayso.example/u/{WITHDRAW_LINK}?lang=pl", "http://sayso.example/u/[token]?lang=pl"),
        ("http://sayso.example/c/short", "http://sayso.example/c/[token]"),
        ("http://sayso.example/f/short", "http://sayso.example/f/[token]"),
        ("POST /p/anything-at-all 500", "POST /p/[token] 500"),
    ],
)
def test_addresses_and_tokens_are_redacted_in_any_text(text: str, kept: str) -> None:
    assert logs.without_secrets(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T23:34:14.123456Z",
        "/p/{token}",
        "preference_center/ledger.py:81 record",
        "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
        "0002_constraints, 0003_guards_and_indexes",
    ],
)
def test_text_without_personal_data_is_kept(text: str) -> None:
    assert logs.without_secrets(text) == text


def test_an_exception_is_logged_without_personal_data(logged: io.StringIO) -> None:
    try:
        raise ValueError("duplicate: alice@example.com DETAIL: Key (name)=(Alice) exists")
    except ValueError:
        structlog.get_logger().exception("fault")

    line = json.loads(logged.getvalue())
    assert line["event"] == "fault"
    assert line["error"] == "ValueError"
    assert line["message"] == "duplicate: [address]"
    assert line["where"][0].endswith("without_personal_data")
    assert "Alice" not in logged.getvalue()


def test_logs_of_libraries_have_the_same_format(logged: io.StringIO) -> None:
    logging.getLogger("some.library").warning("cannot reach %s", "bob@example.com")

    line = json.loads(logged.getvalue())
    assert line["event"] == "cannot reach [address]"
    assert line["level"] == "warning"


def test_values_inside_lists_and_objects_are_redacted_too(logged: io.StringIO) -> None:
    structlog.get_logger().info("seen", people=["charlie@example.com"], more={"phone": "+48600100200"})

    line = json.loads(logged.getvalue())
    assert line["people"] == ["[address]"]
    assert line["more"] == {"phone": "[address]"}


def test_the_console_format_is_redacted_too() -> None:
    with captured_logs("console") as out:
        structlog.get_logger().info("seen", who="alice@example.com")

    assert "alice" not in out.getvalue()
    assert "[address]" in out.getvalue()
