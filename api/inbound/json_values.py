"""Reading values out of JSON of any shape."""

from __future__ import annotations

import math
import re
from typing import Any

_UNSTORABLE = re.compile("[\ud800-\udfff]")


def objects(value: Any, name: str) -> list[dict[str, Any]]:
    """Return the objects in a list; none if it is not a list."""
    items = value.get(name) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def text_at(value: Any, *path: str) -> str:
    """Return the text or number at a path, in characters that both databases can store; else empty."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return storable(value) if isinstance(value, str) else ""


def storable(text: str) -> str:
    """Return a text without surrounding space, in characters that both databases can store."""
    return _UNSTORABLE.sub("\ufffd", text.replace("\x00", "")).strip()
