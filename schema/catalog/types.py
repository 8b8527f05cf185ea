"""Business units, subscription types and keywords."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, ClassVar

import strawberry

from preference_center.catalog.catalog import AddedKeyword
from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.config import settings
from preference_center.links.maker import link_maker
from preference_center.storage import database
from schema.catalog.appearance import Appearance, InPageLanguage, PageText, appearance, page_texts
from schema.catalog.look_enums import PreviewPage
from schema.contract.enums import Channel, Purpose, ResubscribePolicy
from schema.contract.fields import resolver
from schema.contract.ids import Node, global_id
from schema.contract.scalars import Key, Locale
from schema.engine.context import Info

InLocale = Annotated[
    Locale | None,
    strawberry.argument(
        description="The language of the text. Left out, or a language without a text: the"
        " default language of the business unit."
    ),
]


@strawberry.enum(description="What a keyword does when a recipient sends it.")
class KeywordMeaning(Enum):
    """The meanings that a business unit can give to a word."""

    STOP = strawberry.enum_value(
        "STOP", description="Opts the recipient out of everything from the business unit on the channel."
    )
    START = strawberry.enum_value(
        "START", description="Lifts the opt-out of all, and opts in to the types of the sender number."
    )
    HELP = strawberry.enum_value("HELP", description="Is answered with help, and changes nothing.")


@strawberry.type
class Keyword(Node):
    """A word that a business unit added to the keywords that every business unit has."""

    word: str = strawberry.field(
        description="The word or phrase, in lower case and without punctuation, such as `no"
        " more`. A message that consists of it is a keyword."
    )
    meaning: KeywordMeaning = strawberry.field(description="What a message with this word does.")
    locale: Locale | None = strawberry.field(
        description="The language that the word belongs to: that of the answer to recipients"
        " whose own language is unknown. Null: the default language of the business unit."
    )


@strawberry.type
class BusinessUnit(Node):
    """A brand that sends messages in its own name. It owns subscription types, and has a privacy setting, a
    look and a default language. At least one exists.
    """

    shared: ClassVar[bool] = True
    """One object for each business unit in the process: a plan completes it once."""
    key: Key = strawberry.field(
        description="The key that inputs name the business unit by, such as `acme`. It never changes."
    )
    name: str = strawberry.field(
        description="The name of the brand, as recipients see it on pages and in messages."
    )
    data_privacy: bool = strawberry.field(
        description="Whether marketing email needs an opt-in, and changes by the team need legal"
        " bases. True by default; switch it off only where no law requires consent."
    )
    resubscribe: ResubscribePolicy = strawberry.field(
        description="Whether the team may opt in a recipient again who opted out themselves."
    )
    default_locale: Locale = strawberry.field(
        description="The language of pages, messages and texts for recipients whose own language is unknown."
    )
    colour: str = strawberry.field(
        description="The colour of buttons and links on pages and in messages, as `#rrggbb`."
    )
    logo: str | None = strawberry.field(
        description="The image at the top of pages, as a base64 `data:` URI of at most 16 KiB;"
        " null if there is none."
    )
    postal_address: str | None = strawberry.field(
        description="The address by post that footers of messages show, as many laws require;"
        " null if none was given."
    )
    appearance: Appearance = strawberry.field(
        description="How its pages and mails look, and what they say in its own words."
    )
    keywords: list[Keyword] = strawberry.field(
        description="The keywords that the business unit added. Those that every unit has, such"
        " as STOP, are not among them."
    )
    row: strawberry.Private[CatalogUnit]
    row_id: strawberry.Private[int]
    ordered_types: strawberry.Private[list[SubscriptionType]]

    @resolver()
    def preview_url(
        self,
        info: Info,
        locale: InLocale = None,
        page: Annotated[
            PreviewPage, strawberry.argument(description="What it shows. Each page has links to the others.")
        ] = PreviewPage.PREFERENCES,
    ) -> str:
        """A link to a preview of the business unit's pages and mails, with example data.

        It works for one day and saves nothing. Each answer has a new link. To see a look that is not saved,
        use `createPreview`.
        """
        # It takes `info` so that no plan caches it: each answer has a link of its own.
        maker = link_maker(settings.current())
        shown = None if page is PreviewPage.PREFERENCES else page.value
        return maker.preview_url(maker.preview(self.key, database.now()), locale, shown)

    @resolver()
    def subscription_types(
        self,
        include_archived: Annotated[
            bool | None, strawberry.argument(description="Whether archived types are in the list too.")
        ] = False,
    ) -> list[SubscriptionType]:
        """The subscription types of the business unit, in the order of their positions."""
        return [type_ for type_ in self.ordered_types if include_archived or type_.archived_at is None]

    @resolver()
    def texts(self, locale: InPageLanguage = None) -> list[PageText]:
        """The short texts that the business unit may word itself, as it shows them in one language."""
        return page_texts(self.row, locale)


@strawberry.type
class Translation:
    """The texts of a subscription type in one language."""

    locale: Locale = strawberry.field(description="The language of the texts.")
    name: str = strawberry.field(
        description="The name that recipients see in this language. If it has only a"
        " description, this is the name in another language."
    )
    description: str | None = strawberry.field(
        description="The description that recipients see in this language; null if it has only a name."
    )
    group: str | None = strawberry.field(
        description="The name of its group in this language; null if it has none."
    )
    frequency: str | None = strawberry.field(
        description="The note how often its messages come, in this language; null if it has none."
    )


@strawberry.type
class SubscriptionType(Node):
    """A kind of message that a business unit sends, such as a newsletter. Recipients opt in and out of it
    for each channel.
    """

    shared: ClassVar[bool] = True
    """One object for each type in the process: a plan completes it once."""
    key: Key = strawberry.field(
        description="The key that inputs name the subscription type by, such as `weekly-digest`."
        " It never changes."
    )
    business_unit: BusinessUnit = strawberry.field(description="The business unit that sends its messages.")
    purpose: Purpose = strawberry.field(
        description="Whether its messages are marketing, or needed by the recipient. It never changes."
    )
    channels: list[Channel] = strawberry.field(
        description="The channels on which it is offered. A type has no preferences on others."
    )
    is_public: bool = strawberry.field(
        description="Whether recipients can opt in themselves. An internal type (false) is shown"
        " only to recipients who are or were opted in to it."
    )
    double_opt_in: bool = strawberry.field(
        description="Whether an opt-in grants nothing until the recipient confirms it, with a"
        " button behind a link that is sent to them."
    )
    archived_at: datetime | None = strawberry.field(
        description="When the type was archived; null if it is in use. No message of an archived"
        " type may be sent."
    )
    position: int = strawberry.field(
        description="Its place on pages and in lists: types with a lower position come first, and at the same"
        " position those that were created first."
    )
    row: strawberry.Private[CatalogType]

    @resolver()
    def name(self, locale: InLocale = None) -> str:
        """The name that recipients see on pages, in one language."""
        return self.row.name(locale)

    @resolver()
    def description(self, locale: InLocale = None) -> str:
        """The description that recipients see below the name, in one language; empty if there is none."""
        return self.row.description(locale)

    @resolver()
    def group(self, locale: InLocale = None) -> str | None:
        """The heading under which pages list it together with other types, in one language; null if none."""
        return self.row.group(locale)

    @resolver()
    def frequency(self, locale: InLocale = None) -> str | None:
        """A note for recipients how often its messages come, such as "about twice a month", in one language;
        null if there is none.
        """
        return self.row.frequency(locale) or None

    @resolver()
    def translations(self) -> list[Translation]:
        """The texts in every language that has one of them, ordered by language tag."""
        row = self.row
        return [
            Translation(
                locale=Locale(locale),
                name=row.name(locale),
                description=row.descriptions.get(locale) or None,
                group=row.groups.get(locale) or None,
                frequency=row.frequencies.get(locale) or None,
            )
            for locale in row.locales
        ]


def business_unit(row: CatalogUnit) -> BusinessUnit:
    """Return a business unit as the schema has it, without its subscription types."""
    return BusinessUnit(
        id=global_id("BusinessUnit", row.id),
        key=Key(row.key),
        name=row.name,
        data_privacy=row.data_privacy,
        resubscribe=row.resubscribe,
        default_locale=Locale(row.default_locale),
        colour=row.colour,
        logo=row.logo,
        postal_address=row.postal_address,
        appearance=appearance(row.appearance),
        keywords=[keyword(added) for added in row.keywords],
        row=row,
        row_id=row.id,
        ordered_types=[],
    )


def keyword(row: AddedKeyword) -> Keyword:
    """Return an added keyword as the schema has it."""
    return Keyword(
        id=global_id("Keyword", row.id),
        word=row.word,
        meaning=KeywordMeaning(row.meaning.value),
        locale=Locale(row.locale) if row.locale else None,
    )


def subscription_type(row: CatalogType, unit: BusinessUnit) -> SubscriptionType:
    """Return a subscription type as the schema has it."""
    return SubscriptionType(
        id=global_id("SubscriptionType", row.id),
        key=Key(row.key),
        business_unit=unit,
        purpose=row.purpose,
        channels=list(row.channels),
        is_public=row.is_public,
        double_opt_in=row.double_opt_in,
        archived_at=row.archived_at,
        position=row.position,
        row=row,
    )
