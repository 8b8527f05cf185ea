"""What a logo may be: a small picture of a kind that browsers show, handed over as a data: URI."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from preference_center.errors import ErrorCode, Invalid

LARGEST_LOGO = 16 * 1024
"""Bytes. A page and its logo weigh less than 30 KB together (decision 0026)."""
_SHAPE = re.compile(r"data:image/(png|jpeg|webp|svg\+xml);base64,([A-Za-z0-9+/]+={0,2})", re.ASCII)
_KINDS: dict[str, Callable[[bytes], bool]] = {
    "png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    "jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    "webp": lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    "svg+xml": lambda content: b"<svg" in content,
}


def check_logo(logo: str, *field: str) -> None:
    """Raise Invalid, naming the field, for what is no picture, none of a browser's kinds, or too large."""
    matched = _SHAPE.fullmatch(logo)
    if matched is None:
        raise _refused("A logo is a data: URI of a PNG, JPEG, WebP or SVG image in base64.", *field)
    kind, text = matched.groups()
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _refused("The logo's base64 cannot be read.", *field) from None
    if len(content) > LARGEST_LOGO:
        limit, found = LARGEST_LOGO // 1024, -(-len(content) // 1024)
        raise _refused(f"A logo is of at most {limit} KiB, so that pages stay light, not {found}.", *field)
    if not _KINDS[kind](content):
        raise _refused(f"The logo says that it is image/{kind}, and is not.", *field)


def _refused(message: str, *field: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, *field)
