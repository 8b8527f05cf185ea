"""Finding contacts: every filter and order, compared with a selection in Python (R26)."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from preference_center.contacts import contacts
from preference_center.contacts import pages as contact_pages
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.fields import folded
from preference_center.contacts.filter import ContactFilter, OptedOutOfAllIs, PreferenceIs, PropertyEquals
from preference_center.contacts.pages import ContactOrder, PageRequest
from preference_center.errors import Invalid
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.counting import Count
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
PEOPLE = [
    {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "locale": "en"},
    {"email": "zofia@example.com", "first_name": "Zofia", "last_name": "Żak", "locale": "pl"},
    {"email": "adam@example.org", "first_name": "Adam", "last_name": "van Gogh", "locale": "pl"},
    {"email": "émile@example.com", "first_name": "Émile", "last_name": "Lovelace", "phone": "+48601234567"},
    {"phone": "+48601234567", "first_name": "ADELA", "last_name": "Zając"},
    {"phone": "+48601234568", "properties": {"vip": True, "age": 41, "city": "Kraków", "none": None}},
    {"email": "percent%_@example.com", "first_name": "100%", "properties": {"vip": "true", "age": 41.5}},
]


@pytest.fixture
async def people(brands: Brands, clock: Clock) -> list[ContactRow]:
    """Seven contacts; two of them created at the same instant."""
    created = []
    for number, person in enumerate(PEOPLE):
        created.append(await contacts.create(**person))
        if number != 2:
            clock.forward(minutes=1)
    return created


async def found(wanted: ContactFilter) -> set[int]:
    page = await contact_pages.page(wanted, ContactOrder.CREATED_AT_ASC, PageRequest(100))
    assert await contact_pages.count(wanted) == Count(len(page.rows))
    return {row.id for row in page.rows}


@pytest.mark.parametrize("order", [order for order in ContactOrder if not order.by_property])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_of_any_size_and_direction_have_every_contact_once_in_order(
    people: list[ContactRow], order: ContactOrder, size: int
) -> None:
    whole = [row.id for row in (await contact_pages.page(None, order, PageRequest(100))).rows]
    assert sorted(whole) == sorted(row.id for row in people)
    forwards: list[int] = []
    edge = None
    for _ in range(10):
        page = await contact_pages.page(None, order, PageRequest(size, after=edge))
        forwards += [row.id for row in page.rows]
        if not page.has_more:
            break
        edge = contact_pages.position(page.rows[-1], order)
    assert forwards == whole
    backwards: list[int] = []
    edge = None
    for _ in range(10):
        page = await contact_pages.page(None, order, PageRequest(size, backwards=True, before=edge))
        backwards = [row.id for row in page.rows] + backwards
        if not page.has_more:
            break
        edge = contact_pages.position(page.rows[0], order)
    assert backwards == whole


@pytest.mark.parametrize("order", [ContactOrder.NAME_ASC, ContactOrder.NAME_DESC])
async def test_people_without_a_name_are_last_in_both_directions(
    people: list[ContactRow], order: ContactOrder
) -> None:
    page = await contact_pages.page(None, order, PageRequest(100))
    assert [row.first_name for row in page.rows][-1] is None
    last_names = [row.last_name for row in page.rows if row.last_name]
    assert last_names == sorted(last_names, key=folded, reverse=order.descending)


@pytest.mark.parametrize("order", [ContactOrder.EMAIL_ASC, ContactOrder.EMAIL_DESC])
async def test_people_without_an_email_address_are_last_in_both_directions(
    people: list[ContactRow], order: ContactOrder
) -> None:
    page = await contact_pages.page(None, order, PageRequest(100))
    emails = [row.email for row in page.rows]
    assert emails[-2:] == [None, None]
    assert emails[:-2] == sorted(filter(None, emails), reverse=order.descending)


async def test_the_next_page_is_correct_after_contacts_are_added_and_deleted(
    people: list[ContactRow],
) -> None:
    order = ContactOrder.EMAIL_ASC
    first = await contact_pages.page(None, order, PageRequest(3))
    edge = contact_pages.position(first.rows[-1], order)
    await contacts.delete(first.rows[-1].id)
    await contacts.create(email="aaa@example.com")
    then = await contact_pages.page(None, order, PageRequest(100, after=edge))
    assert {row.id for row in then.rows} == {row.id for row in people} - {row.id for row in first.rows}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ada", {"Ada", "Adam"}),
        ("ADA", {"Ada", "Adam"}),
        ("love", {"Ada", "Émile"}),
        ("ada love", {"Ada"}),
        ("love ada", {"Ada"}),
        ("van gogh", {"Adam"}),
        ("żak", {"Zofia"}),
        ("É", {"Émile"}),
        ("percent%_", {"100%"}),
        ("%", set()),
        ("_", set()),
        ("gogh", {"Adam"}),
        ("go", set()),
        ("example.com", {"Ada", "Zofia", "Émile", "100%"}),
        ("@example.org", {"Adam"}),
        ("da@ex", {"Ada"}),
        ("OVELAC", {"Ada", "Émile"}),
        ("mile gog", set()),
        ("234567", {"Émile", "ADELA"}),
        ("+48 601 234 567", {"Émile", "ADELA"}),
        ("0601-23", {"Émile", "ADELA", None}),
        ("601 568", {None}),
        ("602 568", set()),
        ('"ada"', set()),
        ("'; DROP TABLE contacts; --", set()),
    ],
)
async def test_a_search_finds_parts_of_names_addresses_domains_and_phone_numbers(
    people: list[ContactRow], text: str, names: set[str]
) -> None:
    ids = await found(ContactFilter(search=text))
    assert {row.first_name for row in people if row.id in ids} == names


async def test_a_search_with_a_character_that_cannot_be_stored_names_the_field(
    people: list[ContactRow],
) -> None:
    with pytest.raises(Invalid) as refused:
        await found(ContactFilter(search="a\x00"))
    assert refused.value.field == ("filter", "search")


@pytest.mark.parametrize(
    ("name", "value", "places"),
    [
        ("vip", True, {5}),
        ("vip", "true", {6}),
        ("age", 41, {5}),
        ("age", 41.5, {6}),
        ("city", "Kraków", {5}),
        ("city", "krak", set()),
        ("none", None, {0, 1, 2, 3, 4, 5, 6}),
        ("vip", None, {0, 1, 2, 3, 4}),
        ("$.vip", True, set()),
    ],
)
async def test_a_property_equals(
    people: list[ContactRow], name: str, value: object, places: set[int]
) -> None:
    assert await found(ContactFilter(property=PropertyEquals(name, value))) == {people[n].id for n in places}


async def _decide(brands: Brands, people: list[ContactRow]) -> None:
    ids = [row.email_recipient_id or row.phone_recipient_id or 0 for row in people]
    await update_preferences(ids[0], [(brands.digest, EMAIL, IN)], by_team())
    await update_preferences(ids[1], [(brands.digest, EMAIL, OUT)], by_recipient())
    await preferences.opt_out_of_all(ids[2], EMAIL, brands.acme, by_team(ConsentOrigin.IMPORT))
    await preferences.opt_out_of_all(ids[3], EMAIL, brands.bazaar, by_recipient())
    await preferences.opt_out_of_all(ids[6], EMAIL, brands.acme, by_recipient())
    await preferences.remove_opt_out_of_all(ids[6], EMAIL, brands.acme, by_recipient())
    await update_preferences(ids[5], [(brands.digest, SMS, IN)], by_team())


async def test_contacts_are_filtered_by_their_consent(brands: Brands, people: list[ContactRow]) -> None:
    """R26: by type, unit, and origin of the opt-out."""
    await _decide(brands, people)
    imported = [ConsentOrigin.IMPORT]
    expected: list[tuple[ContactFilter, set[int]]] = [
        (ContactFilter(preference=PreferenceIs(brands.digest, EMAIL, IN)), {0}),
        (ContactFilter(preference=PreferenceIs(brands.digest, SMS, IN)), {5}),
        (ContactFilter(preference=PreferenceIs(brands.digest, EMAIL, OUT)), {1}),
        (ContactFilter(preference=PreferenceIs(brands.digest, EMAIL, NEITHER)), {2, 3, 6}),
        (ContactFilter(preference=PreferenceIs(brands.digest, EMAIL, OUT, imported)), set()),
        (ContactFilter(opted_out_of_email=brands.digest), {1, 2}),
        (ContactFilter(opted_out_of_email=brands.letters), {3}),
        (ContactFilter(unsubscribed_from_all_email=True), {2, 3}),
        (ContactFilter(unsubscribed_from_all_email=False), {0, 1, 4, 5, 6}),
        (ContactFilter(opted_out_of_all=OptedOutOfAllIs(EMAIL, brands.acme)), {2}),
        (ContactFilter(opted_out_of_all=OptedOutOfAllIs(EMAIL, None, imported)), {2}),
        (
            ContactFilter(opted_out_of_all=OptedOutOfAllIs(EMAIL, brands.acme, value=False)),
            {0, 1, 3, 4, 5, 6},
        ),
    ]
    for wanted, places in expected:
        assert await found(wanted) == {people[n].id for n in places}, wanted


async def test_filters_combine_with_and_or_and_not(
    brands: Brands, people: list[ContactRow], clock: Clock
) -> None:
    await _decide(brands, people)
    tests: list[tuple[ContactFilter, Callable[[ContactRow], bool]]] = [
        (ContactFilter(locale="pl"), lambda row: row.locale == "pl"),
        (ContactFilter(search="ad"), lambda row: row.first_name in {"Ada", "Adam", "ADELA"}),
        (ContactFilter(emails=["ADA@example.com", "no address"]), lambda row: row.email == "ada@example.com"),
        (ContactFilter(ids=[people[0].id, people[5].id]), lambda row: row.id in {people[0].id, people[5].id}),
        (
            ContactFilter(created_from=people[2].created_at, created_before=people[5].created_at),
            lambda row: people[2].created_at <= row.created_at < people[5].created_at,
        ),
        (ContactFilter(ids=[]), lambda row: False),
        (ContactFilter(any_of=[]), lambda row: False),
        (ContactFilter(), lambda row: True),
    ]
    for (one, holds_one), (two, holds_two) in itertools.product(tests, tests):
        either = ContactFilter(any_of=[one, two])
        both_not = ContactFilter(any_of=[one], negated=two)
        assert await found(either) == {r.id for r in people if holds_one(r) or holds_two(r)}
        assert await found(both_not) == {r.id for r in people if holds_one(r) and not holds_two(r)}


async def test_a_count_includes_only_matching_contacts(people: list[ContactRow]) -> None:
    assert await contact_pages.count(ContactFilter(locale="pl")) == Count(2)
    assert (await database.fetch("SELECT COUNT(*) AS n FROM contacts"))[0]["n"] == len(PEOPLE)
