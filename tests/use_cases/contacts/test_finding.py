"""Finding contacts: filters of every kind, compared with the plain way over generated contacts."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.contacts import contacts, property_pages
from preference_center.contacts import pages as contact_pages
from preference_center.contacts.conditions import (
    DeliverabilityIs,
    Operator,
    PausedIs,
    PendingOptInIs,
    Period,
    PreferenceIs,
    PropertyComparison,
)
from preference_center.contacts.filter import Condition, ContactFilter
from preference_center.contacts.filter_json import from_json, to_json
from preference_center.contacts.pages import ContactOrder, PageRequest
from preference_center.preferences import changes as preferences
from preference_center.recipients import refused_addresses
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse_email
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database, sqlite_file
from schema.contacts.filter_shown import shown_filter
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.use_cases.contacts.plain_filter import Known, holds

FIRST = ["Ada", "Zofia", "Émile", "李明", None, "Anna-Maria", "O'Neil"]
LAST = ["Lovelace", "Żak", "van Gogh", None, "Straße", "100%_", 'Quo"te']
DOMAINS = ["example.com", "mail.example.com", "beispiel.example", "xn--bcher-kva.example"]
BIG = 2**53
VALUES: list[Any] = [
    *(0, 1, -1, 41, 41.5, 41.0, BIG, BIG + 1, -(2**62), 5e-324, 1e-290, -1e-290, 1.5e308),
    *(
        "",
        "a",
        "basic",
        "Basic",
        "basic plan",
        "2026-01-02",
        "żółw",
        "x" * 199 + "ab",
        "x" * 199 + "ac",
        "\U0010ffff",
        "\U0010ffffz",
    ),
    *(True, False, None, [], ["a", 1, True], ["basic"], [41], {"a": 1}, {}, [["a"]]),
]
NAMES = ["plan", "age", 'we"ird.$', "n" * 201]


def generated(source: random.Random, number: int) -> dict[str, Any]:
    """The fields of a contact."""
    email = f"{source.choice(['ada', 'bob', 'z'])}.{number}@{source.choice(DOMAINS)}"
    has_email = source.random() < 0.8
    has_phone = not has_email or source.random() < 0.5
    return {
        "email": email if has_email else None,
        "phone": f"+4860123456{source.randrange(8)}" if has_phone else None,
        "first_name": source.choice(FIRST),
        "last_name": source.choice(LAST),
        "processing_basis": source.choice([None, LegalBasis.NON_GDPR, LegalBasis.PROCESS_AND_STORE]),
        "properties": {name: source.choice(VALUES) for name in NAMES if source.random() < 0.7},
    }


@pytest.fixture
async def crowd(brands: Brands, clock: Clock) -> list[Known]:
    """Forty contacts with decisions, pending opt-ins, pauses and refused addresses; some changed later."""
    source = random.Random(7)
    made = []
    for number in range(40):
        made.append(await contacts.create(**generated(source, number)))
        clock.forward(minutes=1)
    for number, row in enumerate(made):
        await _decide(source, brands, clock, row)
        if number % 7 == 0:
            await contacts.update(row.id, replace_properties={"plan": source.choice(VALUES)}, last_name="Neu")
    rows = await contacts.get_many(row.id for row in made)
    states = await read_states({id for row in rows.values() for id in row.recipient_ids})
    return [
        Known(row, states.get(row.email_recipient_id or 0), states.get(row.phone_recipient_id or 0))
        for row in rows.values()
    ]


async def _decide(source: random.Random, brands: Brands, clock: Clock, row: contacts.ContactRow) -> None:
    if row.email_recipient_id:
        status = source.choice(list(PreferenceStatus))
        given = source.choice([by_recipient(), by_team(), by_team(ConsentOrigin.INTEGRATION)])
        change = (brands.digest, Channel.EMAIL, status)
        ago = clock.at - timedelta(days=source.randrange(3))
        await update_preferences(row.email_recipient_id, [change], replace(given, occurred_at=ago))
        clock.forward(minutes=1)
        if source.random() < 0.4:
            pending = (brands.offers, Channel.EMAIL, PreferenceStatus.OPTED_IN)
            await update_preferences(row.email_recipient_id, [pending], by_team())
        if source.random() < 0.3:
            await refused_addresses.mark_unusable(parse_email(row.email or ""), "550")
    for recipient_id, channel in (
        (row.email_recipient_id, Channel.EMAIL),
        (row.phone_recipient_id, Channel.SMS),
    ):
        if recipient_id and source.random() < 0.3:
            unit = source.choice([brands.acme, brands.bazaar])
            until = clock.at + timedelta(minutes=source.choice([1, 10_000]))
            await preferences.pause(recipient_id, channel, unit, until, by_recipient())


def conditions(source: random.Random, brands: Brands, clock: Clock) -> dict[str, Any]:
    """One value of each new condition."""
    instant = clock.at - timedelta(minutes=source.randrange(0, 180))
    return {
        "search": source.choice(
            (
                *(
                    "ada",
                    "ove",
                    "@example.com",
                    "a",
                    "li",
                    "李明",
                    "žak",
                    "żak",
                    "601 234",
                    "0601234",
                    "123-456",
                ),
                *("gh va", "'", "o'n", "_%", "100%_", 'quo"te', "neu", "na-ma", ".ex", "4 5 6", "+48", ""),
                "strasse",
            )
        ),
        "email_domains": source.sample([*DOMAINS, "EXAMPLE.com", "no domain"], 2),
        "phones": [f"+48 601 234 56{source.randrange(8)}" for _ in range(2)],
        "has_email": source.random() < 0.5,
        "has_phone": source.random() < 0.5,
        "processing_bases": source.sample(list(LegalBasis), 4),
        "has_processing_basis": source.random() < 0.5,
        "updated_from": instant,
        "updated_before": instant + timedelta(minutes=60),
        "properties": [comparison(source) for _ in range(source.choice([1, 1, 2]))],
        "preference": PreferenceIs(
            brands.digest,
            Channel.EMAIL,
            source.choice(list(PreferenceStatus)),
            source.choice([None, [ConsentOrigin.INTEGRATION, ConsentOrigin.PREFERENCE_PAGE]]),
            source.choice([None, Period(instant), Period(None, instant)]),
            source.choice([None, Period(instant - timedelta(days=1)), Period(None, instant)]),
        ),
        "preference_changed": PreferenceIs(
            brands.digest,
            Channel.EMAIL,
            None,
            source.choice([None, [ConsentOrigin.INTEGRATION]]),
            source.choice([None, Period(instant)]),
            source.choice([None, Period(None, instant)]),
        ),
        "pending_opt_in": PendingOptInIs(
            source.choice([None, brands.offers, brands.digest]),
            source.choice([None, Channel.EMAIL, Channel.SMS]),
            source.random() < 0.7,
        ),
        "paused": PausedIs(
            source.choice([None, brands.acme]),
            source.choice([None, Channel.EMAIL, Channel.SMS]),
            source.random() < 0.7,
        ),
        "deliverability": DeliverabilityIs(source.random() < 0.5, source.choice(list(Channel))),
    }


def comparison(source: random.Random) -> PropertyComparison:
    operator = source.choice(list(Operator))
    name = source.choice(NAMES)
    sized = [
        value for value in VALUES if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    if operator is Operator.EXISTS:
        return PropertyComparison(name, operator, source.random() < 0.5)
    if operator is Operator.IN:
        return PropertyComparison(name, operator, source.sample([v for v in VALUES if v is not None], 3))
    if operator is Operator.CONTAINS:
        return PropertyComparison(name, operator, source.choice([*sized, True, "asi", "x"]))
    return PropertyComparison(name, operator, source.choice(sized))


async def test_every_condition_selects_what_the_plain_way_selects(
    brands: Brands, clock: Clock, crowd: list[Known]
) -> None:
    source = random.Random(11)
    selected = 0
    for _ in range(40):
        for name, value in conditions(source, brands, clock).items():
            wanted = ContactFilter(**{name: value})
            if source.random() < 0.3:
                wanted = ContactFilter(negated=wanted)
            expected = {known.row.id for known in crowd if holds(wanted, known)}
            assert await found(wanted, by_index=True) == expected, wanted
            assert await found(wanted, by_index=False) == expected, wanted
            selected += 0 < len(expected) < len(crowd)
    assert selected > 200


async def found(wanted: ContactFilter, *, by_index: bool) -> set[int]:
    condition = Condition(by_index=by_index)
    where = condition.matching(wanted)
    rows = await database.fetch(f"SELECT c.id FROM contacts c WHERE {where}", *condition.values)
    return {row["id"] for row in rows}


async def test_a_stored_filter_is_the_same_filter(brands: Brands, clock: Clock) -> None:
    source, catalog = random.Random(3), await exact_catalog()
    for _ in range(20):
        wanted = ContactFilter(**conditions(source, brands, clock))
        stored = to_json(wanted)
        assert from_json(stored, catalog) == wanted
        assert {"updatedAt", "properties", "paused", "deliverability"} <= shown_filter(stored).keys()


async def test_pages_by_a_property_have_every_contact_once_in_order(crowd: list[Known]) -> None:
    for descending, size in itertools.product((False, True), (1, 4, 100)):
        await check_pages(crowd, descending, size)


async def check_pages(crowd: list[Known], descending: bool, size: int) -> None:
    having = [known.row for known in crowd if _sort_key(known.row)[0] is not None]
    lacking = [known.row for known in crowd if _sort_key(known.row)[0] is None]
    expected = [
        *sorted(having, key=_sort_key, reverse=descending),
        *sorted(lacking, key=lambda row: row.id, reverse=descending),
    ]
    assert len(having) > 8
    assert len(lacking) > 8
    for backwards in (False, True):
        pages: list[list[int]] = []
        edge = None
        while True:
            edges = {"before": edge} if backwards else {"after": edge}
            request = PageRequest(size, backwards=backwards, **edges)  # type: ignore[arg-type]
            page = await property_pages.page(None, "plan", request, descending=descending)
            pages.append([row.id for row in page.rows])
            if not page.has_more:
                break
            edge = page.positions[page.rows[0 if backwards else -1].id]
        ordered = pages[::-1] if backwards else pages
        assert [id for each in ordered for id in each] == [row.id for row in expected]


def _sort_key(row: contacts.ContactRow) -> tuple[Any, ...]:
    value = row.properties.get("plan")
    if isinstance(value, bool):
        return (3, float(value), "", row.id)
    if isinstance(value, int | float):
        shortened = 0.0 if abs(value) < 1e-280 else max(min(float(value), 1e308), -1e308)
        return (1, shortened, "", row.id)
    return (2, 0.0, min(value[:200], "\U0010fffe"), row.id) if isinstance(value, str) else (None, row.id)


async def test_a_condition_that_holds_for_many_selects_the_same_on_every_page(
    brands: Brands, clock: Clock, crowd: list[Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = random.Random(5)
    for many in (2, 10_000):
        monkeypatch.setattr(contact_pages, "_MANY", many)
        for _ in range(10):
            given = conditions(source, brands, clock)
            for wanted in (
                ContactFilter(search=given["search"]),
                ContactFilter(search="example", properties=given["properties"]),
                ContactFilter(negated=ContactFilter(properties=given["properties"])),
            ):
                page = await contact_pages.page(wanted, ContactOrder.CREATED_AT_DESC, PageRequest(100))
                expected = [known.row.id for known in crowd if holds(wanted, known)]
                assert [row.id for row in page.rows] == sorted(expected, reverse=True)


async def test_a_page_by_a_property_holds_only_what_the_filter_selects(crowd: list[Known]) -> None:
    wanted = ContactFilter(has_phone=True)
    page = await property_pages.page(wanted, "plan", PageRequest(100), descending=False)
    assert {row.id for row in page.rows} == {known.row.id for known in crowd if known.row.phone}


async def test_the_indexes_follow_every_change_of_a_contact(crowd: list[Known]) -> None:
    for known in crowd:
        await contacts.delete(known.row.id)
    assert list(await database.fetch("SELECT * FROM contact_properties")) == []
    if database.dialect() == "sqlite":
        query = "SELECT rowid FROM contact_search WHERE contact_search MATCH '\"ada\"'"
        assert list(await database.fetch(query)) == []
        await database.fetch("INSERT INTO contact_search (contact_search) VALUES ('integrity-check')")
    again = await contacts.create(email="ada@example.com", properties={"plan": "a"})
    page = await contact_pages.page(ContactFilter(search="ada"), ContactOrder.NAME_ASC, PageRequest(9))
    assert [row.id for row in page.rows] == [again.id]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_erasure_leaves_no_part_of_a_name_in_the_full_text_index(db: Settings) -> None:
    """R36: the index keeps the entries of deleted rows until it merges them."""
    for first_name in ("Ada", "Zofia"):
        person = await contacts.create(email=f"{first_name}@example.com", first_name=first_name)
        await contacts.delete(person.id)
    entries = "SELECT COUNT(*) AS entries FROM contact_search_idx"
    assert (await database.fetch(entries))[0]["entries"] > 0
    path = sqlite_file.path_of(db)
    assert path
    await sqlite_file.rewrite(path)
    assert (await database.fetch(entries))[0]["entries"] == 0
