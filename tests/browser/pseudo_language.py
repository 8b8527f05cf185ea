"""A language that nobody speaks, to test layouts with: right to left, accented, 40 % longer than English."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from preference_center.translations import LOCALES

LANGUAGE = "ar"
_PLACEHOLDER = re.compile(r"(%\(\w+\)[sd])")
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابجدهفغحيكقلمنعذپرستوىظخيز")
_ACCENT = "\u064e"
"""Fatha, written above a letter."""


def write_locales(folder: Path) -> None:
    """Fill a folder for `translations.LOCALES` with all languages and the pseudo-language."""
    for language in LOCALES.iterdir():
        (folder / language.name).symlink_to(language)
    target = folder / LANGUAGE / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (LOCALES / "pl" / "LC_MESSAGES" / "sayso.po").open("rb") as file:
        sources = [message.id for message in read_po(file) if message.id]
    catalog = Catalog(locale=LANGUAGE)
    for source in sources:
        if isinstance(source, str):
            catalog.add(source, pseudo(source))
        else:
            catalog.add(source, tuple(pseudo(source[-1]) for _ in range(catalog.num_plurals)))
    with (target / "sayso.po").open("wb") as file:
        write_po(file, catalog)


def pseudo(source: str) -> str:
    """The message in Arabic letters, every third one accented, and 40 % longer. It means nothing."""
    letters = "".join(
        part if _PLACEHOLDER.fullmatch(part) else part.lower().translate(_LETTERS)
        for part in _PLACEHOLDER.split(source)
    )
    accented = re.sub(r"([\u0627-\u06cc]{3})", rf"\1{_ACCENT}", letters)
    longer = max(1, round(len(source) * 0.4))
    return accented + " " + ("لوريم " * (longer // 6 + 1))[:longer].strip()
