"""What Sayso's own mails say: a link to the preferences, a confirmation, a link to be erased.

Nothing here reads the database or the settings, so that a preview can show any mail of a brand whose look is
not saved: `content_of` gives the words, `rendering.rendered` the mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from preference_center.catalog.appearance import Appearance, FooterLink, FooterLinkKind
from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.translations import Translator

MailKind = Literal["LINK", "CONFIRM", "FORGET"]


@dataclass(frozen=True, slots=True)
class MailBrand:
    """Whose name and look a mail has."""

    name: str = ""
    """Empty for a mail in the name of several brands."""
    postal_address: str | None = None
    default_locale: str = "en"
    appearance: Appearance = field(default_factory=Appearance)

    @staticmethod
    def of(business_unit: BusinessUnit | None) -> MailBrand:
        """The brand of a unit; without a unit, of none."""
        if business_unit is None:
            return MailBrand()
        return MailBrand(
            business_unit.name,
            business_unit.postal_address,
            business_unit.default_locale,
            business_unit.appearance,
        )


@dataclass(frozen=True, slots=True)
class MailOccasion:
    """What a mail is about."""

    kind: MailKind
    link_days: int = 180
    """How long the link of a LINK mail works."""
    subscription_types: tuple[SubscriptionType, ...] = ()
    """What a CONFIRM mail asks about: one type or several of one unit."""
    expires_at: datetime | None = None
    """Until when a CONFIRM mail's link works."""


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Where the links of a mail lead."""

    url: str
    """Of the button."""
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class ListedType:
    """A type in the list of a mail that asks about several."""

    name: str
    note: str
    """How often it comes; may be empty."""


@dataclass(frozen=True, slots=True)
class MailWords:
    """What depends on the kind of a mail, in the recipient's language."""

    subject: str
    preheader: str
    """What mail programs show after the subject in the list of mails."""
    heading: str
    lead: str
    button: str
    after: str
    unsubscribe: str
    types: tuple[ListedType, ...] = ()
    """Empty where the lead names the only one."""
    list_label: str | None = None
    """What the List-Id begins with, if the mail is about one list."""


@dataclass(frozen=True, slots=True)
class MailContent:
    """What the mail templates show."""

    words: MailWords
    links: MailLinks
    sender: str
    """The brand's name."""
    sender_lines: tuple[str, ...]
    """The name, unless the postal address begins with it, and the lines of the address."""
    footer_links: tuple[tuple[str, str], ...] = ()
    """Labels and URLs."""


def content_of(
    occasion: MailOccasion, links: MailLinks, brand: MailBrand, translator: Translator
) -> MailContent:
    """Return what a mail says. The translator has to have the brand's own words (`in_words_of`)."""
    address = [line.strip() for line in (brand.postal_address or "").splitlines() if line.strip()]
    named = bool(address) and address[0].casefold().startswith(brand.name.casefold())
    return MailContent(
        words=_WORDS[occasion.kind](occasion, brand, translator),
        links=links,
        sender=brand.name,
        sender_lines=tuple(address if named or not brand.name else [brand.name, *address]),
        footer_links=_footer_links(brand, translator),
    )


def _preferences_link(occasion: MailOccasion, brand: MailBrand, translator: Translator) -> MailWords:
    gettext, unit = translator.gettext, brand.name
    if unit:
        subject = gettext("%(unit)s: your email preferences", unit=unit)
        lead = gettext(
            "Here’s the link you asked for. Use it to choose what you get from %(unit)s, pause emails or"
            " unsubscribe.",
            unit=unit,
        )
    else:
        subject = gettext("Your email preferences")
        lead = gettext(
            "Here’s the link you asked for. Use it to choose what you get, pause emails or unsubscribe."
        )
    after = translator.ngettext(
        "The link works for %(num)d day. Don’t share it: anyone who has it can change your choices."
        " If you didn’t ask for it, you can ignore this email.",
        "The link works for %(num)d days. Don’t share it: anyone who has it can change your choices."
        " If you didn’t ask for it, you can ignore this email.",
        occasion.link_days,
    )
    return MailWords(
        subject=subject,
        preheader=gettext("The link you asked for. It’s for you alone."),
        heading=gettext("Choose what you get"),
        lead=lead,
        button=gettext("Open my preferences"),
        after=after,
        unsubscribe=_unsubscribe_from_all(brand, translator),
    )


def _confirmation(occasion: MailOccasion, brand: MailBrand, translator: Translator) -> MailWords:
    types, gettext = occasion.subscription_types, translator.gettext
    if len(types) > 1:
        return _confirmation_of_several(occasion, brand, translator)
    name = types[0].name(translator.language)
    return MailWords(
        subject=gettext("%(unit)s: please confirm “%(type)s”", unit=brand.name, type=name),
        preheader=_one_more_step(translator),
        heading=gettext("Confirm your subscription"),
        lead=gettext(
            "You, or someone who entered this address, asked for “%(type)s” from %(unit)s.",
            type=name,
            unit=brand.name,
        ),
        button=gettext("Review and confirm"),
        after=_until(occasion, translator),
        unsubscribe=gettext("Unsubscribe from “%(type)s”", type=name),
        list_label=f"{types[0].key}.{types[0].business_unit.key}",
    )


def _confirmation_of_several(occasion: MailOccasion, brand: MailBrand, translator: Translator) -> MailWords:
    types, gettext, language = occasion.subscription_types, translator.gettext, translator.language
    return MailWords(
        subject=translator.ngettext(
            "%(unit)s: please confirm %(num)d subscription",
            "%(unit)s: please confirm %(num)d subscriptions",
            len(types),
            unit=brand.name,
        ),
        preheader=_one_more_step(translator),
        heading=gettext("Confirm your subscriptions"),
        lead=gettext("You, or someone who entered this address, asked %(unit)s for:", unit=brand.name),
        button=gettext("Review and confirm"),
        after=_until(occasion, translator),
        unsubscribe=_unsubscribe_from_all(brand, translator),
        types=tuple(ListedType(type_.name(language), type_.frequency(language)) for type_ in types),
    )


def _one_more_step(translator: Translator) -> str:
    return translator.gettext("One more step: you won’t get anything until you confirm.")


def _until(occasion: MailOccasion, translator: Translator) -> str:
    return translator.gettext(
        "The link works until %(day)s. If you didn’t ask for this, ignore this email and you won’t be"
        " subscribed.",
        day=translator.date(occasion.expires_at) if occasion.expires_at else "",
    )


def _erasure_link(occasion: MailOccasion, brand: MailBrand, translator: Translator) -> MailWords:
    gettext, unit = translator.gettext, brand.name
    return MailWords(
        subject=gettext("%(unit)s: delete your data?", unit=unit) if unit else gettext("Delete your data?"),
        preheader=gettext("Nothing is deleted until you confirm."),
        heading=gettext("Delete your data?"),
        lead=gettext(
            "You, or someone who has your link, asked us to delete everything we keep about you."
            " This can’t be undone."
        ),
        button=gettext("Review and confirm"),
        after=gettext(
            "The link works for 24 hours. If you didn’t ask for this, ignore this email and nothing is"
            " deleted."
        ),
        unsubscribe=_unsubscribe_from_all(brand, translator),
    )


_WORDS = {"LINK": _preferences_link, "CONFIRM": _confirmation, "FORGET": _erasure_link}


def _unsubscribe_from_all(brand: MailBrand, translator: Translator) -> str:
    if brand.name:
        return translator.gettext("Unsubscribe from all %(unit)s emails", unit=brand.name)
    return translator.gettext("Unsubscribe from everything")


def _footer_links(brand: MailBrand, translator: Translator) -> tuple[tuple[str, str], ...]:
    links: Sequence[FooterLink] = brand.appearance.footer_links
    own = ((link.label(translator.language, brand.default_locale), link) for link in links)
    return tuple((label or footer_label(link.kind, translator), link.url) for label, link in own)


def footer_label(kind: FooterLinkKind, translator: Translator) -> str:
    """Sayso's words for a link at the foot that has no label of its own."""
    if kind is FooterLinkKind.PRIVACY:
        return translator.gettext("Privacy notice")
    if kind is FooterLinkKind.IMPRINT:
        return translator.gettext("Legal notice")
    return translator.gettext("Help") if kind is FooterLinkKind.HELP else translator.gettext("Website")
