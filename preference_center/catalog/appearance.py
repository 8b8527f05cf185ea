"""How a brand looks and speaks: `BusinessUnit.appearance`, as it was when the catalog was read.

It is stored as JSON in `business_units.appearance`, but for the colour and the logo, which have columns of
their own. `appearance_settings` checks it, `custom_texts` has the texts that a brand may word itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from preference_center.catalog.custom_texts import CustomText, TextKey
from preference_center.rules.languages import localized

DEFAULT_COLOUR: Final = "#3d5a80"
"""The colour of a unit that has chosen none."""


class FontStack(Enum):
    """A choice of fonts that devices have, so that pages load none."""

    SYSTEM = "SYSTEM"
    HUMANIST = "HUMANIST"
    GEOMETRIC = "GEOMETRIC"
    ROUNDED = "ROUNDED"
    SERIF = "SERIF"
    BOOK = "BOOK"
    SLAB = "SLAB"
    MONOSPACE = "MONOSPACE"

    @property
    def css(self) -> str:
        """The fonts, as a value of the CSS property `font-family`."""
        return _FONTS[self]


_FONTS: Final[dict[FontStack, str]] = {
    FontStack.SYSTEM: '-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",system-ui,sans-serif',
    FontStack.HUMANIST: '"Gill Sans",Optima,Candara,Calibri,Carlito,"Liberation Sans",sans-serif',
    FontStack.GEOMETRIC: 'Avenir,"Avenir Next",Corbel,Futura,"URW Gothic","Century Gothic",sans-serif',
    FontStack.ROUNDED: 'ui-rounded,Quicksand,Nunito,"Segoe UI",Roboto,"Liberation Sans",sans-serif',
    FontStack.SERIF: 'Charter,"Bitstream Charter",Cambria,Georgia,"Noto Serif","Liberation Serif",serif',
    FontStack.BOOK: '"Iowan Old Style","Palatino Linotype",Palatino,"URW Palladio L",P052,Georgia,serif',
    FontStack.SLAB: 'Rockwell,"Rockwell Nova","Roboto Slab","DejaVu Serif","Sitka Small",Georgia,serif',
    FontStack.MONOSPACE: 'ui-monospace,"Cascadia Code",Menlo,Consolas,"DejaVu Sans Mono",monospace',
}


class FooterLinkKind(Enum):
    """What a link at the foot of pages and mails leads to."""

    PRIVACY = "PRIVACY"
    IMPRINT = "IMPRINT"
    HELP = "HELP"
    WEBSITE = "WEBSITE"
    OTHER = "OTHER"


class PreferencePageScope(Enum):
    """Whose types a preference page shows that was opened from a unit's link."""

    OWN_UNIT = "OWN_UNIT"
    ALL_UNITS = "ALL_UNITS"


@dataclass(frozen=True, slots=True)
class FooterLink:
    """A link at the foot of pages and mails."""

    kind: FooterLinkKind
    url: str
    """https, or http in development."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """By language. Empty: the words of Sayso for the kind."""

    def label(self, locale: str, default_locale: str) -> str | None:
        """The label in a language, else in the unit's, else in any; None if it has none."""
        found = localized(self.labels, locale, default_locale)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a brand looks and speaks. None or empty is what Sayso has for everybody."""

    primary_colour: str = DEFAULT_COLOUR
    """#rrggbb, on fills as it is. The same as `BusinessUnit.colour`."""
    logo: str | None = None
    """A data: URI. The same as `BusinessUnit.logo`."""
    dark_logo: str | None = None
    """A data: URI, for dark mode. None: the logo, on white."""
    favicon: str | None = None
    """A data: URI."""
    background: str | None = None
    """#rrggbb, of the page in light mode."""
    dark_background: str | None = None
    """#rrggbb, of the page in dark mode."""
    corner_radius: int | None = None
    """Of buttons and fields, in pixels: 0 to 24."""
    font: FontStack = FontStack.SYSTEM
    footer_links: tuple[FooterLink, ...] = ()
    website_url: str | None = None
    """Where the brand's name leads."""
    languages: tuple[str, ...] = ()
    """The languages of pages that recipients may choose from. Empty: all."""
    intro: Mapping[str, str] = field(default_factory=dict)
    """A short text above the choices of the preference page, by language."""
    custom_texts: tuple[CustomText, ...] = ()
    leaving_reasons: bool = True
    """Whether those who leave are asked why."""
    sender_name: str | None = None
    """The sender's name in mails that Sayso sends for the brand. None: the name of the unit."""
    sender_address: str | None = None
    """None: the address of SAYSO_MAIL_FROM."""
    reply_to: str | None = None
    public_url: str | None = None
    """What links of the unit begin with: scheme, host and port. None: SAYSO_PUBLIC_URL."""
    preference_page_scope: PreferencePageScope = PreferencePageScope.ALL_UNITS

    def text(self, key: TextKey, locale: str) -> str | None:
        """The brand's own words for a text in a language, with `{placeholders}`; None if it has none."""
        return next((own.text for own in self.custom_texts if own.key is key and own.locale == locale), None)


_WITH_COLUMNS: Final = ("primary_colour", "logo")
STORED: Final = tuple(name for name in Appearance.__dataclass_fields__ if name not in _WITH_COLUMNS)
"""The fields that the JSON of a unit may have."""
_DEFAULT: Final = Appearance()


def stored(appearance: Appearance) -> dict[str, Any]:
    """Return what `business_units.appearance` keeps: what differs from the defaults, as JSON."""
    kept: dict[str, Any] = {}
    for name in STORED:
        value = getattr(appearance, name)
        if value != getattr(_DEFAULT, name):
            kept[name] = _json_of(value)
    return kept


def from_stored(kept: Mapping[str, Any], colour: str, logo: str | None) -> Appearance:
    """Return the appearance of a unit with this JSON, colour and logo. What the JSON lacks is the default."""
    values = {name: _READ.get(name, _same)(kept[name]) for name in STORED if name in kept}
    return Appearance(primary_colour=colour, logo=logo, **values)


def _same(value: Any) -> Any:
    return value


_READ: Final[dict[str, Any]] = {
    "font": lambda name: FontStack[name],
    "preference_page_scope": lambda name: PreferencePageScope[name],
    "languages": tuple,
    "footer_links": lambda rows: tuple(
        FooterLink(FooterLinkKind[row["kind"]], row["url"], row["labels"]) for row in rows
    ),
    "custom_texts": lambda rows: tuple(
        CustomText(TextKey[row["key"]], row["locale"], row["text"])
        for row in rows
        if row["key"] in TextKey.__members__
    ),
}


def _json_of(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return [_json_of(item) for item in value]
    if isinstance(value, FooterLink | CustomText):
        return {name: _json_of(getattr(value, name)) for name in type(value).__dataclass_fields__}
    return dict(value) if isinstance(value, Mapping) else value
