"""Finds the token in a link that lost its shape on the way (R34).

Programs and people take signs along that stand behind a link, break it into lines, or escape it twice. A
token has signs of its own only (base64url and one dot) and a signature of fixed length, so whatever stands
around it can be cut off: the signature still tells whether the link is one of ours.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import unquote

from preference_center.links.short_links import CODE, CODE_LENGTH
from preference_center.links.tokens import SIGNATURE_LENGTH

_TOKEN: Final = re.compile(rf"[A-Za-z0-9_-]{{2,20000}}\.[A-Za-z0-9_-]{{{SIGNATURE_LENGTH}}}")
_MORE: Final = re.compile(r"/*[A-Za-z0-9]")
_OPENING: Final = re.compile(r"[^A-Za-z0-9_-]+")
_SOFT_LINE_BREAK: Final = re.compile(r"=\s+|=0D=0A|=0A", re.IGNORECASE)
_QUOTED_PRINTABLE: Final = re.compile(
    r"=(2D|2E|5F|3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])", re.IGNORECASE
)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_MAX_LENGTH: Final = 32_000
_MAX_ESCAPES: Final = 3


class FoundToken(NamedTuple):
    """A token, and what stood behind it."""

    token: str
    tail: str


def find_token(text: str) -> FoundToken:
    """The token at the start of the last part of a link; the whole text if there is none in it."""
    if _TOKEN.fullmatch(text) or len(text) > _MAX_LENGTH:
        return FoundToken(text, "")
    plain = _unescaped(text)
    decoded = _without_quoted_printable(plain)
    for candidate in (plain, decoded, decoded.replace("=", "")):
        start = _OPENING.match(candidate)
        found = _TOKEN.match(candidate, start.end() if start else 0)
        if found:
            return FoundToken(found[0], candidate[found.end() :])
    return FoundToken(text, "")


def find_code(text: str) -> str:
    """The code at the start of the last part of a short link; an empty text if there is none in it."""
    if CODE.fullmatch(text) or len(text) > _MAX_LENGTH:
        return text if len(text) <= CODE_LENGTH else ""
    plain = _unescaped(text)
    for candidate in (plain, _without_quoted_printable(plain), plain.replace("=", "")):
        start = _OPENING.match(candidate)
        found = CODE.match(candidate, start.end() if start else 0)
        if found and not _MORE.match(candidate, found.end()):
            return found[0]
    return ""


def _unescaped(text: str) -> str:
    """The text without percent-encoding, HTML entities, line breaks and what cannot be seen."""
    for _ in range(_MAX_ESCAPES):
        plain = html.unescape(unquote(text))
        if plain == text:
            break
        text = plain
    text = _SOFT_LINE_BREAK.sub("", text)
    return "".join(sign for sign in text if unicodedata.category(sign) not in _UNSEEN)


def _without_quoted_printable(text: str) -> str:
    return _QUOTED_PRINTABLE.sub(lambda escape: chr(int(escape[1], 16)), text)
