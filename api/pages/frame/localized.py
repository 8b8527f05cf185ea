"""Names and descriptions from the catalog in the language of a page."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.frame.parts import LocalizedText
from preference_center.catalog.catalog import BusinessUnit
from preference_center.rules.languages import localized, written_language
from preference_center.translations import Translator


def localized_text(
    translator: Translator, texts: Mapping[str, str], unit: BusinessUnit, fallback: str = ""
) -> LocalizedText:
    """The text in the page's language, else in another with its `lang`; `fallback` if there is none."""
    found = localized(texts, translator.language, unit.default_locale)
    if found is None:
        return LocalizedText(fallback, None)
    text, language = found
    same = written_language(language) == written_language(translator.language)
    return LocalizedText(text, None if same else language)
