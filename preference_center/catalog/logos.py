"""Checks logos: small images of a type that browsers show, passed as a data: URI."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from preference_center.errors import ErrorCode, Invalid

MAX_LOGO_BYTES = 16 * 1024
"""A page and its logo weigh less than 30 KB together (decision 0026)."""
_DATA_URI = re.compile(r"data:image/(png|jpeg|webp|svg\+xml);base64,([A-Za-z0-9+/]+={0,2})", re.ASCII)
_IS_OF_TYPE: dict[str, Callable[[bytes], bool]] = {
    "png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    "jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    "webp": lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    "svg+xml": lambda content: b"<svg" in content,
}


def check_logo(logo: str, *field: str) -> None:
    """Raise Invalid, naming the field, for anything but a small PNG, JPEG, WebP or SVG image."""
    data_uri = _DATA_URI.fullmatch(logo)
    if data_uri is None:
        raise _invalid("A logo is a data: URI of a PNG, JPEG, WebP or SVG image in base64.", *field)
    media_type, encoded = data_uri.groups()
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise _invalid("The logo is not valid base64.", *field) from None
    if len(content) > MAX_LOGO_BYTES:
        limit, size = MAX_LOGO_BYTES // 1024, -(-len(content) // 1024)
        raise _invalid(f"A logo has at most {limit} KiB, so that pages stay light, not {size}.", *field)
    if not _IS_OF_TYPE[media_type](content):
        raise _invalid(f"The logo is not an image/{media_type} as it says.", *field)


def _invalid(message: str, *field: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, *field)
