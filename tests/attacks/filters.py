"""The most expensive filters that the limits allow, in a query, in an export and in an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import quote

import orjson

from schema.contract.ids import global_id
from tests.attacks.attack import Attack, Target, attack, largest
from tests.attacks.installation import TYPE, email
from tests.attacks.queries import roots

Filter: TypeAlias = dict[str, Any]
_OUT = {"subscriptionType": TYPE, "channel": "EMAIL", "status": "OPTED_OUT"}
_NOBODY = global_id("Contact", 1_000_000)


def _all_conditions(number: int) -> Filter:
    return {
        "preference": {**_OUT, "origins": ["ONE_CLICK", "PREFERENCE_PAGE"]},
        "optedOutOfAll": {"value": False, "channel": "SMS"},
        "unsubscribedFromAllEmail": False,
        "not": {"optedOutOfEmail": TYPE},
        "search": f"a{number} b{number}",
        "property": {"name": f"plan{number}", "value": ["basic"]},
    }


def _alternatives(size: int) -> Filter:
    conditions = ("preference", "optedOutOfAll", "not", "search")
    return {"not": {"or": [{key: _all_conditions(n)[key] for key in conditions} for n in range(size)]}}


def _everything(size: int) -> Filter:
    return {"or": [_all_conditions(number) for number in range(size)]}


def _searches(size: int) -> Filter:
    return {"or": [{"search": f"q{number} w{number}"} for number in range(size)]}


def _preferences(size: int) -> Filter:
    return {"or": [{"not": {"preference": _OUT}} for _ in range(size)]}


def _missing_preferences(size: int) -> Filter:
    return {"or": [{"preference": {**_OUT, "status": "NOT_OPTED", "channel": "SMS"}} for _ in range(size)]}


def _properties(size: int) -> Filter:
    return {"or": [{"property": {"name": f"p{number}", "value": None}} for number in range(size)]}


def _nested(size: int) -> Filter:
    inner: Filter = {"search": "zz"}
    for number in range(size):
        inner = (
            {"not": inner, "preference": _OUT} if number % 2 else {"or": [inner, {"optedOutOfEmail": TYPE}]}
        )
    return inner


def _words(size: int) -> Filter:
    return {"search": " ".join(f"w{number}" for number in range(size))}


def _long_word(size: int) -> Filter:
    return {"search": "a" * size}


def _many_emails(size: int) -> Filter:
    return {"or": [{"emails": [email(n) for n in range(1_000)]} for _ in range(size)]}


def _property_list(size: int) -> Filter:
    return {"property": {"name": "tags", "value": list(range(size))}}


def _property_object(size: int) -> Filter:
    return {"property": {"name": "tags", "value": {f"k{number}": number for number in range(size)}}}


def _property_tree(size: int) -> Filter:
    value: Any = 1
    for _ in range(size):
        value = [value]
    return {"property": {"name": "tags", "value": value}}


def _property_lists(size: int) -> Filter:
    values = [list(range(number, number + 200)) for number in range(size)]
    return {"or": [{"property": {"name": "tags", "value": value}} for value in values]}


FILTERS: dict[str, tuple[Callable[[int], Filter], int]] = {
    "alternatives that are negated": (_alternatives, 250),
    "alternatives of every condition": (_everything, 250),
    "searches": (_searches, 250),
    "preferences that are negated": (_preferences, 250),
    "preferences never decided": (_missing_preferences, 250),
    "properties that are missing": (_properties, 250),
    "nested filters": (_nested, 60),
    "words in a search": (_words, 100_000),
    "a long word in a search": (_long_word, 900_000),
    "lists of addresses": (_many_emails, 30),
    "a long list as a property": (_property_list, 140_000),
    "a large object as a property": (_property_object, 60_000),
    "a deep list as a property": (_property_tree, 200),
    "long lists as properties": (_property_lists, 200),
}
"""Makers of filters, each with the largest size that is tried."""
_QUERY = "query($f:ContactFilter){contacts(first:100,orderBy:NAME_ASC,filter:$f){totalCount nodes{id email}}}"
_ROOTS = "query($f:ContactFilter)" + roots("contacts(first:9,orderBy:EMAIL_ASC,filter:$f){totalCount}")
_BULK = "mutation($in:BulkUpdatePreferencesInput!){bulkUpdatePreferences(input:$in){userErrors{code}}}"
_known: dict[tuple[str, str], int] = {}
"""The largest sizes found: they do not depend on the database."""


def worst_filter(target: Target, name: str, query: str = _QUERY) -> Filter:
    """The largest filter of a kind that a query may have."""
    make, most = FILTERS[name]
    if (name, query) not in _known:

        def cheap(size: int) -> bytes:
            return target.graphql(query, {"f": {"ids": [_NOBODY], **make(size)}})

        _known[name, query] = largest(target, cheap, most)
    return make(max(1, _known[name, query]))


def _allowed(name: str, query: str) -> Callable[[Target], Iterator[bytes]]:
    def requests(target: Target) -> Iterator[bytes]:
        yield target.graphql(query, {"f": worst_filter(target, name, query)})

    return requests


def _too_large(target: Target) -> Iterator[bytes]:
    for make, most in FILTERS.values():
        yield target.graphql(_QUERY, {"f": make(most)})
    yield target.graphql(_QUERY, {"f": _alternatives(3_000)})
    yield target.graphql(_QUERY, {"f": {"or": [{}] * 200_000}})
    yield target.graphql(_QUERY, {"f": {"ids": [_NOBODY] * 40_000}})
    yield target.graphql(_QUERY, {"f": {"emails": ["a@example.com"] * 50_000}})
    yield target.graphql(_QUERY, {"f": {"emails": [1] * 400_000}})


def _exported(name: str) -> Callable[[Target], Iterator[bytes]]:
    def requests(target: Target) -> Iterator[bytes]:
        text = quote(orjson.dumps(worst_filter(target, name)))
        if len(text) < 60_000:  # more than a URL can hold
            yield target.get(f"/exports/contacts?format=ndjson&filter={text}")
        yield target.get("/exports/contacts?format=csv&unsubscribed_from_all_email=false")

    return requests


def _in_bulk(name: str) -> Callable[[Target], Iterator[bytes]]:
    def requests(target: Target) -> Iterator[bytes]:
        update = {
            "contacts": {"filter": worst_filter(target, name)},
            "subscriptionTypes": [TYPE],
            "status": "OPTED_IN",
            "explanation": "Asked for it.",
            "legalBasis": "CONSENT_WITH_NOTICE",
            "dryRun": True,
        }
        yield target.graphql(_BULK, {"in": update})

    return requests


QUERIES_WITH_FILTERS: list[Attack] = [
    *(attack(name, _allowed(name, _QUERY)) for name in FILTERS),
    *(
        attack(f"20 times {name}", _allowed(name, _ROOTS))
        for name in ("searches", "alternatives that are negated")
    ),
    attack("22 slow queries at once", _allowed("alternatives that are negated", _QUERY), clients=22),
    attack("filters that are too large", _too_large),
]
EXPORTS_WITH_FILTERS: list[Attack] = [
    attack(f"exports with {name}", _exported(name))
    for name in ("alternatives that are negated", "searches", "properties that are missing")
]
OPERATIONS_WITH_FILTERS: list[Attack] = [
    attack(f"bulk updates with {name}", _in_bulk(name))
    for name in ("alternatives that are negated", "searches")
]
