"""Makes the tables of letter pairs and characters by which older encodings are told apart.

    python tests/imports/encoding_tables.py preference_center/imports/encodings/letters.json

Needs Faker, for its names of people and cities, which is no dependency of the project.
"""

from __future__ import annotations

import importlib
import json
import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from babel import Locale

ALPHABETIC: Final = {
    "pl": ["pl_PL"],
    "cs": ["cs_CZ"],
    "sk": ["sk_SK"],
    "hu": ["hu_HU"],
    "ro": ["ro_RO"],
    "hr": ["hr_HR"],
    "sl": ["sl_SI"],
    "sq": [],
    "de": ["de_DE", "de_AT", "de"],
    "fr": ["fr_FR", "fr_CA", "fr_BE"],
    "es": ["es_ES", "es_MX", "es_AR", "es"],
    "pt": ["pt_PT", "pt_BR"],
    "it": ["it_IT"],
    "ca": ["es_CA"],
    "sv": ["sv_SE"],
    "fi": ["fi_FI"],
    "da": ["da_DK"],
    "nb": ["no_NO"],
    "is": ["is_IS"],
    "nl": ["nl_NL", "nl_BE"],
    "ga": ["ga_IE"],
    "tr": ["tr_TR"],
    "az": ["az_AZ"],
    "lt": ["lt_LT"],
    "lv": ["lv_LV"],
    "et": ["et_EE"],
    "ru": ["ru_RU"],
    "uk": ["uk_UA"],
    "bg": ["bg_BG"],
    "mk": ["mk_MK"],
    "sr": [],
    "el": ["el_GR"],
    "he": ["he_IL"],
    "ar": ["ar_AA", "ar_SA", "ar_PS", "ar_DZ"],
    "fa": ["fa_IR"],
    "vi": ["vi_VN"],
    "th": ["th_TH", "th"],
}
IDEOGRAPHIC: Final = {"zh_Hans": ["zh_CN"], "zh_Hant": ["zh_TW"], "ja": ["ja_JP"], "ko": ["ko_KR"]}
PROVIDERS: Final = ("person", "address", "job", "lorem", "company")
WORDS: Final = Path(__file__).with_name("encoding_words.json")
"""Common names and places, and characters of surnames, of given names, and of headers."""
SMOOTHING: Final = 0.5
BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def texts(locales: Iterable[str], language: str) -> Iterator[str]:
    """Names of people, places and jobs from Faker, and CLDR's names."""
    for locale in locales:
        for provider in PROVIDERS:
            try:
                module = importlib.import_module(f"faker.providers.{provider}.{locale}")
            except ImportError:
                continue
            for name, value in vars(module.Provider).items():
                if "roman" not in name and "format" not in name and not name.startswith("_"):
                    yield from strings(value)
    tables = Locale.parse(language)
    for table in (tables.territories, tables.languages, tables.months, tables.days):
        yield from strings(table)


def letters_in(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return re.findall(r"[^\W\d_]+", text.lower())


def strings(value: Any) -> Iterator[str]:
    """All texts in nested lists and dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key if not isinstance(inner, (str, dict)) else inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from strings(inner)
    elif hasattr(value, "items"):
        yield from strings(dict(value))


def words_of(locales: Iterable[str], language: str) -> set[str]:
    """The different words of a language, in lower case."""
    found: set[str] = set()
    for text in texts(locales, language):
        plain = unicodedata.normalize("NFC", text).translate(str.maketrans("șțȘȚ", "şţŞŢ"))
        if "{{" not in plain:
            found.update(word for word in letters_in(plain) if is_of_one_script(word))
    return found


def is_of_one_script(word: str) -> bool:
    """Whether all letters of a word are of one script."""
    return len({unicodedata.name(letter, "").split()[0] for letter in word}) == 1


def digit(probability: float) -> str:
    """The negative logarithm in half nats."""
    return BASE36[min(35, max(0, round(-2 * math.log(probability))))]


def pairs(words: Iterable[str]) -> dict[str, str]:
    """After each letter, "^" for the beginning, the letters that follow and their costs."""
    following: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word in words:
        for before, letter in zip(f"^{word}", f"{word}$", strict=True):
            following[before][letter] += 1
    table = {}
    for before, counts in sorted(following.items()):
        total = counts.total() + SMOOTHING * 40
        # Pairs within ASCII tell the languages apart that have the same other letters.
        kept = {c: n for c, n in sorted(counts.items()) if n > 2 or not (before + c).isascii()}
        table[before] = "".join(letter + digit(n / total) for letter, n in kept.items())
    letters = Counter(letter for word in words for letter in word)
    table[" "] = "".join(
        c + digit(n / letters.total()) for c, n in sorted(letters.items()) if not c.isascii()
    )
    return {before: text for before, text in table.items() if text}


def characters(words: Iterable[str], names: Sequence[str]) -> dict[str, str]:
    """Characters by their cost."""
    counts: Counter[str] = Counter()
    for word in words:
        counts.update(char for char in word if not char.isascii())
    total = counts.total() or 1
    weights: dict[str, float] = defaultdict(float, {char: 0.4 * n / total for char, n in counts.items()})
    for text, share in zip(names, (0.25, 0.25, 0.1), strict=True):
        for char in text:
            weights[char] += share / len(text)
    by_cost: defaultdict[str, str] = defaultdict(str)
    for char, weight in sorted(weights.items()):
        by_cost[digit(weight)] += char
    return dict(sorted(by_cost.items()))


def main(path: str) -> None:
    """Write the tables to a file."""
    more = json.loads(WORDS.read_text(encoding="utf-8"))
    tables = {
        "pairs": {
            code: pairs([*sorted(words_of(locales, code)), *2 * letters_in(more["words"].get(code, ""))])
            for code, locales in ALPHABETIC.items()
        },
        "characters": {
            code: characters(words_of(locales, code), more["characters"][code])
            for code, locales in IDEOGRAPHIC.items()
        },
    }
    Path(path).write_text(json.dumps(tables, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
