"""Where a person is named beside their own rows: in operations, and in workflows (R36).

Free text that a team wrote loses the words that name the person, and keeps the others: it is the ground of
changes of other people too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from preference_center.catalog import changes as catalog_changes
from preference_center.operations import operations
from preference_center.rules.addresses import Address, displayed
from preference_center.rules.types import RecipientKind
from preference_center.storage import database

ERASED = "[erased]"
"""What stands in the place of an address or a name. It is no address: a filter finds nobody by it."""
_SHORTEST_NAME = 2
_LONGEST_NAME_KEPT = 180
Names = tuple[str, str]
"""First and last, empty where there is none."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is erased: all that they can be found by."""

    recipient_ids: tuple[int, ...]
    contact_ids: tuple[int, ...]
    addresses: tuple[Address, ...]
    names: tuple[Names, ...]


async def person(recipient_ids: Sequence[int], contact_ids: Sequence[int]) -> Person:
    """Read, before anything is deleted, what the person is called."""
    of_ids = database.any_of(1)
    known = await database.fetch(
        f"SELECT kind, address FROM recipients WHERE id {of_ids} AND address IS NOT NULL", list(recipient_ids)
    )
    called = await database.fetch(
        f"SELECT first_name, last_name FROM contacts WHERE id {of_ids}", list(contact_ids)
    )
    return Person(
        tuple(recipient_ids),
        tuple(contact_ids),
        tuple(Address(RecipientKind(row["kind"]), row["address"]) for row in known),
        tuple(((row["first_name"] or "").strip(), (row["last_name"] or "").strip()) for row in called),
    )


async def remove(erased: Person) -> None:
    """Take the person out of operations and workflows, in the transaction that erases."""
    await operations.forget_what_is_done()
    anywhere = _pattern(erased, single_names=False)
    if anywhere is None:
        return
    concerned = await _concerned(erased)
    closer = _pattern(erased, single_names=True) or anywhere
    rows = await database.fetch(
        "SELECT id, explanation, idempotency_key, parameters FROM operations"
        " WHERE explanation IS NOT NULL OR idempotency_key IS NOT NULL"
    )
    for row in rows:
        told = row["id"] in concerned or _is_named(row["parameters"], anywhere)
        await _remove_from_operation(row, closer if told else anywhere)
    await _remove_from_workflows(anywhere)


async def _concerned(erased: Person) -> set[int]:
    """The operations that changed something for the person, or were refused to."""
    of_recipients, of_contacts = database.any_of(1), database.any_of(2)
    rows = await database.fetch(
        f"SELECT operation_id FROM consent_events WHERE recipient_id {of_recipients}"
        " AND operation_id IS NOT NULL UNION SELECT operation_id FROM operation_refusals"
        f" WHERE recipient_id {of_recipients} OR contact_id {of_contacts}",
        list(erased.recipient_ids),
        list(erased.contact_ids),
    )
    return {row["operation_id"] for row in rows}


async def _remove_from_operation(row: database.Row, pattern: re.Pattern[str]) -> None:
    explanation, key = row["explanation"], row["idempotency_key"]
    left = pattern.sub(ERASED, explanation) if explanation else explanation
    # The key goes as a whole: half a key would stand in the way of another.
    kept = None if key and pattern.search(key) else key
    if (left, kept) != (explanation, key):
        await database.execute(
            "UPDATE operations SET explanation = $2, idempotency_key = $3 WHERE id = $1",
            *(row["id"], left, kept),
        )


async def _remove_from_workflows(pattern: re.Pattern[str]) -> None:
    changed = 0
    for row in await database.fetch("SELECT id, name, condition, actions FROM workflows"):
        said = (row["condition"], row["actions"])
        if not pattern.search(row["name"]) and not any(_is_named(column, pattern) for column in said):
            continue
        name = _named_anew(row, pattern)
        condition, actions = (_without(row[column], pattern) for column in ("condition", "actions"))
        changed += await database.execute(
            "UPDATE workflows SET name = $2, condition = $3, actions = $4, version = version + 1"
            " WHERE id = $1",
            *(row["id"], name, condition, actions),
        )
    if changed:
        await catalog_changes.moved()


def _named_anew(workflow: database.Row, pattern: re.Pattern[str]) -> str:
    """A workflow's name without the person; with its number, for no two may have the same."""
    name: str = workflow["name"]
    left = pattern.sub(ERASED, name)
    return name if left == name else f"{left[:_LONGEST_NAME_KEPT]} {workflow['id']}"


def _is_named(column: Any, pattern: re.Pattern[str]) -> bool:
    """Whether a text in a JSON column names the person, as it reads: in JSON a line begins with an n."""
    said = database.json_value(column)
    return bool(_walked(said, pattern) != said)


def _without(column: Any, pattern: re.Pattern[str]) -> str | None:
    said = database.json_value(column)
    return None if said is None else json.dumps(_walked(said, pattern), ensure_ascii=False)


def _walked(said: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(said, str):
        return pattern.sub(ERASED, said)
    if isinstance(said, list):
        return [_walked(inner, pattern) for inner in said]
    if isinstance(said, dict):
        return {name: _walked(inner, pattern) for name, inner in said.items()}
    return said


def _pattern(erased: Person, *, single_names: bool) -> re.Pattern[str] | None:
    """What finds the person in a text, in any case: addresses, whole names, and single ones where wanted."""
    found = [_of_address(address) for address in erased.addresses]
    for first, last in erased.names:
        if first and last:
            found += [_of_words(first, last), _of_words(last, first)]
        if single_names:
            found += [_of_words(name) for name in (first, last) if len(name) >= _SHORTEST_NAME]
    return re.compile("|".join(found), re.IGNORECASE) if found else None


def _of_address(address: Address) -> str:
    if address.kind is RecipientKind.PHONE:
        return r"(?<!\d)\+?" + r"[\s().\u00a0-]*".join(address.value[1:]) + r"(?!\d)"
    spellings = sorted({address.value, displayed(address)})
    return r"(?<![\w.+-])(?:" + "|".join(map(re.escape, spellings)) + r")(?!\.?[\w-])"


def _of_words(*names: str) -> str:
    words = r"[\s,]+".join(re.escape(word) for name in names for word in name.split())
    return rf"(?<!\w){words}(?!\w)"
