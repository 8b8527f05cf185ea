"""Compares the database with this version of Sayso: what is to be migrated, and what it does not know."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from preference_center import migrations
from preference_center.rules import phone_spellings
from preference_center.storage import database
from preference_center.storage.connection import APP
from preference_center.storage.migration_state import is_no_such_table

MERGED_PHONES: Final = "merged_phone_numbers"
"""The step of `sayso migrate` that merges spellings of phone numbers."""

_APPLIED: Final = (
    "SELECT name, {phones} AS phones, {read_only} AS read_only FROM tortoise_migrations WHERE app = $1"
)
_PHONES: Final = "(SELECT version FROM phone_spelling_state)"
_READ_ONLY: Final = {
    "postgres": "pg_is_in_recovery() OR current_setting('transaction_read_only')::bool",
    "sqlite": "FALSE",  # it has no such setting, but its file has permissions
}


@dataclass(frozen=True, slots=True)
class SchemaState:
    """What a database has of the migrations, in order."""

    missing: tuple[str, ...]
    """What `sayso migrate` would do."""
    unknown: tuple[str, ...]
    """What a newer version of Sayso has done: this version must not work with the database."""
    read_only: bool = False
    """Whether PostgreSQL refuses changes: it is a standby, or is set to."""

    @property
    def is_current(self) -> bool:
        """Whether the database is that of this version."""
        return not self.missing and not self.unknown


async def read() -> SchemaState:
    """Read the state with one statement. Raises the driver's error if the database does not answer."""
    for phones in (_PHONES, "NULL"):  # before its migration there is no table of phone spellings
        try:
            rows = await database.fetch(_applied(phones), APP)
        except Exception as error:
            if not is_no_such_table(error):
                raise
        else:
            return _state(rows)
    return SchemaState(known(), ())


@cache
def known() -> tuple[str, ...]:
    """Return the names of the migrations of this version, in order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(migrations.__path__)))


def _applied(phones: str) -> str:
    return _APPLIED.format(phones=phones, read_only=_READ_ONLY[database.dialect()])


def _state(rows: Sequence[database.Row]) -> SchemaState:
    applied = {row["name"] for row in rows}
    missing = _without(known(), applied)
    unknown = _without(sorted(applied), known())
    phones = rows[0]["phones"] if rows else None
    if phones is not None and phones > phone_spellings.VERSION:
        unknown += (MERGED_PHONES,)
    elif phones is not None and phones < phone_spellings.VERSION and not missing:
        missing = (MERGED_PHONES,)
    return SchemaState(missing, unknown, read_only=bool(rows and rows[0]["read_only"]))


def _without(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    left_out = set(others)
    return tuple(name for name in names if name not in left_out)
