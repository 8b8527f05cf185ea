"""Checks that the tables have in common."""

from __future__ import annotations

from enum import Enum

from tortoise.migrations.constraints import CheckConstraint


def one_of(table: str, column: str, words: type[Enum]) -> CheckConstraint:
    """A check that a column holds one of the domain's words, null passes where the column is nullable."""
    listed = ", ".join(f"'{word.name}'" for word in words)
    return CheckConstraint(check=f"{column} IN ({listed})", name=f"{table}_{column}_known")
