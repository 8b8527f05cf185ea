"""Translations and templates of what recipients read: pages, mails, text messages.

English is written in the code and the templates. Every other language is a folder under `templates/locale`
with .po files, read when first needed, so there is nothing to compile: `sayso.po` for pages, mails and text
messages, `replies.po` for replies to keywords.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from types import CodeType

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    pass_eval_context,
)
from jinja2.bccache import Bucket
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from preference_center.rules.languages import best_match

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
LOCALES = TEMPLATES / "locale"
DOMAIN = "sayso"
SOURCE_LANGUAGE = "en"
_MAX_TAG_LENGTH = 35
_FORMATTED_AS = {"en": "en-GB"}
"""The region whose dates and lists a language takes: 3 December, and no comma before "and"."""
_FIRST_OF_MONTH = {"fr": "1er"}
"""The first of a month, in languages where CLDR gives the number alone."""
_WITHOUT_SPACES = ("zh", "ja")
"""Languages without a space between sentences."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates messages and renders templates in one language."""

    language: str
    """BCP 47."""
    name: str
    """The language's name in the language itself."""
    direction: str
    """The writing direction, for `dir`: "ltr" or "rtl"."""
    translations: NullTranslations
    environment: Environment

    def gettext(self, message: str, **values: object) -> str:
        """Return the message in this language, with the values in place of `%(name)s`."""
        text = self.translations.gettext(message)
        return text % self._isolated(values) if values or isinstance(text, _OwnWords) else text

    def ngettext(self, singular: str, plural: str, num: int, **values: object) -> str:
        """Return the message in the plural form for `num`, with it and the values filled in."""
        return self.translations.ngettext(singular, plural, num) % {"num": num, **self._isolated(values)}

    def date(self, when: datetime) -> str:
        """Return a date in the long format: 3 December 2026, 3. Dezember 2026, 2026年12月3日."""
        return _formatted_date(self.language, when.date())

    def listed(self, names: Sequence[str]) -> str:
        """Return names as a list: Acme, Bazaar and Corner; Acme、Bazaar和Corner."""
        return format_list(names, locale=_locale(self.language)) if names else ""

    def joined(self, *sentences: str) -> str:
        """Join sentences."""
        return ("" if self.language.startswith(_WITHOUT_SPACES) else " ").join(sentences)

    def with_own_words(self, texts: Mapping[str, str]) -> Translator:
        """Return a translator with other texts for some messages: plain text, in which % fills in values."""
        translations = _WithOwnWords(self.translations, texts)
        return replace(self, translations=translations, environment=_environment(translations))

    def template(self, name: str) -> Template:
        """Return a template, compiled once for all languages."""
        return self.environment.get_template(name)

    def _isolated(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """Isolate names and numbers, so that they keep their order in right-to-left text (UAX 9)."""
        if self.direction == "ltr":
            return values
        return {name: f"\u2068{value}\u2069" for name, value in values.items()}


@lru_cache(maxsize=4096)
def _formatted_date(language: str, day: date) -> str:
    text = format_date(day, "long", locale=_locale(language))
    if day.day == 1 and language in _FIRST_OF_MONTH:
        text = text.replace("1", _FIRST_OF_MONTH[language], 1)
    # A non-breaking space keeps the day on one line with its month.
    return text.replace(" ", "\u00a0", 1)


@cache
def _locale(language: str) -> Locale:
    """The locale that formats a language's dates and lists."""
    return Locale.parse(_FORMATTED_AS.get(language, language), sep="-")


@cache
def languages() -> tuple[str, ...]:
    """Return the languages (BCP 47) of pages and mails, English first."""
    return translated(DOMAIN)


@cache
def translated(domain: str) -> tuple[str, ...]:
    """Return the languages (BCP 47) of a domain: English, its source, first."""
    others = sorted(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{domain}.po"))
    return (SOURCE_LANGUAGE, *(name.replace("_", "-") for name in others if name != SOURCE_LANGUAGE))


def nearest(tag: str | None, domain: str = DOMAIN) -> str | None:
    """Return the translated language for a BCP 47 tag (`pl-PL`: `pl`, `zh-TW`: `zh-Hant`), or None."""
    if not tag or len(tag) > _MAX_TAG_LENGTH:
        return None
    return _nearest(tag, domain)


@lru_cache(maxsize=1024)
def _nearest(tag: str, domain: str) -> str | None:
    return best_match(translated(domain), tag)


@cache
def translator_for(language: str) -> Translator:
    """Return the translator of one of `languages()`; raises KeyError for any other."""
    if language not in languages():
        raise KeyError(language)
    translations = read_translations(language, DOMAIN)
    locale = Locale.parse(language, sep="-")
    direction = "rtl" if locale.character_order == "right-to-left" else "ltr"
    return Translator(language, _name(locale), direction, translations, _environment(translations))


def _name(locale: Locale) -> str:
    # CLDR may have a name for the language in its script: "繁體中文" rather than "中文 (繁體)".
    name = locale.languages.get(str(locale)) or locale.get_display_name() or str(locale)
    return name[0].upper() + name[1:]


@cache
def read_translations(language: str, domain: str) -> NullTranslations:
    """Read the translations of a domain into a language (BCP 47); English if there is no such file."""
    folder = language.replace("-", "_")
    path = LOCALES / folder / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=folder, domain=domain)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


class _OwnWords(str):
    """A text that a brand has worded itself. It is no markup: templates of pages escape it."""

    __slots__ = ()


class _WithOwnWords(NullTranslations):
    """Translations with other texts for some messages."""

    def __init__(self, translations: NullTranslations, texts: Mapping[str, str]) -> None:
        super().__init__()
        self.add_fallback(translations)
        self._texts = {message: _OwnWords(text) for message, text in texts.items()}

    def gettext(self, message: str) -> str:
        return self._texts.get(message) or super().gettext(message)


class _CompiledOnce(BytecodeCache):
    """The compiled templates, which are the same in every language."""

    def __init__(self) -> None:
        self._compiled: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._compiled[bucket.key] = bucket.code


_compiled = _CompiledOnce()


def load_all() -> None:
    """Load the templates in every language. It takes 0.2 seconds, for which no page should wait."""
    for language in languages():
        translator = translator_for(language)
        for name in translator.environment.list_templates(extensions=["html"]):
            translator.template(name)
        translator.date(datetime(2026, 1, 1, tzinfo=UTC))  # Babel reads the language's dates and lists
        translator.listed(("", ""))


def _environment(translations: NullTranslations) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True

    @pass_eval_context
    def gettext(context: EvalContext, message: str) -> str:
        text = translations.gettext(message)
        return escape(text) if context.autoescape and isinstance(text, _OwnWords) else text

    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, translations.ngettext, newstyle=True
    )
    environment.globals["stylesheet"] = Markup(stylesheet())  # noqa: S704 (a file of ours)
    return environment


@cache
def stylesheet() -> str:
    """Return the stylesheet of all pages, without comments and indentation."""
    lines = (line.strip() for line in (TEMPLATES / "sayso.css").read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and not (line.startswith("/*") and line.endswith("*/")))
