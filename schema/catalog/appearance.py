"""A brand's own look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import strawberry

from preference_center.catalog import appearance as looks
from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.custom_texts import in_braces, in_words_of
from preference_center.translations import SOURCE_LANGUAGE, nearest, translator_for
from schema.catalog.look_enums import FontStack, FooterLinkKind, PreferencePageScope, TextKey
from schema.contract.scalars import JSON, Locale

InPageLanguage = Annotated[
    Locale | None,
    strawberry.argument(
        description="The language of the texts. Left out, or a language that pages are not"
        " translated to: the default language of the business unit, else English."
    ),
]


@strawberry.type
class FooterLink:
    """A link at the foot of a business unit's pages and mails."""

    kind: FooterLinkKind = strawberry.field(description="What it leads to.")
    url: str = strawberry.field(description="Where it leads: an https URL.")
    label: JSON | None = strawberry.field(
        description='Its text by language, such as {"en": "Our shops"}. Null: it is named after its kind.'
    )


@strawberry.type
class CustomText:
    """A short text that a business unit has worded itself, in one language."""

    key: TextKey = strawberry.field(description="Which text it replaces.")
    locale: Locale = strawberry.field(description="The language in which it replaces it.")
    text: str = strawberry.field(
        description="The business unit's own words: plain text with placeholders such as `{type}`."
    )


@strawberry.type
class PageText:
    """A short text of pages, mails and text messages as a business unit shows it, in one language."""

    key: TextKey = strawberry.field(description="Which text it is.")
    text: str = strawberry.field(
        description="The words: the business unit's own, else Sayso's, with placeholders such as `{type}`."
    )
    custom: bool = strawberry.field(description="Whether these are the business unit's own words.")
    placeholders: list[str] = strawberry.field(
        description="The placeholders that the text may have, such as `type` for `{type}`."
    )


@strawberry.type
class Appearance:
    """How the pages and mails of a business unit look, and what they say in its own words.

    Whatever is chosen, text keeps a contrast of at least 4.5 to 1 (WCAG 2.2, AA), every page keeps its way
    out, and nothing is loaded from other hosts.
    """

    primary_colour: str = strawberry.field(
        description="The colour of buttons, as `#rrggbb`, with black or white text on it. Links and text"
        " have the nearest colour that is readable. The same as `BusinessUnit.colour`."
    )
    logo: str | None = strawberry.field(
        description="The image at the top of pages, as a base64 `data:` URI; null if there is none. The"
        " same as `BusinessUnit.logo`."
    )
    dark_logo: str | None = strawberry.field(
        description="The image at the top of pages in dark mode, as a base64 `data:` URI. Null: the logo,"
        " on white."
    )
    favicon: str | None = strawberry.field(
        description="The icon of pages in the browser's tab, as a base64 `data:` URI; null if there is none."
    )
    background: str | None = strawberry.field(
        description="The colour behind pages in light mode, as `#rrggbb`. Null: that of Sayso."
    )
    dark_background: str | None = strawberry.field(
        description="The colour behind pages in dark mode, as `#rrggbb`. Null: that of Sayso."
    )
    corner_radius: int | None = strawberry.field(
        description="How round the corners of buttons and fields are, in pixels, and of boxes in"
        " proportion. Null: as Sayso has them."
    )
    font: FontStack = strawberry.field(description="The font of pages.")
    footer_links: list[FooterLink] = strawberry.field(
        description="The links at the foot of pages and mails, in order."
    )
    website_url: str | None = strawberry.field(
        description="Where the brand's name at the top of pages leads; null if it is no link."
    )
    languages: list[Locale] = strawberry.field(
        description="The languages that pages offer. An empty list: all that pages are translated to."
    )
    intro: JSON | None = strawberry.field(
        description='A short text above the choices of the preference page, by language, such as {"en":'
        ' "Good to see you."}; null if there is none.'
    )
    custom_texts: list[CustomText] = strawberry.field(
        description="The texts that the business unit has worded itself."
    )
    leaving_reasons: bool = strawberry.field(
        description="Whether recipients who leave are asked why. They never have to answer."
    )
    sender_name: str | None = strawberry.field(
        description="The name that Sayso's mails for the business unit come from. Null: its name."
    )
    sender_address: str | None = strawberry.field(
        description="The address that Sayso's mails for the business unit come from. Null: that of the"
        " installation."
    )
    reply_to: str | None = strawberry.field(
        description="The address that answers to these mails go to. Null: to the sender."
    )
    public_url: str | None = strawberry.field(
        description="What links of the business unit begin with, such as `https://mail.acme.example`."
        " Null: the public URL of the installation."
    )
    preference_page_scope: PreferencePageScope = strawberry.field(
        description="Whose subscription types a preference page shows that was opened from a message of"
        " the business unit."
    )


def appearance(look: looks.Appearance) -> Appearance:
    """Return an appearance as the schema has it."""
    as_they_are = {name: getattr(look, name) for name in _AS_THEY_ARE}
    return Appearance(
        **as_they_are,
        footer_links=[
            FooterLink(kind=link.kind, url=link.url, label=_texts(link.labels)) for link in look.footer_links
        ],
        languages=[Locale(language) for language in look.languages],
        intro=_texts(look.intro),
        custom_texts=[
            CustomText(key=own.key, locale=Locale(own.locale), text=own.text) for own in look.custom_texts
        ],
    )


def page_texts(unit: CatalogUnit, locale: str | None) -> list[PageText]:
    """Return every text that a unit may word, as it shows it in a language."""
    language = nearest(locale) or nearest(unit.default_locale) or SOURCE_LANGUAGE
    translator = in_words_of(translator_for(language), unit.appearance.custom_texts)
    own = {custom.key: custom.text for custom in unit.appearance.custom_texts if custom.locale == language}
    return [
        PageText(
            key=key,
            text=own.get(key) or in_braces(translator.translations.gettext(key.message)),
            custom=key in own,
            placeholders=list(key.placeholders),
        )
        for key in TextKey
    ]


_AS_THEY_ARE: Final = (
    "primary_colour",
    "logo",
    "dark_logo",
    "favicon",
    "background",
    "dark_background",
    "corner_radius",
    "font",
    "website_url",
    "leaving_reasons",
    "sender_name",
    "sender_address",
    "reply_to",
    "public_url",
    "preference_page_scope",
)


def _texts(texts: Mapping[str, str]) -> JSON | None:
    return JSON(dict(texts)) if texts else None
