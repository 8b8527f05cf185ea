"""A database from before shown texts were stored once: each event keeps its evidence (R18)."""

from __future__ import annotations

from typing import Any

from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.erasure.erase import erase_recipient
from preference_center.history import evidence, verification
from preference_center.ledger.types import EvidenceFacts
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database, migration
from preference_center.upgrade import schema_state
from tests.conftest import TEAM, by_recipient, update_preferences

PAGE, WITH_NUMBER = "☑ Weekly digest (Email)\n[Save choices]", "SMS and WhatsApp: +48 ••• 567\n[Save choices]"
EVIDENCE: list[tuple[str, str | None, str | None, str | None]] = [
    ("PREFERENCE_PAGE", PAGE, "en", "http://sayso.test/p"),
    ("PREFERENCE_PAGE", PAGE, "en", "http://sayso.test/p?campaign=spring"),
    ("PREFERENCE_PAGE", PAGE, "pl", "http://sayso.test/p"),
    ("PREFERENCE_PAGE", WITH_NUMBER, "en", "http://sayso.test/p?campaign=spring&link=email"),
    ("KEYWORD", "STOP", None, "sms:+44123"),
    ("KEYWORD", "STOP", "en", "sms:+44123"),
    ("CONTACT_RECORD", None, None, None),
]


async def _fill() -> None:
    """Insert a unit, a type, a recipient, and an event for each of EVIDENCE, in the old schema."""
    at = database.now()
    await database.execute(
        "INSERT INTO business_units (id, key, name, created_at) VALUES (1, 'a', 'A', $1)", at
    )
    await database.execute(
        "INSERT INTO subscription_types (id, key, reference, business_unit_id, names, descriptions, channels,"
        " created_at) VALUES (1, 'd', $1, 1, $2, $3, $4, $5)",
        *(b"123456", '{"en": "D"}', "{}", '["EMAIL"]', at),
    )
    await database.execute(
        "INSERT INTO recipients (id, kind, fingerprint, created_at) VALUES (1, 'EMAIL', $1, $2)",
        b"1" * 16,
        at,
    )
    for number, (origin, wording, locale, url) in enumerate(EVIDENCE, 1):
        before, after = ("OPTED_OUT", "OPTED_IN") if number % 2 else ("OPTED_IN", "OPTED_OUT")
        await database.execute(
            "INSERT INTO consent_events (recipient_id, channel, business_unit_id, subscription_type_id,"
            " before, after, superseded, origin, actor, occurred_at, recorded_at)"
            " VALUES (1, 'EMAIL', 1, 1, $1, $2, FALSE, $3, 'x', $4, $4)",
            *("NOT_OPTED" if number == 1 else before, after, origin, at),
        )
        await database.execute(
            "INSERT INTO evidence (event_id, explanation, url, wording, locale) VALUES ($1, $2, $3, $4, $5)",
            *(number, f"note {number}", url, wording, locale),
        )


async def test_each_text_is_stored_once_and_still_belongs_to_each_event(before_0017: Settings) -> None:
    await _fill()
    assert await migration.migrate(before_0017) != []

    found = await evidence.of_events(range(1, len(EVIDENCE) + 1))
    shown: list[Any] = []
    for number in range(1, len(EVIDENCE) + 1):
        recorded = found.get(number)
        text = recorded.shown_text if recorded else None
        shown.append((text and text.text, recorded and recorded.language, recorded and recorded.url))
        assert text is None or text.language == (recorded and recorded.language)
    assert shown == [stored[1:] for stored in EVIDENCE]
    rows = await database.fetch("SELECT text, language, own_page FROM shown_wordings")
    assert {(row["text"], row["language"], bool(row["own_page"])) for row in rows} == {
        (PAGE, "en", True),
        (PAGE, "pl", True),
        (WITH_NUMBER, "en", False),  # shows part of a phone number
        ("STOP", None, False),
        ("STOP", "en", False),
    }
    notes = await database.fetch("SELECT explanation FROM evidence ORDER BY event_id")
    assert [row["explanation"] for row in notes] == [f"note {n}" for n in range(1, len(EVIDENCE) + 1)]


async def test_the_same_text_shown_after_the_migration_is_the_same_row(before_0017: Settings) -> None:
    await _fill()
    await migration.migrate(before_0017)
    catalog = await exact_catalog()
    subscription_type = catalog.type_by_key("d")
    assert subscription_type
    on_the_page = by_recipient(evidence=EvidenceFacts(shown_text=PAGE, locale="en", own_page=True))
    [outcome] = await update_preferences(
        1, [(subscription_type, Channel.EMAIL, PreferenceStatus.OPTED_IN)], on_the_page
    )
    assert outcome.event_id
    found = await evidence.of_events([1, outcome.event_id])
    assert found[1].shown_text == found[outcome.event_id].shown_text


async def test_erasing_deletes_texts_that_may_name_the_person(before_0017: Settings) -> None:
    """R36"""
    await _fill()
    await migration.migrate(before_0017)
    await erase_recipient(1, TEAM)
    rows = await database.fetch("SELECT text, language FROM shown_wordings ORDER BY language")
    assert [(row["text"], row["language"]) for row in rows] == [(PAGE, "en"), (PAGE, "pl")]


async def test_an_empty_database_is_migrated_too(before_0017: Settings) -> None:
    await migration.migrate(before_0017)
    assert (await schema_state.read()).is_current
    assert [line async for line in verification.verify()] == []
