"""`sayso demo`, `sayso link` and `sayso verify`."""

import asyncio
import re

import pytest

from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.cli.installation import Installation
from tests.conftest import settings_for


def test_the_demo_prints_its_links_every_time(installation: Installation) -> None:
    first = installation.says("demo", "--contacts", "20")
    again = installation.says("demo", "--contacts", "20", "--once")

    assert "made 20 demo contacts" in first
    for page in ("/graphql", "/p/", "/u/", "/c/", "/v/"):
        assert f"http://127.0.0.1:8000{page}" in first
    assert "made" not in again
    assert token_in(first) == token_in(again)


def token_in(text: str) -> str:
    found = re.search(r"sayso_\w{8}_[\w-]+", text)
    assert found
    return found[0]


def test_a_revoked_demo_token_is_replaced(installation: Installation) -> None:
    first = token_in(installation.says("demo", "--contacts", "1"))
    installation.says("token", "revoke", "demo")
    second = token_in(installation.says("demo", "--once"))

    assert first != second


def test_a_second_demo_changes_nothing_and_explains_why(installation: Installation) -> None:
    installation.says("demo", "--contacts", "3")
    result = installation.run("demo", "--contacts", "3")

    assert result.returncode == 1
    assert "already" in result.stderr


def test_only_the_owner_can_read_the_demo_token(installation: Installation) -> None:
    installation.says("demo", "--contacts", "1")

    assert (installation.data_dir / "demo-token").stat().st_mode & 0o077 == 0


def test_the_demos_state_matches_its_ledger(installation: Installation) -> None:
    installation.says("demo", "--contacts", "50")

    assert installation.says("verify").strip() == "the state is what the ledger says"


def test_verify_lists_changes_that_bypassed_the_ledger(installation: Installation) -> None:
    installation.says("demo", "--contacts", "20")
    asyncio.run(tamper(installation))
    result = installation.run("verify")

    assert result.returncode == 1
    assert re.search(r"the ledger says \d+, OPTED_OUT, .*, the current state is \d+, OPTED_IN", result.stdout)


async def tamper(installation: Installation) -> None:
    config = settings_for(installation.database_url, installation.data_dir)
    async with open_database(config):
        changed = await database.execute(
            "UPDATE preferences SET status = 'OPTED_IN' WHERE status = 'OPTED_OUT'"
        )
    assert changed


def test_link_prints_the_links_and_both_headers(installation: Installation) -> None:
    installation.says("demo", "--contacts", "1")
    printed = installation.says("link", "--email", " Ada.Lovelace@Example.com ")

    assert re.search(r"^  manage +http://127\.0\.0\.1:8000/p/\S+$", printed, re.MULTILINE)
    assert re.search(r"^  unsubscribe +http://127\.0\.0\.1:8000/u/\S+$", printed, re.MULTILINE)
    assert re.search(r"^  List-Unsubscribe: <http://127\.0\.0\.1:8000/u/\S+>$", printed, re.MULTILINE)
    assert "  List-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in printed


def test_link_for_a_phone_number_prints_both_channels(small: Installation) -> None:
    printed = small.says("link", "--phone", "+48 601 234 567")

    assert [line for line in printed.splitlines() if not line.startswith(" ")] == ["SMS", "WHATSAPP"]


def test_link_prints_a_preview_of_a_units_page(installation: Installation) -> None:
    installation.says("demo", "--contacts", "1")
    printed = installation.says("link", "--preview", "lantern-books", "--lang", "pl")

    assert re.fullmatch(r"http://127\.0\.0\.1:8000/v/\S+\?lang=pl\n", printed)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "--email or --phone"),
        (("--preview", "acme", "--email", "alice@example.com"), "without --email"),
        (("--preview", "no-such-unit"), "no-such-unit"),
        (("--email", "alice@example.com", "--phone", "+48601234567"), "--email or --phone"),
        (("--email", "not an address"), "address"),
        (("--phone", "601234567"), "country"),
        (("--email", "alice@example.com", "--type", "no-such-type"), "no-such-type"),
    ],
)
def test_link_reports_invalid_arguments(small: Installation, arguments: tuple[str, ...], word: str) -> None:
    result = small.run("link", *arguments)

    assert result.returncode in (1, 2)
    assert word in result.stderr
    assert "Traceback" not in result.stderr
