"""A brand's logo in a mail: attached to it and shown by its Content-ID.

Mail programs block `data:` URIs and ask before they load pictures from elsewhere. They do not show SVG, and
Outlook for Windows does not show WebP either: for these, the mail has the brand's name instead.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

MAX_WIDTH, MAX_HEIGHT = 200, 48
"""In CSS pixels; a picture is never enlarged."""
_SIZE_MARKERS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""The JPEG segments that have the size (ITU T.81, table B.1)."""


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A picture that is part of a mail."""

    content_id: str
    """Without angle brackets, and the same for the same picture."""
    subtype: str
    """`png` or `jpeg`."""
    content: bytes
    data_uri: str
    """For a browser, which shows no Content-ID."""
    width: int
    height: int
    """As shown."""

    @property
    def source(self) -> str:
        """What refers to it in the mail."""
        return f"cid:{self.content_id}"


@lru_cache(maxsize=128)
def inline_image(data_uri: str | None) -> InlineImage | None:
    """Return a logo for a mail; None without one, or if mail programs do not show its format."""
    media_type, _, encoded = (data_uri or "").removeprefix("data:image/").partition(";base64,")
    if data_uri is None or media_type not in ("png", "jpeg"):
        return None
    content = b64decode(encoded)
    size = _png_size(content) if media_type == "png" else _jpeg_size(content)
    if size is None or min(size) < 1:
        return None
    scale = min(1.0, MAX_WIDTH / size[0], MAX_HEIGHT / size[1])
    width, height = (max(1, round(side * scale)) for side in size)
    content_id = f"{sha256(content).hexdigest()[:24]}@sayso"
    return InlineImage(content_id, media_type, content, data_uri, width, height)


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in the header of a PNG (RFC 2083 §4.1.1)."""
    if len(content) < 24:
        return None
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in the first frame of a JPEG (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _SIZE_MARKERS:
            height = int.from_bytes(content[at + 5 : at + 7], "big")
            return int.from_bytes(content[at + 7 : at + 9], "big"), height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
