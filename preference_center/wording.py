"""The words that recipients read: gettext catalogues and templates, one set for each language.

English is written in the code and the templates; every other language is a folder under `templates/locale`
with .po files, which are read when they are first needed, so there is nothing to compile: `sayso.po` for the
pages and mails, `replies.po` for the answers to keywords, which speak more languages.
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

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LOCALES = TEMPLATES / "locale"
DOMAIN = "sayso"
SOURCE_LANGUAGE = "en"
_LONGEST_TAG = 35


@dataclass(frozen=True, slots=True)
class Wording:
    """One language: its messages, and the templates rendered in it."""

    language: str
    name: str
    """What the language calls itself."""
    translations: NullTranslations
    environment: Environment

    def gettext(self, message: str, **values: object) -> str:
        """The message in this language, with `%(name)s` filled in where values are given."""
        text = self.translations.gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """The form that `num` asks for, with `%(num)d` and the values filled in."""
        return self.translations.ngettext(one, many, num) % {"num": num, **values}

    def date(self, when: datetime) -> str:
        """A day, written out: 3 December 2026."""
        return _written(self.language, when.date())

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row: Acme, Bazaar and Corner."""
        return format_list(names, locale=self.language) if names else ""

    def template(self, name: str) -> Template:
        """The compiled template; compiled once for each language."""
        return self.environment.get_template(name)


@lru_cache(maxsize=4096)
def _written(language: str, day: date) -> str:
    return format_date(day, "d MMMM y", locale=language)


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
def nearest(tag: str | None) -> str | None:
    """The language there is for a BCP 47 tag (`pl-PL` gives `pl`), None where there is none."""
    if not tag or len(tag) > _LONGEST_TAG:
        return None
    folded = tag.strip().replace("_", "-").lower()
    known = {language.lower(): language for language in languages()}
    return known.get(folded) or known.get(folded.partition("-")[0])


@cache
def wording(language: str) -> Wording:
    """The words of one of `languages()`; KeyError for any other."""
    if language not in languages():
        raise KeyError(language)
    translations = read_translations(language, DOMAIN)
    name = Locale.parse(language, sep="-").get_display_name(language) or language
    return Wording(language, name[0].upper() + name[1:], translations, _environment(translations))


def localized(texts: Mapping[str, str], language: str, fallback: str) -> tuple[str, str]:
    """What a catalogue says in a language, and the language it was found in (for `lang`).

    A text that is missing is taken in the fallback language, then in any; "" where there is none at all.
    """
    for tag in (language, language.partition("-")[0], fallback, fallback.partition("-")[0], *texts):
        if texts.get(tag):
            return texts[tag], tag
    return "", language


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
