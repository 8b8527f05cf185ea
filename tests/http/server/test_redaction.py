"""Log lines contain no personal data, wherever they come from."""

import io
import json
import logging
import time
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
    ("text", "kept"),
    [
        ("sayso_3fa9b2c1_xYz:alice@example.com", "[address]"),
        ("http://sayso.example/u/short?alice@example.com", "[address]"),
        ("http://sayso.example/u/short?x=alice@example.com", "http://sayso.example/u/[token]?x=[address]"),
        ("a%40b%40c.example said no", "[address] said no"),
        ("alice@example.com@evil.example", "[address]@evil.example"),
        ("line\nevent=forged\r\x1b[2J\u2028", "line\\nevent=forged\\r\\x1b[2J\\u2028"),
        ("half of a pair: \ud83d", "half of a pair: \\ud83d"),
    ],
)
def test_texts_with_several_secrets_or_control_characters_are_redacted(text: str, kept: str) -> None:
    assert logs.without_secrets(text) == kept


@pytest.mark.parametrize(
    "secret", ["alice@example.com", "alice%40example.com", WITHDRAW_LINK, f"/p/{WITHDRAW_LINK}"]
)
def test_a_long_text_is_cut_before_the_secret_that_the_cut_goes_through(secret: str) -> None:
    for before in range(400, 510):
        shown = logs.without_secrets("x " * (before // 2) + secret + " and more" * 100)
        assert len(shown) <= 520
        assert shown.endswith("…")
        for size in range(4, len(secret)):
            assert secret[:size] not in shown


@pytest.mark.parametrize(
    "shape",
    [
        "a",
        "a.",
        "+1",
        "%40",
        "@",
        "a@",
        "a%40",
        "+4860 ",
        "/p/",
        "sayso_",
        '"',
        "\n",
        "\ud800",
        "-",
        "(",
        "+1(",
        "A" * 30 + ".",
    ],
)
def test_a_megabyte_of_any_shape_takes_no_time(shape: str) -> None:
    """Each pattern reads a text once: ten times the text takes ten times as long, not a hundred times."""
    text = shape * (1_000_000 // len(shape))
    started = time.process_time()
    assert len(logs.without_secrets(text)) < 4000
    for pattern in (logs._ADDRESSES, logs._TOKENS):
        pattern.sub("", text[:200_000])

    assert time.process_time() - started < 2  # it took minutes


def test_structures_are_logged_in_part(logged: io.StringIO) -> None:
    deep: list[object] = []
    for _ in range(50):
        deep = [deep]
    structlog.get_logger().info(
        "x" * 100_000, many=list(range(100_000)), deep=deep, **{"k" * 9000: "v" * 9000}
    )

    assert len(logged.getvalue()) < 5000


def test_no_text_begins_a_line_of_its_own() -> None:
    for log_format in ("json", "console"):
        with captured_logs(log_format) as out:
            structlog.get_logger().info("one\ntwo", value="three\nfour\r\x1b[31mfive")
            logging.getLogger("some.library").warning("six\nseven %s", "eight\u2028nine")
        assert len(out.getvalue().splitlines()) == 2
        assert "\x1b[31mfive" not in out.getvalue()


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
