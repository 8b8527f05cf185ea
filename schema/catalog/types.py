"""Business units and subscription types."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import ClassVar

import strawberry

from preference_center.catalog.catalog import AddedKeyword, Catalog
from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.config import settings
from preference_center.links.maker import link_maker
from preference_center.storage import database
from schema.contract.ids import Node, global_id
from schema.contract.scalars import Channel, Key, Locale, Purpose, RecipientKind, ResubscribePolicy
from schema.engine.context import Info
from schema.engine.resolver import resolver


@strawberry.enum(description="What a keyword does (R27).")
class KeywordMeaning(Enum):
    """The meanings that a unit may give to a word of its own."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@strawberry.type(description="A word that a business unit adds to the keywords that every unit has (R27).")
class Keyword:
    """An added keyword, written as messages are compared: without case and punctuation."""

    word: str
    meaning: KeywordMeaning
    locale: Locale | None = strawberry.field(description="The language that it is answered in.")


@strawberry.type(description="A brand that writes to people in its own name.")
class BusinessUnit(Node):
    """A business unit; one object for each in the whole process."""

    shared: ClassVar[bool] = True
    key: Key
    name: str
    data_privacy: bool
    resubscribe: ResubscribePolicy
    default_locale: Locale
    colour: str
    logo: str | None
    postal_address: str | None
    keywords: list[Keyword] = strawberry.field(description="Those that the unit added.")
    all_types: strawberry.Private[list[SubscriptionType]]

    @resolver(description="Opens for a day what recipients see, of nobody in particular; nothing is saved.")
    def preview_url(self, info: Info, locale: Locale | None = None) -> str:
        """A link to a preview of its page, in the unit's own language or the one asked for."""
        # It takes `info` in order to be made anew at each request: what does not is remembered (planning.py).
        maker = link_maker(settings.current())
        return maker.preview_url(maker.preview(self.key, database.now()), locale)

    @resolver()
    def subscription_types(self, include_archived: bool | None = False) -> list[SubscriptionType]:
        """Its types, in the order they were made in."""
        return [kind for kind in self.all_types if include_archived or kind.archived_at is None]


@strawberry.type(description="A kind of message, of one business unit.")
class SubscriptionType(Node):
    """A subscription type; one object for each in the whole process."""

    shared: ClassVar[bool] = True
    key: Key
    business_unit: BusinessUnit
    purpose: Purpose
    channels: list[Channel]
    is_public: bool
    double_opt_in: bool
    archived_at: datetime | None
    row: strawberry.Private[CatalogType]

    @resolver()
    def name(self, locale: Locale | None = None) -> str:
        """In the language asked for, else in the unit's own."""
        return self.row.name(locale)

    @resolver()
    def description(self, locale: Locale | None = None) -> str:
        """In the language asked for, else in the unit's own; empty where there is none."""
        return self.row.description(locale)


class CatalogView:
    """The catalogue as the schema shows it: one object for each unit and type, found by number."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.units = {unit.id: _unit(unit) for unit in catalog.units}
        self.types = {kind.id: _type(kind, self.units[kind.business_unit.id]) for kind in catalog.types}
        for kind in self.types.values():
            kind.business_unit.all_types.append(kind)
        self.offers = {
            kind: [
                (shown, channel)
                for shown in self.types.values()
                for channel in shown.channels
                if channel in kind.channels
            ]
            for kind in RecipientKind
        }

    def unit(self, row: CatalogUnit) -> BusinessUnit:
        """The unit as the schema shows it."""
        return self.units[row.id]

    def type(self, row: CatalogType) -> SubscriptionType:
        """The type as the schema shows it."""
        return self.types[row.id]


_held: CatalogView | None = None


def view_of(catalog: Catalog) -> CatalogView:
    """Give the view of a catalogue; made once for each state of it."""
    global _held
    if _held is None or _held.catalog is not catalog:
        _held = CatalogView(catalog)
    return _held


def _unit(unit: CatalogUnit) -> BusinessUnit:
    return BusinessUnit(
        id=global_id("BusinessUnit", unit.id),
        key=Key(unit.key),
        name=unit.name,
        data_privacy=unit.data_privacy,
        resubscribe=unit.resubscribe,
        default_locale=Locale(unit.default_locale),
        colour=unit.colour,
        logo=unit.logo,
        postal_address=unit.postal_address,
        keywords=[keyword_of(row) for row in unit.keywords],
        all_types=[],
    )


def keyword_of(row: AddedKeyword) -> Keyword:
    """Show an added keyword."""
    return Keyword(
        word=row.word,
        meaning=KeywordMeaning(row.meaning.value),
        locale=Locale(row.locale) if row.locale else None,
    )


def _type(kind: CatalogType, unit: BusinessUnit) -> SubscriptionType:
    return SubscriptionType(
        id=global_id("SubscriptionType", kind.id),
        key=Key(kind.key),
        business_unit=unit,
        purpose=kind.purpose,
        channels=list(kind.channels),
        is_public=kind.is_public,
        double_opt_in=kind.double_opt_in,
        archived_at=kind.archived_at,
        row=kind,
    )
