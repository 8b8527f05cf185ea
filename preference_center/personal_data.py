"""How each table is erased: the package that owns a table declares it, in its `personal_data` module (R36).

`erasure.registry` collects the declarations and `erasure.erase` runs them. A test compares them with every
column of the models and of both databases: a column that nobody declared fails it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from preference_center.rules.redaction import Identifiers

ENUM = "One of a fixed list of values."
TEAM_MEMBER = "Names a team member or an API token, or reads 'recipient'; never a recipient."


@dataclass(frozen=True, slots=True)
class Person:
    """A person who is being erased, as read before anything is deleted."""

    recipient_ids: Sequence[int]
    contact_ids: Sequence[int]
    fingerprints: Sequence[bytes]
    identifiers: Identifiers


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What one table keeps about people, column by column, and the function that erases a person from it."""

    table: str
    deleted: tuple[str, ...] = ()
    """Columns that are deleted with their row."""
    cleared: tuple[str, ...] = ()
    """Columns that are emptied, or keep no part about the person; the row stays."""
    redacted: tuple[str, ...] = ()
    """Free text by the team: the words that identify the person are replaced."""
    fingerprints: tuple[str, ...] = ()
    """Keyed fingerprints: they stay, so that the address stays opted out."""
    never_personal: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold no personal data, each with the reason."""
    erase: Callable[[Person], Awaitable[None]] | None = None
    """Erases a person in the open transaction, which has locked the person's recipients."""
    erased_with: str | None = None
    """The table whose `erase` also takes care of this one."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every declared column."""
        return (*self.erased_columns, *self.fingerprints, *self.never_personal)

    @property
    def erased_columns(self) -> tuple[str, ...]:
        """The columns that an erasure changes."""
        return (*self.deleted, *self.cleared, *self.redacted)
