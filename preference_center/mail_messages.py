"""What Sayso's own mails say: a link to one's preferences, and the question whether an opt-in is wanted.

Both carry List-Unsubscribe and List-Unsubscribe-Post: whoever gets mail from here can leave with one click.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

from preference_center import catalog, database, recipients, settings, visitors
from preference_center.catalog import Type, Unit
from preference_center.links import headers, link_maker
from preference_center.rules.addresses import Address, displayed
from preference_center.rules.types import Channel
from preference_center.visitors import Visitor
from preference_center.wording import SOURCE_LANGUAGE, Wording, nearest, wording


@dataclass(frozen=True, slots=True)
class _Letter:
    """What the mail templates show."""

    subject: str
    lead: str
    button: str
    url: str
    after: str
    unsubscribe: str
    unsubscribe_url: str
    sender: str
    postal_address: str | None


async def build(
    kind: str, address: Address, unit_id: int | None, type_id: int | None, locale: str | None
) -> bytes | None:
    """The mail as it goes out, rendered now with links made now; None where nobody is to get it.

    That is an address which nobody ever spoke of (R35), and an opt-in that waits no longer (R19).
    """
    visitor = await visitors.find(address.kind, recipients.fingerprint_of(address))
    if visitor.recipient is None:
        return None
    book = await catalog.current()
    unit = book.unit_by_id(unit_id) if unit_id else (book.units[0] if len(book.units) == 1 else None)
    words = _words(visitor, locale, unit)
    if kind == "CONFIRM":
        type_ = book.type_by_id(type_id) if type_id else None
        if type_ is None or not await _waits(visitor.recipient.id, type_):
            return None
        return _message(words, address, _confirm_letter(words, visitor, type_))
    if visitor.recipient.erased_at:
        await recipients.ensure([address])  # who types the address again makes it known again (R36)
    return _message(words, address, _link_letter(words, visitor, unit))


async def _waits(recipient_id: int, type_: Type) -> bool:
    rows = await database.fetch(
        "SELECT 1 FROM pending_opt_ins WHERE recipient_id = $1 AND channel = 'EMAIL'"
        " AND subscription_type_id = $2 AND expires_at > $3",
        recipient_id,
        type_.id,
        database.now(),
    )
    return bool(rows)


def _words(visitor: Visitor, locale: str | None, unit: Unit | None) -> Wording:
    """The contact's language, then that of the page on which the mail was asked for, then the unit's."""
    wishes = (visitor.locale, locale, unit.default_locale if unit else None)
    return wording(next((known for wish in wishes if (known := nearest(wish))), SOURCE_LANGUAGE))


def _link_letter(words: Wording, visitor: Visitor, unit: Unit | None) -> _Letter:
    maker, key = link_maker(settings.current()), unit.key if unit else None
    url = maker.manage_url(maker.manage(visitor.fingerprint, visitor.kind, database.now(), key))
    out = maker.withdraw_url(maker.withdraw(visitor.fingerprint, Channel.EMAIL, unit_key=key))
    subject = words.gettext("Your link to your preferences")
    return _Letter(
        subject=f"{unit.name}: {subject}" if unit else subject,
        lead=words.gettext("With this link you can see and change everything you receive."),
        button=words.gettext("Open your preferences"),
        url=url,
        after=words.ngettext(
            "The link works for %(num)d day. Whoever has it can change your choices, so please keep it to"
            " yourself. If you did not ask for it, you need do nothing.",
            "The link works for %(num)d days. Whoever has it can change your choices, so please keep it to"
            " yourself. If you did not ask for it, you need do nothing.",
            settings.current().manage_link_days,
        ),
        unsubscribe=words.gettext("Unsubscribe from everything"),
        unsubscribe_url=out,
        sender=unit.name if unit else "",
        postal_address=unit.postal_address if unit else None,
    )


def _confirm_letter(words: Wording, visitor: Visitor, type_: Type) -> _Letter:
    maker, name, unit = link_maker(settings.current()), type_.name(words.language), type_.unit
    out = maker.withdraw(visitor.fingerprint, Channel.EMAIL, type_key=type_.key)
    confirm = maker.confirm(visitor.fingerprint, Channel.EMAIL, type_.key, database.now())
    return _Letter(
        subject=words.gettext("Please confirm: %(type)s", type=name),
        lead=words.gettext(
            "Somebody, hopefully you, asked for “%(type)s” from %(unit)s at this address.",
            type=name,
            unit=unit.name,
        ),
        button=words.gettext("See and confirm"),
        url=maker.confirm_url(confirm),
        after=words.gettext(
            "The link works for 7 days. If you did not ask for it, do nothing: nothing is sent then."
        ),
        unsubscribe=words.gettext("Unsubscribe from “%(type)s”", type=name),
        unsubscribe_url=maker.withdraw_url(out),
        sender=unit.name,
        postal_address=unit.postal_address,
    )


def _message(words: Wording, address: Address, letter: _Letter) -> bytes:
    sender_name, sender = parseaddr(settings.current().mail_from)
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = formataddr((sender_name or letter.sender, sender))
    message["To"] = displayed(address)
    message["Date"] = format_datetime(database.now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = words.language
    message.set_content(words.template("mail/letter.txt").render(letter=letter))
    html = words.template("mail/letter.html").render(letter=letter, lang=words.language)
    message.add_alternative(html, subtype="html")
    return _list_headers(letter) + message.as_bytes(policy=SMTP)


def _list_headers(letter: _Letter) -> bytes:
    """Both fields as they stand: folding would encode the long URI, and no mail program would find it."""
    address, post = headers(letter.unsubscribe_url)
    return f"List-Unsubscribe: {address}\r\nList-Unsubscribe-Post: {post}\r\n".encode("ascii")
