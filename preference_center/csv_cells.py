"""How exports write text into CSV so that no spreadsheet computes it, and how imports read it back.

Reading what was written gives the same text, whatever it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from preference_center.validation import storable

UNSEEN: Final = (
    r"\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
"""Spaces, controls, and characters without width, which spreadsheets may skip: as a range of a regular
expression of Python and PostgreSQL."""
_STARTS: Final = (
    r"\u0009\u000a\u000d\u002b\u002d\u003d\u0040\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
)
"""Tab, line feed and return, and `+ - = @` with their full-width and small forms."""
FORMULA: Final = f"'*[{UNSEEN}]*[{_STARTS}]"
"""The beginning of text that a spreadsheet may compute, as a regular expression of Python and PostgreSQL;
and of the same text with apostrophes in front."""
PHONE: Final = r"\+[0-9]{7,15}"
"""A phone number, which a spreadsheet computes to itself."""
MAX_PROPERTY_NAME_LENGTH: Final = 64 * 1024
EXPORTED_COLUMNS: Final = ("id", "email", "phone")
"""The columns with which each export of contacts begins."""

_FORMULA: Final = re.compile(FORMULA)
_PHONE: Final = re.compile(PHONE)
_PLAIN_NAME: Final = re.compile(rf'(?![{UNSEEN}"])[^\x00-\x1f\x7f]+(?<![{UNSEEN}])')
_PROPERTY: Final = re.compile(r"property\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)


def guarded(text: str) -> str:
    """The text with an apostrophe in front if it is a formula, or apostrophes followed by one.

    So whoever reads the file can remove one apostrophe and always gets the original text.
    """
    return "'" + text if _FORMULA.match(text) and not _PHONE.fullmatch(text) else text


def without_guard(cell: str) -> str:
    """The text of a cell that `guarded` wrote."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def property_column(name: str) -> str:
    """The column of a property: `property:NAME`.

    A name that is empty, begins or ends with space, or has a control character is written as a JSON string.
    """
    return f"property:{name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)}"


def is_property(column: str) -> bool:
    """Whether a column has the form `property:NAME`."""
    return _PROPERTY.fullmatch(column) is not None


def property_name(column: str) -> str | None:
    """The name of the property that a column `property:NAME` has; None for any other column."""
    found = _PROPERTY.fullmatch(column)
    if found is None:
        return None
    written = found[1]
    return _json_string(written) if written.startswith('"') else written


def _json_string(text: str) -> str:
    try:
        name = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return name if isinstance(name, str) and storable(name) else text


def is_export(columns: Sequence[str]) -> bool:
    """Whether a header, or the beginning of one, is that of an export of contacts."""
    return tuple(columns[: len(EXPORTED_COLUMNS)]) == EXPORTED_COLUMNS
