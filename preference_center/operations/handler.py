"""What runs the operations of one kind: a handler, which does one part at a time and returns its result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow, Selection


@dataclass(slots=True)
class PartResult:
    """What became of the targets of one part: contacts, rows or events."""

    processed: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    opted_out: int = 0
    """Rows that say no, among those above."""
    refusals: list[RefusalRow] = field(default_factory=list)
    """Reasons; a target can have several, or have some and count as changed."""

    def refuse(self, refusal: RefusalRow) -> None:
        """Count one target as refused, for this reason."""
        self.refused += 1
        self.refusals.append(refusal)

    def count(self, *, changed: bool, refused: bool) -> None:
        """Count one target: changed if anything of it was, else refused if anything was, else unchanged."""
        if changed:
            self.changed += 1
        elif refused:
            self.refused += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, slots=True)
class OperationHandler:
    """How operations of one kind run.

    When the operation starts, either `select` reads its targets, outside of any transaction, or `prepare`
    stores the parts and returns the number of targets; imports have their parts already. `run_part` does one
    part. `prepare` and `run_part` run in the open transaction.
    """

    run_part: Callable[[OperationRow, Any], Awaitable[PartResult]]
    prepare: Callable[[OperationRow], Awaitable[int]] | None = None
    select: Callable[[OperationRow], Awaitable[Selection]] | None = None
