"""A language that nobody speaks, to see whether pages hold: right to left, accents, and 40 % longer."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from preference_center.translations import LOCALES

LANGUAGE = "ar"
_FILLED = re.compile(r"(%\(\w+\)[sd])")
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابجدهفغحيكقلمنعذپرستوىظخيز")
_MARK = "\u064e"
"""Fatha, an accent above the letter."""


def write_locale(folder: Path) -> None:
    """Write every message as it would be in the language, where `wording.LOCALES` may point."""
    target = folder / LANGUAGE / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (LOCALES / "pl" / "LC_MESSAGES" / "sayso.po").open("rb") as file:
        sources = [message.id for message in read_po(file) if message.id]
    catalogue = Catalog(locale=LANGUAGE)
    for source in sources:
        if isinstance(source, str):
            catalogue.add(source, said(source))
        else:
            catalogue.add(source, tuple(said(source[-1]) for _ in range(catalogue.num_plurals)))
    with (target / "sayso.po").open("wb") as file:
        write_po(file, catalogue)


def said(source: str) -> str:
    """The message in Arabic letters, every third with an accent, and 40 % longer; it means nothing."""
    translator = "".join(
        part if _FILLED.fullmatch(part) else part.lower().translate(_LETTERS)
        for part in _FILLED.split(source)
    )
    translator = re.sub(r"([\u0627-\u06cc]{3})", rf"\1{_MARK}", translator)
    longer = max(1, round(len(source) * 0.4))
    return translator + " " + ("لوريم " * (longer // 6 + 1))[:longer].strip()
