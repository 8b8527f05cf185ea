"""The links of one message for whom it goes to: the words of its footer, and everybody's own language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.config import settings
from preference_center.errors import ErrorCode, Invalid
from preference_center.links.maker import FooterWords, LinkBatch, PreferenceLinks, link_maker
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, Purpose, RecipientKind
from preference_center.storage import database
from preference_center.translations import SOURCE_LANGUAGE, nearest, wording
from preference_center.validation import storable


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out: of a type, of a unit, or of the installation as a whole."""

    channel: Channel
    type: SubscriptionType | None = None
    unit: BusinessUnit | None = None
    campaign: str = ""
    locale: str | None = None
    """The message's language; None is each recipient's own."""


def links(message: Message, to: Sequence[tuple[Address, str | None]]) -> list[PreferenceLinks]:
    """The links for addresses, each with its contact's language where that is known; in their order.

    Raises Invalid for a campaign that is too long.
    """
    maker = link_maker(settings.current())
    batches: dict[str, LinkBatch] = {}
    made = []
    for address, locale in to:
        language = _language(message, locale)
        if language not in batches:
            batches[language] = _batch(message, language)
        made.append(batches[language].links(maker.fingerprint(address)))
    return made


async def languages_of(addresses: Iterable[Address], kind: RecipientKind) -> dict[str, str]:
    """The languages of those who have a contact that names one, by address, in one statement."""
    column = "email" if kind is RecipientKind.EMAIL else "phone"
    wanted = [address.value for address in addresses]
    rows = await database.fetch(
        f"SELECT {column} AS address, locale FROM contacts"
        f" WHERE {column} {database.any_of(1)} AND locale IS NOT NULL ORDER BY id DESC",
        wanted,
    )
    return {row["address"]: row["locale"] for row in rows}


def footer_words(message: Message, language: str) -> FooterWords:
    """What the footer says in a language."""
    translator = wording(language)
    kind, unit = message.type, message.unit
    name = kind.name(language) if kind else ""
    subscribed = kind is not None and kind.purpose is Purpose.MARKETING
    return FooterWords(
        why=translator.gettext("You receive this because you are subscribed to “%(type)s”.", type=name)
        if subscribed
        else "",
        manage=translator.gettext("Manage your preferences"),
        unsubscribe=translator.gettext("Unsubscribe from “%(type)s”", type=name),
        unsubscribe_all=translator.gettext("Unsubscribe from everything"),
        sender=unit.name if unit else "",
        postal_address=(unit.postal_address or "") if unit else "",
        locale=language,
        direction=translator.direction,
    )


def _language(message: Message, own: str | None) -> str:
    wishes = (message.locale, own, message.unit.default_locale if message.unit else None)
    return next((known for wish in wishes if (known := nearest(wish))), SOURCE_LANGUAGE)


def _batch(message: Message, language: str) -> LinkBatch:
    if not storable(message.campaign):
        raise Invalid(ErrorCode.INVALID_VALUE, "The name has a character that cannot be kept.", "campaign")
    try:
        return link_maker(settings.current()).batch(
            message.channel,
            footer_words(message, language),
            database.now(),
            type_key=message.type.key if message.type else None,
            unit_key=message.unit.key if message.unit else None,
            campaign=message.campaign,
        )
    except ValueError as error:
        raise Invalid(ErrorCode.INVALID_VALUE, f"The campaign does not do: {error}.", "campaign") from None
