"""What people were shown: kept once for a version and a language (R18); what erasure leaves of it (R36)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.erasure import erase as erasure
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
    """A change of the recipient's own, proved by what they read."""
    return by_recipient(evidence=EvidenceFacts(shown_text=text, locale=language, own_page=own_page))


def given(text: str) -> Provenance:
    """A change with a wording that whoever made it says was shown."""
    proof = EvidenceFacts(shown_text=text)
    return by_recipient(ConsentOrigin.KEYWORD, evidence=proof)


async def texts() -> list[str]:
    """Every wording that is kept, the first shown first."""
    return [row["text"] for row in await database.fetch("SELECT text FROM shown_wordings ORDER BY id")]


async def wording_of(event_id: int | None) -> evidence.ShownText | None:
    """What an event refers to."""
    assert event_id
    found = (await evidence.of_events([event_id])).get(event_id)
    return found.shown_text if found else None


class Said:
    """The statements about wordings that reach the database."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all: list[str] = []
        for name in ("fetch", "execute"):
            monkeypatch.setattr(database, name, self._noting(getattr(database, name)))

    def _noting(self, act: Any) -> Any:
        async def noting(sql: str, *values: Any) -> Any:
            self.all.append(sql)
            return await act(sql, *values)

        return noting

    @property
    def about_wordings(self) -> list[str]:
        return [sql for sql in self.all if "shown_wordings" in sql]


async def test_a_thousand_who_read_the_same_refer_to_one_row(brands: Brands, clock: Clock) -> None:
    people = list((await recipients.ensure(parse(f"person{n}@example.com") for n in range(1_000))).values())
    intents = [Intent(person, EMAIL, IN, brands.acme, brands.digest) for person in people]
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
    assert {one.shown_text.id for one in found.values() if one.shown_text} == {row["id"]}


async def test_another_text_and_another_language_are_versions_of_their_own(
    brands: Brands, alice: int
) -> None:
    """The same text in the same language is the version from before, whenever it is shown again."""
    said = [
        (PAGE, "en"),
        ("☑ Digest (Email)\n[Save choices]", "en"),
        (PAGE, "pl"),
        (PAGE, None),
        (PAGE, "en"),
    ]
    ids = []
    for number, (text, language) in enumerate(said):
        status = OUT if number % 2 else IN
        [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, status)], shown(text, language))
        wording = await wording_of(outcome.event_id)
        assert wording
        assert (wording.text, wording.language) == (text, language)
        ids.append((wording.id, wording.digest))
    assert ids[0] == ids[4]
    assert len(set(ids)) == len({digest for _, digest in ids}) == 4


async def test_a_page_that_was_pressed_before_is_not_asked_for_again(
    brands: Brands, alice: int, bob: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Said(monkeypatch)
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert said.about_wordings
    said.all.clear()
    await update_preferences(bob, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert said.about_wordings == []
    if database.dialect() == "postgres":
        written = [sql for sql in said.all if sql.startswith("WITH new_event")]
        assert len(written) == 1
        assert "INTO evidence" in written[0]


async def test_a_wording_of_a_change_that_was_rolled_back_is_stored_with_the_next(
    brands: Brands, alice: int
) -> None:
    async def fails_at_last() -> None:
        async with transactions.write_transaction():
            await record_in_transaction([Intent(alice, EMAIL, IN, brands.acme, brands.digest)], shown(PAGE))
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk"):
        await fails_at_last()
    assert await texts() == []
    [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    wording = await wording_of(outcome.event_id)
    assert wording
    assert wording.text == PAGE


async def test_nothing_is_kept_of_what_changed_nothing(brands: Brands, alice: int) -> None:
    """R16"""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert await texts() == []


async def test_erasing_deletes_a_given_wording_with_the_last_who_needs_it(
    brands: Brands, alice: int, bob: int
) -> None:
    """R36: what somebody else handed in may name the person."""
    both, hers = "I agree, yours at the fair", "I, Alice, agree"
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], given(both))
    await update_preferences(alice, [(brands.letters, EMAIL, IN)], given(hers))
    [of_bob] = await update_preferences(bob, [(brands.digest, EMAIL, IN)], given(both))

    await erasure.erase_recipient(alice, TEAM)
    assert await texts() == [both]
    kept = await wording_of(of_bob.event_id)
    assert kept
    assert kept.text == both

    await erasure.erase_recipient(bob, TEAM)
    assert await texts() == []


async def test_erasing_keeps_what_sayso_itself_shows_and_goes_on_referring_to_it(
    brands: Brands, alice: int, bob: int
) -> None:
    [hers] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE))
    await erasure.erase_recipient(alice, TEAM)
    assert await texts() == [PAGE]
    assert await wording_of(hers.event_id) is None
    [his] = await update_preferences(bob, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert await wording_of(his.event_id)


async def test_a_given_text_that_a_page_shows_later_stays_for_the_page(
    brands: Brands, alice: int, bob: int
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], shown(PAGE, own_page=False))
    await update_preferences(bob, [(brands.digest, EMAIL, IN)], shown(PAGE))
    assert await texts() == [PAGE]
    await erasure.erase_recipient(alice, TEAM)
    await erasure.erase_recipient(bob, TEAM)
    assert await texts() == [PAGE]


async def test_an_erased_given_wording_can_be_given_again(brands: Brands, alice: int, bob: int) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], given("STOP"))
    await erasure.erase_recipient(alice, TEAM)
    [outcome] = await update_preferences(bob, [(brands.digest, EMAIL, OUT)], given("STOP"))
    wording = await wording_of(outcome.event_id)
    assert wording
    assert wording.text == "STOP"
