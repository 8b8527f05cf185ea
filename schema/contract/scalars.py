"""The scalars of the schema."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from preference_center.validation import FIRST_INSTANT, LAST_INSTANT, is_accepted_instant

DEEPEST_JSON = 32
"""How many levels of lists and objects a JSON value may have."""

Key = NewType("Key", str)
Locale = NewType("Locale", str)
JSON = NewType("JSON", object)
"""Any JSON value."""


def parse_instant(value: Any) -> datetime:
    """Parse an RFC 3339 instant. Raises GraphQLError, also for a time without an offset or out of range."""
    if not isinstance(value, str):
        raise GraphQLError("An instant is a string, such as 2026-03-01T12:00:00Z.")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise GraphQLError(
            f"Not an RFC 3339 instant: {value[:40]!r}. Write it as 2026-03-01T12:00:00Z."
        ) from None
    if instant.tzinfo is None:
        raise GraphQLError(f"The instant {value[:40]!r} needs an offset, such as Z.")
    # Compared as it is: year 1 and year 9999 may have no time in UTC.
    if not is_accepted_instant(instant):
        years = f"{FIRST_INSTANT.year} to {LAST_INSTANT.year}"
        raise GraphQLError(f"The instant {value[:40]!r} is out of range. Its year must be {years}.")
    return instant.astimezone(UTC)


def write_instant(value: datetime) -> str:
    """Format an instant in UTC, as RFC 3339."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_json(value: Any) -> Any:
    """Return a JSON value. Raises GraphQLError if it is nested too deeply or a number is out of range."""
    level = [value]
    for _ in range(DEEPEST_JSON + 1):
        if not level:
            return value
        if not all(map(_is_representable, level)):
            raise GraphQLError("This JSON value has a number that is out of range.")
        level = [part for item in level for part in _parts(item)]
    raise GraphQLError(f"This JSON value has more than {DEEPEST_JSON} levels.")


def _is_representable(value: Any) -> bool:
    """Whether JSON keeps the value as it is: no infinity, no integer beyond 64 bits."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or -(2**63) <= value < 2**64


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def parse_string(value: Any) -> str:
    """Return a string, as the built-in String does. Raises GraphQLError for anything else."""
    if not isinstance(value, str):
        raise GraphQLError("Must be a string.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Key: strawberry.scalar(
        name="Key",
        description="The key of a business unit or subscription type: letters a to z, digits,"
        " and single hyphens between them, such as `weekly-digest`. At most 64 characters. It never"
        " changes.",
        specified_by_url="https://developer.mozilla.org/en-US/docs/Glossary/Slug",
        serialize=str,
        parse_value=parse_string,
    ),
    Locale: strawberry.scalar(
        name="Locale",
        description="A BCP 47 language tag: a language, if needed with a script and a region,"
        " such as `en`, `pt-BR` or `zh-Hant-TW`. Case does not matter in input. An underscore counts as"
        " a hyphen.",
        specified_by_url="https://www.rfc-editor.org/info/bcp47",
        serialize=str,
        parse_value=parse_string,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value: an object, list, string, number, boolean or null. At most"
        " 32 levels deep; integers have at most 64 bits.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=parse_json,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in RFC 3339 format, such as `2026-03-01T12:00:00Z`. Input needs"
        " an offset such as `Z` or `+01:00`, and a year from 1970 to 9998. Output is in UTC, with up to"
        " microseconds.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_instant,
        parse_value=parse_instant,
    ),
}
