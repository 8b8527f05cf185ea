"""The values that a caller gave in an input."""

from __future__ import annotations

from typing import Any

import strawberry


def non_null_values(input: object, *, without: str = "") -> dict[str, Any]:
    """Return the fields that have a value: one that is left out or null stays as it is."""
    return {
        name: value for name, value in written_values(input, without=without).items() if value is not None
    }


def written_values(input: object, *, without: str = "") -> dict[str, Any]:
    """Return the fields that the caller wrote, null included: null clears a field."""
    return {
        name: value
        for name, value in vars(input).items()
        if value is not strawberry.UNSET and name != without
    }
