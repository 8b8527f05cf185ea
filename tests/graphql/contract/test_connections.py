"""Pages in both directions: every item once, in order, while rows are added and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts import contacts
from tests.conftest import ALICE, ALICE_PHONE, Brands
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts, email
from tests.graphql.paging import read_all

PAGE = """query ($order: ContactOrder, $first: Int, $after: String, $last: Int, $before: String) {
  contacts(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    nodes { email } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
ORDERS = ["CREATED_AT_ASC", "CREATED_AT_DESC", "EMAIL_ASC", "NAME_ASC", "UPDATED_AT_DESC"]


@pytest.mark.parametrize("order", ORDERS)
async def test_paging_forwards_and_backwards_returns_every_contact_once_in_the_same_order(
    api: Api, brands: Brands, order: str
) -> None:
    async def read_page(**arguments: Any) -> tuple[list[str], dict[str, Any]]:
        page = await api.execute(PAGE, order=order, **arguments)
        cursors, info = [edge["cursor"] for edge in page["edges"]], page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        return [each["email"] for each in page["nodes"]], info

    await create_contacts(brands, 7)
    forwards = await read_all(read_page, 3)
    assert forwards == await read_all(read_page, 3, backwards=True)
    assert sorted(forwards) == [email(n) for n in range(7)]
    if order in ("CREATED_AT_DESC", "UPDATED_AT_DESC"):
        assert forwards == [email(n) for n in reversed(range(7))]
    if order == "EMAIL_ASC":
        assert forwards == [email(n) for n in range(7)]


async def test_pages_stay_correct_while_rows_are_added_and_deleted(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 6)
    first = await api.execute(PAGE, order="EMAIL_ASC", first=2)
    rows = await contacts.by_emails([email(0), email(1)])
    await contacts.delete(rows[email(0)].id)
    await contacts.delete(rows[email(1)].id)  # the row of the cursor
    await contacts.create(email="aaron@example.com")
    after = first["pageInfo"]["endCursor"]
    second = await api.execute(PAGE, order="EMAIL_ASC", first=2, after=after)
    assert [each["email"] for each in second["nodes"]] == [email(2), email(3)]


async def test_a_page_between_two_cursors(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 6)
    cursors = [each["cursor"] for each in (await api.execute(PAGE, order="EMAIL_ASC"))["edges"]]
    between = await api.execute(PAGE, order="EMAIL_ASC", first=10, after=cursors[1], before=cursors[4])
    assert [each["email"] for each in between["nodes"]] == [email(2), email(3)]


async def test_a_page_of_size_zero_and_a_page_of_an_empty_list(api: Api, brands: Brands) -> None:
    empty = await api.execute(PAGE)
    assert empty["nodes"] == []
    assert empty["pageInfo"]["endCursor"] is None
    await create_contacts(brands, 1)
    none = await api.execute(PAGE, first=0)
    assert (none["nodes"], none["pageInfo"]["hasNextPage"]) == ([], True)


async def test_a_page_has_fifty_items_by_default(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 51)
    page = await api.execute(PAGE)
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (50, True)


async def test_a_cursor_of_another_order_is_refused(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 2)
    cursor = (await api.execute(PAGE, order="EMAIL_ASC"))["pageInfo"]["endCursor"]
    assert await api.first_error(PAGE, order="NAME_ASC", after=cursor) == ("BAD_USER_INPUT", ["after"])
    newest = (await api.execute(PAGE, order="CREATED_AT_DESC"))["pageInfo"]["endCursor"]
    assert await api.first_error(PAGE, order="CREATED_AT_ASC", after=newest) == ("BAD_USER_INPUT", ["after"])
    assert await api.first_error(PAGE, order="CREATED_AT_ASC", after=cursor) == ("BAD_USER_INPUT", ["after"])


async def test_a_history_is_paged_in_both_directions_newest_first(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    query = """query ($first: Int, $after: String, $last: Int, $before: String) {
      contacts { nodes { history(first: $first, after: $after, last: $last, before: $before) {
        nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }
      consentEvents(first: $first, after: $after, last: $last, before: $before) { nodes { id }
        pageInfo { hasNextPage hasPreviousPage } } }"""

    async def ids(**input: Any) -> tuple[list[str], dict[str, Any]]:
        answer = await api.execute(query, **input)
        history = answer["contacts"]["nodes"][0]["history"]
        assert history["nodes"] == answer["consentEvents"]["nodes"]
        assert answer["consentEvents"]["pageInfo"].items() <= history["pageInfo"].items()
        return [each["id"] for each in history["nodes"]], history["pageInfo"]

    everything, _ = await ids()
    assert len(everything) == 4
    first, info = await ids(first=3)
    assert (first, info["hasNextPage"], info["hasPreviousPage"]) == (everything[:3], True, False)
    remaining, info = await ids(first=3, after=info["endCursor"])
    assert (remaining, info["hasNextPage"], info["hasPreviousPage"]) == (everything[3:], False, True)
    last, info = await ids(last=3)
    assert (last, info["hasPreviousPage"]) == (everything[1:], True)
    older, info = await ids(last=3, before=info["startCursor"])
    assert (older, info["hasPreviousPage"], info["hasNextPage"]) == (everything[:1], False, True)


async def test_the_histories_of_a_contacts_two_addresses_are_merged_in_both_directions(
    api: Api, brands: Brands
) -> None:
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    change = """mutation ($r: RecipientRef!, $c: Channel!, $s: PreferenceStatus!) {
      updatePreferences(input: {
        recipient: $r, changes: [{subscriptionType: "weekly-digest", channel: $c, status: $s}]
      }) { userErrors { code } } }"""
    for channel, status in (("EMAIL", "OPTED_OUT"), ("SMS", "OPTED_OUT"), ("WHATSAPP", "OPTED_OUT")):
        ref = {"email": ALICE} if channel == "EMAIL" else {"phone": ALICE_PHONE}
        assert await api.execute(change, r=ref, c=channel, s=status) == {"userErrors": []}
    out = {"recipient": {"email": ALICE}, "businessUnit": "bazaar"}
    leave = "mutation ($i: OptOutOfAllInput!) { optOutOfAll(input: $i) { userErrors { code } } }"
    await api.execute(leave, i=out)
    history = await api.execute(
        """query ($a: String!) { contact(by: {email: $a}) {
          all: history { ...H } first: history(first: 2) { ...H } last: history(last: 2) { ...H } } }
        fragment H on ConsentEventConnection {
          nodes { channel } pageInfo { hasNextPage hasPreviousPage } }""",
        a=ALICE,
    )
    channels = {name: [each["channel"] for each in page["nodes"]] for name, page in history.items()}
    assert channels["all"] == ["EMAIL", "WHATSAPP", "SMS", "EMAIL"]
    assert (channels["first"], channels["last"]) == (["EMAIL", "WHATSAPP"], ["SMS", "EMAIL"])
    assert history["first"]["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    assert history["last"]["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}


async def test_contacts_are_selected_by_the_filter(api: Api, brands: Brands) -> None:
    """R26."""
    await create_contacts(brands, 10)
    for filter_, expected in (
        ({"search": "PERSON00 p4"}, [4]),
        ({"emails": [" PERSON001@example.com ", "nobody"]}, [1]),
        ({"optedOutOfEmail": "weekly-digest"}, [0, 3, 6, 9]),
        ({"unsubscribedFromAllEmail": True}, [0]),
        ({"optedOutOfAll": {"businessUnit": "acme"}}, []),
        ({"optedOutOfAll": {"businessUnit": "bazaar", "origins": ["PREFERENCE_PAGE"]}}, [0]),
        ({"preference": {"subscriptionType": "letters", "status": "OPTED_IN"}, "not": {"search": "p1"}},
         [0, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"or": [{"search": "p2"}, {"search": "p3"}]}, [2, 3]),
        ({"or": []}, []),
        ({"createdAt": {"before": "2001-01-01T00:00:00Z"}}, []),
    ):  # fmt: skip
        query = """query ($f: ContactFilter) {
          contacts(filter: $f, orderBy: EMAIL_ASC) { totalCount nodes { email } } }"""
        page = await api.execute(query, f=filter_)
        assert (filter_, [each["email"] for each in page["nodes"]]) == (filter_, [email(n) for n in expected])
        assert page["totalCount"] == len(expected)
