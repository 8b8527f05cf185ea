"""Shown texts: each version is stored once for a language (R18); what erasure deletes of them (R36)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.erasure.erase import erase_recipient
from preference_center.history import evidence
from preference_center.ledger.record import record, record_in_transaction
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database, transactions
from tests.conftest import TEAM, Brands, Clock, by_recipient, update_preferences

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
PAGE = "☑ Weekly digest (Email)\n[Save choices]"


def shown(text: str, language: str | None = "en", *, own_page: bool = True) -> Provenance:
    """A recipient's own change, with a text they were shown as evidence."""
    return by_recipient(evidence=EvidenceFacts(shown_text=text, locale=language, own_page=own_page))


def given(text: str) -> Provenance:
    """A recipient's own change, with a text that a caller gave as evidence."""
    proof = EvidenceFacts(shown_text=text)
    return by_recipient(ConsentOrigin.KEYWORD, evidence=proof)


async def texts() -> list[str]:
    """Every stored text, oldest first."""
    return [row["text"] for row in await database.fetch("SELECT text FROM shown_wordings ORDER BY id")]


async def shown_text_of(event_id: int | None) -> evidence.ShownText | None:
    """The text that an event's evidence refers to."""
    assert event_id
    found = (await evidence.of_events([event_id])).get(event_id)
    return found.shown_text if found else None


class Statements:
    """The statements sent to the database."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all: list[str] = []
        for name in ("fetch", "execute"):
            monkeypatch.setattr(database, name, self._recording(getattr(database, name)))

    def _recording(self, send: Any) -> Any:
        async def recording(sql: str, *values: Any) -> Any:
            self.all.append(sql)
            return await send(sql, *values)

        return recording

    @property
    def about_texts(self) -> list[str]:
        return [sql for sql in self.all if "shown_wordings" in sql]


async def test_a_thousand_recipients_shown_the_same_text_refer_to_one_row(
    brands: Brands, clock: Clock
) -> None:
    addresses = [parse(f"person{n}@example.com") for n in range(1_000)]
    recipient_ids = (await recipients.ensure(addresses)).values()
    intents = [Intent(id_, EMAIL, IN, brands.acme, brands.digest) for id_ in recipient_ids]
    first_shown = clock.at
    outcomes = await record(intents[:-3], shown(PAGE))
    clock.forward(days=1)
    for intent in intents[-3:]:
        outcomes += await record([intent], shown(PAGE))

    [row] = await database.fetch("SELECT * FROM shown_wordings")
    assert (row["language"], row["text"]) == ("en", PAGE)
    assert database.instant(row["first_shown_at"]) == first_shown
    found = await evidence.of_events([outcome.event_id for outcome in outcomes if outcome.event_id])
    assert len(found) == 1_000
    assert {each.shown_text.id for each in found.values() if each.shown_text} == {row["id"]}


async def test_each_text_in_each_language_is_a_version_of_its_own(brands: Brands, alice: int) -> None:
    """The same text in the same language is the same version whenever it is shown again."""
    texts_shown = [
        (PAGE, "en"),
        ("☑ Digest (Email)\n[Save choices]", "en"),
        (PAGE, "pl"),
        (PAGE, None),
        (PAGE, "en"),
    ]
    ids = []
    for number, (text, language) in enumerate(texts_shown):
        status = OUT if number % 2 else IN
        [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, status)], shown(text, language))
        version = await shown_text_of(outcome.event_id)
        assert version
        assert (version.text, version.language) == (text, language)
        ids.append((version.id, version.digest))
    assert ids[0] == ids[4]
    assert len(set(ids)) == len({digest for _, digest in ids}) == 4


async def test_the_id_of_a_pages_text_is_cached(
    brands: Brands, alice: int, bob: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = Statements(monkeypatch)
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert statements.about_texts
    statements.all.clear()
    await update_preferences(bob, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert statements.about_texts == []
    if database.dialect() == "postgres":
        written = [sql for sql in statements.all if sql.startswith("WITH new_event")]
        assert len(written) == 1
        assert "INTO evidence" in written[0]


async def test_a_text_whose_change_was_rolled_back_is_stored_with_the_next_change(
    brands: Brands, alice: int
) -> None:
    async def fail_at_the_end() -> None:
        async with transactions.write_transaction():
            await record_in_transaction([Intent(alice, EMAIL, IN, brands.acme, brands.digest)], shown(PAGE))
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk"):
        await fail_at_the_end()
    assert await texts() == []
    [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    stored = await shown_text_of(outcome.event_id)
    assert stored
    assert stored.text == PAGE


async def test_a_change_without_effect_stores_no_text(brands: Brands, alice: int) -> None:
    """R16"""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert await texts() == []


async def test_erasing_the_last_recipient_who_was_shown_a_given_text_deletes_it(
    brands: Brands, alice: int, bob: int
) -> None:
    """R36: a text that a caller gave may name the person."""
    of_both, of_alice = "I agree, yours at the fair", "I, Alice, agree"
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], given(of_both))
    await update_preferences(alice, [(brands.letters, EMAIL, IN)], given(of_alice))
    [of_bob] = await update_preferences(bob, [(brands.digest, EMAIL, IN)], given(of_both))

    await erase_recipient(alice, TEAM)
    assert await texts() == [of_both]
    kept = await shown_text_of(of_bob.event_id)
    assert kept
    assert kept.text == of_both

    await erase_recipient(bob, TEAM)
    assert await texts() == []


async def test_erasing_keeps_the_texts_of_saysos_own_pages_in_use(
    brands: Brands, alice: int, bob: int
) -> None:
    [of_alice] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    await erase_recipient(alice, TEAM)
    assert await texts() == [PAGE]
    assert await shown_text_of(of_alice.event_id) is None
    [of_bob] = await update_preferences(bob, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert await shown_text_of(of_bob.event_id)


async def test_a_given_text_that_a_page_shows_later_is_kept(brands: Brands, alice: int, bob: int) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE, own_page=False))
    await update_preferences(bob, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert await texts() == [PAGE]
    await erase_recipient(alice, TEAM)
    await erase_recipient(bob, TEAM)
    assert await texts() == [PAGE]


async def test_an_erased_text_can_be_given_again(brands: Brands, alice: int, bob: int) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], given("STOP"))
    await erase_recipient(alice, TEAM)
    [outcome] = await update_preferences(bob, [(brands.digest, EMAIL, OUT)], given("STOP"))
    stored = await shown_text_of(outcome.event_id)
    assert stored
    assert stored.text == "STOP"
