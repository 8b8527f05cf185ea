"""Email addresses as mail programs copy them: `Jo <jo@example.com>`, `mailto:jo@example.com`, and so on."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from preference_center.imports.cells.addresses import MOST_ADDRESSES, TOO_MANY, Found
from preference_center.imports.cells.yes_no import is_blank
from preference_center.imports.csv_reader import clean
from preference_center.rules.addresses import AddressError, parse_email
from preference_center.rules.unicode_text import normalised

_BETWEEN: Final = re.compile(r"[\s<>()\[\]{}\"“”„‟«»‹›「」『』《》〈〉【】;,|、]+")
"""What wraps and separates addresses. An unquoted address has none of it."""
_MAILTO: Final = re.compile(r"mailto:([^\s<>()\[\]\"]*)", re.IGNORECASE)
_QUOTES: Final = "'‘’‚‛`´"
_TRAILING: Final = _QUOTES + ".:!?*/\\-_"


def emails_in(cell: str) -> Found:
    """Find the email addresses in a cell. The problem's message does not repeat the cell."""
    text = clean(cell)
    bare = text.lstrip(_QUOTES) if text[:1] in _QUOTES else text
    try:
        return Found([parse_email(bare).value])
    except AddressError as error:
        if is_blank(text):
            return Found([], str(error) if not text else "There is no email address in this cell.")
        return _unwrapped(bare, str(error))


def _unwrapped(text: str, problem: str) -> Found:
    found: dict[str, None] = {}
    failed = False
    candidates = _candidates(text)
    for candidate in candidates[:MOST_ADDRESSES]:
        try:
            found[parse_email(candidate).value] = None
        except AddressError:
            failed = True
    if len(candidates) > MOST_ADDRESSES:
        return Found(list(found), TOO_MANY)
    return Found(list(found), problem if failed or not found else None)


def _candidates(text: str) -> list[str]:
    """The parts of a text that may be addresses: those with an @-sign."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    plain = _MAILTO.sub(_mailto_address, normalised("NFKC", visible))
    parts = [part for part in _BETWEEN.split(plain) if "@" in part]
    several = [piece for part in parts for piece in (part.split("/") if part.count("@") > 1 else [part])]
    # A label such as "SMTP:" comes before a colon, which no address has.
    return [piece.rstrip(_TRAILING).rpartition(":")[2].lstrip(_QUOTES) for piece in several]


def _mailto_address(link: re.Match[str]) -> str:
    return f" {unquote(link[1].partition('?')[0])} "
