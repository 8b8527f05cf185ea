"""What Sayso's own mails say: a link to the preferences, a confirmation, a link to be erased.

All carry List-Unsubscribe and List-Unsubscribe-Post (RFC 8058): a recipient can leave with one click.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.config import settings
from preference_center.links.maker import link_maker
from preference_center.outbox.link_message import LinkMessage
from preference_center.recipients.visitors import Visitor
from preference_center.rules.types import Channel
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class MailContent:
    """What the mail templates show, in the recipient's language."""

    subject: str
    lead: str
    button: str
    url: str
    after: str
    unsubscribe: str
    unsubscribe_url: str
    sender: str
    postal_address: str | None
    list_label: str | None = None
    """What the List-Id begins with, if the mail is about one list."""


def content_of(kind: str, message: LinkMessage) -> MailContent:
    """Return what a LINK, CONFIRM or FORGET mail says, with links issued now."""
    if kind == "CONFIRM" and message.subscription_type is not None and message.expires_at is not None:
        return _confirmation(message, message.subscription_type, message.expires_at)
    return _erasure_link(message) if kind == "FORGET" else _preferences_link(message)


def _preferences_link(message: LinkMessage) -> MailContent:
    translator, visitor, business_unit = message.translator, message.visitor, message.business_unit
    maker, key = link_maker(settings.current()), business_unit.key if business_unit else None
    return MailContent(
        subject=_named(business_unit, translator.gettext("Your link to your preferences")),
        lead=translator.gettext("With this link you can see and change everything you receive."),
        button=translator.gettext("Open your preferences"),
        url=maker.manage_url(maker.manage(visitor.fingerprint, visitor.recipient_kind, database.now(), key)),
        after=translator.ngettext(
            "The link works for %(num)d day. Whoever has it can change your choices, so please keep it to"
            " yourself. If you did not ask for it, you need do nothing.",
            "The link works for %(num)d days. Whoever has it can change your choices, so please keep it to"
            " yourself. If you did not ask for it, you need do nothing.",
            settings.current().manage_link_days,
        ),
        unsubscribe=translator.gettext("Unsubscribe from everything"),
        unsubscribe_url=_withdraw_url(visitor, business_unit),
        sender=business_unit.name if business_unit else "",
        postal_address=business_unit.postal_address if business_unit else None,
    )


def _erasure_link(message: LinkMessage) -> MailContent:
    translator, visitor, business_unit = message.translator, message.visitor, message.business_unit
    maker, key = link_maker(settings.current()), business_unit.key if business_unit else None
    return MailContent(
        subject=_named(business_unit, translator.gettext("Do you want us to forget you?")),
        lead=translator.gettext(
            "Somebody, hopefully you, asked us to remove everything that we keep about you."
            " It cannot be undone."
        ),
        button=translator.gettext("See and confirm"),
        url=maker.erasure_url(
            maker.erasure(visitor.fingerprint, visitor.recipient_kind, database.now(), key)
        ),
        after=translator.gettext(
            "The link works for 24 hours. If you did not ask for it, do nothing: nothing is removed then."
        ),
        unsubscribe=translator.gettext("Unsubscribe from everything"),
        unsubscribe_url=_withdraw_url(visitor, business_unit),
        sender=business_unit.name if business_unit else "",
        postal_address=business_unit.postal_address if business_unit else None,
    )


def _confirmation(
    message: LinkMessage, subscription_type: SubscriptionType, expires_at: datetime
) -> MailContent:
    translator, fingerprint = message.translator, message.visitor.fingerprint
    maker, business_unit = link_maker(settings.current()), subscription_type.business_unit
    type_name, key = subscription_type.name(translator.language), subscription_type.key
    return MailContent(
        subject=translator.gettext("Please confirm: %(type)s", type=type_name),
        lead=translator.gettext(
            "Somebody, hopefully you, asked for “%(type)s” from %(unit)s at this address.",
            type=type_name,
            unit=business_unit.name,
        ),
        button=translator.gettext("See and confirm"),
        url=maker.confirm_url(maker.confirm(fingerprint, Channel.EMAIL, key, database.now())),
        after=translator.gettext(
            "The link works until %(day)s. If you did not ask for it, do nothing: nothing is sent then.",
            day=translator.date(expires_at),
        ),
        unsubscribe=translator.gettext("Unsubscribe from “%(type)s”", type=type_name),
        unsubscribe_url=maker.withdraw_url(maker.withdraw(fingerprint, Channel.EMAIL, type_key=key)),
        sender=business_unit.name,
        postal_address=business_unit.postal_address,
        list_label=f"{key}.{business_unit.key}",
    )


def _withdraw_url(visitor: Visitor, business_unit: BusinessUnit | None) -> str:
    """The link that opts out of all: of the unit, or of every unit without one."""
    maker = link_maker(settings.current())
    token = maker.withdraw(
        visitor.fingerprint, Channel.EMAIL, unit_key=business_unit.key if business_unit else None
    )
    return maker.withdraw_url(token)


def _named(business_unit: BusinessUnit | None, subject: str) -> str:
    return f"{business_unit.name}: {subject}" if business_unit else subject
