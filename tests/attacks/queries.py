"""The most expensive operations that the limits allow, and some that they refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from schema.contract.ids import global_id
from tests.attacks.attack import Attack, Target, attack
from tests.attacks.installation import CONTACTS, TYPE, UNIT, email
from tests.benchmarks.harness import messages

ROOTS = 20
_TYPE_FIELDS = "subscriptionType{key name businessUnit{name} translations{name description}}"
_PREFERENCES = f"preferences{{status origin explanation {_TYPE_FIELDS} eligibility{{allowed reason}}}}"
_EVENT = "id kind before after origin actor occurredAt recordedAt evidence{ipAddress wording{text}}"
_CONTACT = (
    f"id email phone firstName lastName locale properties createdAt {_PREFERENCES} optOutsOfAll{{since}}"
    " callPermission{allowed}"
)


def roots(field: str, count: int = ROOTS) -> str:
    """One operation with a root field several times."""
    return "{" + " ".join(f"a{number}:{field}" for number in range(count)) + "}"


def _page(size: int) -> str:
    return roots(f"contacts(first:{size},orderBy:NAME_ASC){{totalCount nodes{{{_CONTACT}}}}}")


def _one_page(size: int) -> str:
    history = f"recipients{{history(first:9){{nodes{{{_EVENT}}}}}}}"
    return f"{{contacts(first:{size}){{nodes{{{_CONTACT} {history}}}}}}}"


def _histories(size: int) -> str:
    return f"{{contacts(first:100){{nodes{{id history(first:{size}){{nodes{{{_EVENT}}}}}}}}}}}"


def _events(size: int) -> str:
    event = f"{_EVENT} recipient{{address contacts{{email}} {_PREFERENCES}}}"
    return roots(f"consentEvents(first:{size}){{nodes{{{event}}}}}")


def _chain(size: int) -> str:
    below = "id"
    for _ in range(5):
        below = f"recipients{{contacts{{id {below}}}}}"
    return roots(f"contacts(first:{size}){{nodes{{{below}}}}}")


def _catalog(size: int) -> str:
    names = "key name description translations{name description}"
    unit = f"name keywords{{word}} subscriptionTypes{{{names} businessUnit{{subscriptionTypes{{name}}}}}}"
    return roots(f"subscriptionTypes{{businessUnit{{{unit}}}}}", size)


def widest(make: Callable[[int], str], most: int) -> Callable[[Target], Iterator[bytes]]:
    """The operation of the largest size whose cost is allowed. Its cost grows with the size."""

    def requests(target: Target) -> Iterator[bytes]:
        # What is refused says what it would cost.
        answer = messages.exchange(target.port, target.graphql(make(most))).json()
        cost = answer.get("extensions", {}).get("cost", {"requested": 1, "maximum": 1})
        yield target.graphql(make(max(1, min(most, most * cost["maximum"] // cost["requested"]))))

    return requests


def _of(query: str, **variables: Any) -> Callable[[Target], Iterator[bytes]]:
    def requests(target: Target) -> Iterator[bytes]:
        yield target.graphql(query, variables)

    return requests


def _created(**fields: Any) -> Callable[[Target], Iterator[bytes]]:
    return _of(_CREATE, **{"in": {"email": "new@example.com", **fields}})


_ELIGIBILITY = "query($a:[String!]!)" + roots(
    f'eligibility(subscriptionType:"{TYPE}",channel:EMAIL,addresses:$a){{address eligibility{{allowed}}}}'
)
_NODES = "query($ids:[ID!]!)" + roots("nodes(ids:$ids){id ...on Contact{id email preferences{status}}}")
_LINKS = "mutation($in:CreatePreferenceLinksInput!)" + roots(
    "createPreferenceLinks(input:$in){links{manageUrl footerHtml footerText listUnsubscribe}}"
)
_UPDATE = "mutation($in:UpdatePreferencesInput!) " + roots("updatePreferences(input:$in){outcomes{changed}}")
_CREATE = "mutation($in:CreateContactInput!){createContact(input:$in){userErrors{code message}}}"
_LINKED = {"recipients": [{"email": email(n)} for n in range(1_000)], "businessUnit": UNIT}
_IDS = [global_id("Contact", number) for number in range(1, 101)]

QUERIES: list[Attack] = [
    attack("20 pages of contacts with preferences", widest(_page, 100)),
    attack("a page of contacts with histories of their recipients", widest(_one_page, 100)),
    attack("100 contacts with long histories", widest(_histories, 100)),
    attack("20 pages of events with their recipients", widest(_events, 100)),
    attack("contacts of recipients of contacts", widest(_chain, 100)),
    attack("the catalog in the catalog", widest(_catalog, ROOTS)),
    attack("20 counts of all contacts", _of(roots("contacts(first:1,orderBy:UPDATED_AT_DESC){totalCount}"))),
    attack("eligibility of 20 times 1,000 addresses", _of(_ELIGIBILITY, a=[email(n) for n in range(1_000)])),
    attack(
        "eligibility of 20 times 1,000 unknown addresses",
        _of(_ELIGIBILITY, a=[f"+4860{n:07}" for n in range(1_000)]),
    ),
    attack("20 times 100 objects by id", _of(_NODES, ids=_IDS)),
    attack("leaving reasons of 36 months", _of(roots("leavingReasons{month reason count}"))),
    attack("too expensive by far", _of(_page(100))),
]
_CHANGES = {
    "recipient": {"email": email(CONTACTS - 1)},
    "changes": [{"subscriptionType": TYPE, "status": "OPTED_OUT"}] * 1_000,
}
MUTATIONS: list[Attack] = [
    attack("20 times 1,000 links", _of(_LINKS, **{"in": _LINKED})),
    attack("20 times 1,000 changes of one recipient", _of(_UPDATE, **{"in": _CHANGES})),
    attack("a property of 900 kB", _created(properties={"a": "x" * 900_000})),
    attack("60,000 properties", _created(properties={f"p{number}": number for number in range(60_000)})),
    attack("names of letters that fold", _created(firstName="ﷺ" * 90_000, lastName="İ" * 90_000)),
    attack("numbers that are hardly any", _created(phone="+" + "1" * 900_000)),
]
