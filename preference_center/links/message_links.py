"""The links of one message for its recipients: footer text in the language of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.catalog.custom_texts import in_words_of
from preference_center.config import settings
from preference_center.errors import ErrorCode, Invalid
from preference_center.links.batches import LinkBatch, MessageScope, PreferenceLinks
from preference_center.links.footers import FooterText
from preference_center.links.hosts import link_maker_of
from preference_center.links.maker import link_maker
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, Purpose, RecipientKind
from preference_center.storage import database
from preference_center.translations import SOURCE_LANGUAGE, nearest, translator_for
from preference_center.validation import storable


@dataclass(frozen=True, slots=True)
class LinkedMessage:
    """A message to make links for: of a subscription type, of a unit, or of the installation as a whole."""

    channel: Channel
    subscription_type: SubscriptionType | None = None
    business_unit: BusinessUnit | None = None
    campaign: str = ""
    locale: str | None = None
    """The message's language (BCP 47); None takes each recipient's own."""


def preference_links(
    message: LinkedMessage, recipients: Sequence[tuple[Address, str | None]]
) -> list[PreferenceLinks]:
    """Return the links for each address, in order. An address comes with its contact's language, if known.

    Raises Invalid for a campaign that is too long or cannot be stored.
    """
    maker = link_maker(settings.current())
    batches: dict[str, LinkBatch] = {}
    made = []
    for address, locale in recipients:
        language = _language(message, locale)
        if language not in batches:
            batches[language] = _batch(message, language)
        made.append(batches[language].links(maker.fingerprint(address)))
    return made


def link_batch(message: LinkedMessage) -> LinkBatch:
    """Return what makes the links of a message for any recipients, with footers in the message's language.

    Raises Invalid as `preference_links` does.
    """
    return _batch(message, _language(message, None))


async def languages_of(addresses: Iterable[Address], recipient_kind: RecipientKind) -> dict[str, str]:
    """Return the contact's language by address, for those that have one, in one statement."""
    column = "email" if recipient_kind is RecipientKind.EMAIL else "phone"
    rows = await database.fetch(
        f"SELECT {column} AS address, locale FROM contacts"
        f" WHERE {column} {database.any_of(1)} AND locale IS NOT NULL ORDER BY id DESC",
        [address.value for address in addresses],
    )
    return {row["address"]: row["locale"] for row in rows}


def footer_text(message: LinkedMessage, language: str) -> FooterText:
    """Return the text of the message's footer in a language."""
    translator = translator_for(language)
    subscription_type, business_unit = message.subscription_type, message.business_unit
    brand = _brand(message)
    if brand is not None:
        translator = in_words_of(translator, brand.appearance.custom_texts)
    type_name = subscription_type.name(language) if subscription_type else ""
    why = ""
    if subscription_type is not None and subscription_type.purpose is Purpose.MARKETING:
        why = translator.gettext(
            "You’re getting this because you’re subscribed to “%(type)s”.", type=type_name
        )
    return FooterText(
        why=why,
        manage=translator.gettext("Manage your preferences"),
        unsubscribe=translator.gettext("Unsubscribe from “%(type)s”", type=type_name),
        unsubscribe_all=translator.gettext("Unsubscribe from everything"),
        sender=business_unit.name if business_unit else "",
        postal_address=(business_unit.postal_address or "") if business_unit else "",
        locale=language,
        direction=translator.direction,
    )


def _brand(message: LinkedMessage) -> BusinessUnit | None:
    """The unit in whose name the message is sent."""
    type_ = message.subscription_type
    return message.business_unit or (type_.business_unit if type_ else None)


def _language(message: LinkedMessage, contact_locale: str | None) -> str:
    """The first language with a translation: the message's, the contact's, the unit's, else English."""
    unit_locale = message.business_unit.default_locale if message.business_unit else None
    locales = (message.locale, contact_locale, unit_locale)
    return next((found for locale in locales if (found := nearest(locale))), SOURCE_LANGUAGE)


def _batch(message: LinkedMessage, language: str) -> LinkBatch:
    if not storable(message.campaign):
        raise Invalid(
            ErrorCode.INVALID_VALUE, "The campaign has a character that cannot be stored.", "campaign"
        )
    scope = MessageScope(
        message.channel,
        message.subscription_type.key if message.subscription_type else None,
        message.business_unit.key if message.business_unit else None,
        message.campaign,
    )
    try:
        return link_maker_of(_brand(message)).batch(scope, footer_text(message, language), database.now())
    except ValueError as error:
        raise Invalid(ErrorCode.INVALID_VALUE, f"Invalid campaign: {error}.", "campaign") from None
