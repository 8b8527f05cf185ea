"""Check constraints that several tables use."""

from __future__ import annotations

from enum import Enum

from tortoise.migrations.constraints import CheckConstraint


def one_of(table: str, column: str, enum: type[Enum]) -> CheckConstraint:
    """A check that a column holds a member of an enum, or NULL where the column is nullable."""
    listed = ", ".join(f"'{member.name}'" for member in enum)
    return CheckConstraint(check=f"{column} IN ({listed})", name=f"{table}_{column}_known")
