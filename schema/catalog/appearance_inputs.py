"""What a team sets of a brand's own look."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.catalog.look_enums import FontStack, FooterLinkKind, PreferencePageScope, TextKey
from schema.contract.inputs import written_values
from schema.contract.scalars import JSON, Locale

_IMAGE = "PNG, JPEG, WebP or SVG of at most 16 KiB, as a base64 `data:` URI."


@strawberry.input
class FooterLinkInput:
    """A link at the foot of pages and mails."""

    kind: FooterLinkKind = strawberry.field(description="What it leads to.")
    url: str = strawberry.field(
        description="Where it leads: an https URL in ASCII, without a user name. In development also http."
    )
    label: JSON | None = strawberry.field(
        description='Its text by language, such as {"en": "Our shops"}, of at most 60 characters each. Left'
        " out: it is named after its kind. A link of the kind `OTHER` needs one."
    )


@strawberry.input
class CustomTextInput:
    """A short text in the business unit's own words, in one language."""

    locale: Locale = strawberry.field(
        description="The language in which it replaces Sayso's text: one that pages are translated to."
    )
    key: TextKey = strawberry.field(description="Which text it replaces.")
    text: str = strawberry.field(
        description="Plain text of at most 300 characters, with the placeholders of the text, such as"
        " `{type}`. `BusinessUnit.texts` names them. All but `{unit}` are required."
    )


@strawberry.input
class AppearanceInput:
    """Changes to the look of a business unit. Fields that are left out stay as they are, and null sets one to
    its default. Lists and texts by language are replaced as a whole.
    """

    primary_colour: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The colour of buttons, as `#rrggbb`. The same as `colour` of the business unit.",
    )
    logo: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The image at the top of pages: {_IMAGE}"
    )
    dark_logo: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"The image at the top of pages in dark mode: {_IMAGE} Null: the logo, on white.",
    )
    favicon: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The icon of pages in the browser's tab: {_IMAGE}"
    )
    background: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The colour behind pages in light mode, as `#rrggbb`. Other colours adapt to it.",
    )
    dark_background: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The colour behind pages in dark mode, as `#rrggbb`. Other colours adapt to it.",
    )
    corner_radius: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How round the corners of buttons and fields are: 0 to 24 pixels.",
    )
    font: FontStack | None = strawberry.field(default=strawberry.UNSET, description="The font of pages.")
    footer_links: list[FooterLinkInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The links at the foot of pages and mails, in order: at most 8."
    )
    website_url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Where the brand's name at the top of pages leads: a URL like that of a footer link.",
    )
    languages: list[Locale] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The languages that pages offer. Null or an empty list: all that there are.",
    )
    intro: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description='A short text above the choices of the preference page, by language, such as {"en":'
        ' "Good to see you."}: at most 500 characters each.',
    )
    custom_texts: list[CustomTextInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The texts in the business unit's own words. They replace those set before.",
    )
    leaving_reasons: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether recipients who leave are asked why. Null: they are."
    )
    sender_name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name that Sayso's mails for the business unit come from: at most 200 characters.",
    )
    sender_address: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The address that Sayso's mails for the business unit come from, in ASCII. The mail"
        " server must accept it, and DKIM should cover its domain.",
    )
    reply_to: str | None = strawberry.field(
        default=strawberry.UNSET, description="The address that answers to these mails go to."
    )
    public_url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What links of the business unit begin with: scheme and host, such as"
        " `https://mail.acme.example`. The host must lead to this installation.",
    )
    preference_page_scope: PreferencePageScope | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whose subscription types a preference page shows that was opened from a message of the"
        " business unit. Null: `ALL_UNITS`.",
    )


def appearance_values(input: AppearanceInput) -> dict[str, Any]:
    """Return what was written, as `catalog.appearance_settings` takes it."""
    values = written_values(input)
    for name in ("footer_links", "custom_texts"):
        if values.get(name) is not None:
            values[name] = [written_values(item) for item in values[name]]
    return values
