"""The words that recipients read: gettext catalogues and templates, one set for each language.

English is written in the code and the templates; every other language is a folder under `templates/locale`
with .po files, which are read when they are first needed, so there is nothing to compile: `sayso.po` for the
pages, mails and texts, `replies.po` for the answers to keywords.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from preference_center.rules.languages import best_match

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
LOCALES = TEMPLATES / "locale"
DOMAIN = "sayso"
SOURCE_LANGUAGE = "en"
_LONGEST_TAG = 35
_WRITTEN_AS = {"en": "en-GB"}
"""Whose days and lists a language without a region takes: 3 December, with no comma before "and"."""
_FIRST = {"fr": "1er"}
"""How a language writes the first of a month, where CLDR leaves it to the number."""
_UNSPACED = ("zh", "ja")
"""Languages that put no space between sentences."""


@dataclass(frozen=True, slots=True)
class Translator:
    """One language: its messages, and the templates rendered in it."""

    language: str
    name: str
    """What the language calls itself."""
    direction: str
    """Which way it is written, for `dir`: "ltr", or "rtl" as Arabic and Hebrew are."""
    translations: NullTranslations
    environment: Environment

    def gettext(self, message: str, **values: object) -> str:
        """The message in this language, with `%(name)s` filled in where values are given."""
        text = self.translations.gettext(message)
        return text % self._apart(values) if values else text

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """The form that `num` asks for, with `%(num)d` and the values filled in."""
        return self.translations.ngettext(one, many, num) % {"num": num, **self._apart(values)}

    def date(self, when: datetime) -> str:
        """A day, written out as the language does: 3 December 2026, 3. Dezember 2026, 2026年12月3日."""
        return _written(self.language, when.date())

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row: Acme, Bazaar and Corner; Acme、Bazaar和Corner."""
        return format_list(names, locale=_locale(self.language)) if names else ""

    def joined(self, *sentences: str) -> str:
        """Sentences one after the other."""
        return ("" if self.language.startswith(_UNSPACED) else " ").join(sentences)

    def template(self, name: str) -> Template:
        """The compiled template; compiled once for each language."""
        return self.environment.get_template(name)

    def _apart(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """Names and numbers keep their own order in a line from right to left (UAX 9, isolates)."""
        if self.direction == "ltr":
            return values
        return {name: f"\u2068{value}\u2069" for name, value in values.items()}


@lru_cache(maxsize=4096)
def _written(language: str, day: date) -> str:
    text = format_date(day, "long", locale=_locale(language))
    if day.day == 1 and language in _FIRST:
        text = text.replace("1", _FIRST[language], 1)
    # The day stays in one line with its month.
    return text.replace(" ", "\u00a0", 1)


@cache
def _locale(language: str) -> Locale:
    """How a language writes days and lists."""
    return Locale.parse(_WRITTEN_AS.get(language, language), sep="-")


@cache
def languages() -> tuple[str, ...]:
    """The languages of the pages and mails, English first."""
    return translated(DOMAIN)


@cache
def translated(domain: str) -> tuple[str, ...]:
    """The languages (BCP 47) that a set of messages is there in: English, in which it is written, first."""
    others = sorted(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{domain}.po"))
    return (SOURCE_LANGUAGE, *(name.replace("_", "-") for name in others if name != SOURCE_LANGUAGE))


@lru_cache(maxsize=1024)
def nearest(tag: str | None, domain: str = DOMAIN) -> str | None:
    """The language there is for a BCP 47 tag (`pl-PL` gives `pl`, `zh-TW` gives `zh-Hant`), or None."""
    if not tag or len(tag) > _LONGEST_TAG:
        return None
    return best_match(translated(domain), tag)


@cache
def wording(language: str) -> Translator:
    """The words of one of `languages()`; KeyError for any other."""
    if language not in languages():
        raise KeyError(language)
    translations = read_translations(language, DOMAIN)
    locale = Locale.parse(language, sep="-")
    direction = "rtl" if locale.character_order == "right-to-left" else "ltr"
    return Translator(language, _name(locale), direction, translations, _environment(translations))


def _name(locale: Locale) -> str:
    # "繁體中文" where the language has a word for itself in that script, not "中文 (繁體)".
    name = locale.languages.get(str(locale)) or locale.get_display_name() or str(locale)
    return name[0].upper() + name[1:]


def localized(texts: Mapping[str, str], language: str, fallback: str) -> tuple[str, str]:
    """What a catalogue says in a language, and the language it was found in (for `lang`).

    A text that is missing is taken in the fallback language, then in any; "" where there is none at all.
    """
    there = [tag for tag, text in texts.items() if text]
    found = best_match(there, language) or best_match(there, fallback) or next(iter(there), None)
    return (texts[found], found) if found else ("", language)


@cache
def read_translations(language: str, domain: str) -> NullTranslations:
    """A set of messages in a language (BCP 47); in English where there is no such file."""
    folder = language.replace("-", "_")
    path = LOCALES / folder / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=folder, domain=domain)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _environment(translations: NullTranslations) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["stylesheet"] = Markup(stylesheet())  # noqa: S704 (a file of ours)
    return environment


@cache
def stylesheet() -> str:
    """The one stylesheet of all pages, without its comments and indentation."""
    lines = (line.strip() for line in (TEMPLATES / "sayso.css").read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and not (line.startswith("/*") and line.endswith("*/")))
