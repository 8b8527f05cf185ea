"""What Sayso's own mails say: a link to one's preferences, whether an opt-in is wanted, or to be forgotten.

All carry List-Unsubscribe and List-Unsubscribe-Post (RFC 8058): whoever gets mail from here can leave with
one click.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr, parseaddr

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.config import settings
from preference_center.links.batches import list_unsubscribe_headers
from preference_center.links.maker import link_maker
from preference_center.outbox.mail import dkim as mail_signing
from preference_center.outbox.message import Letter, Outgoing
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import displayed
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class _Shown:
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
    list_label: str | None = None
    """What the List-Id begins with, where the mail is about one list."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes out: to whom, and the bytes that are signed and sent."""

    to: str
    content: bytes


def build(outgoing: Outgoing, letter: Letter) -> Mail:
    """The mail as it goes out, rendered now with links made now."""
    if outgoing.kind == "CONFIRM" and letter.type is not None and letter.until is not None:
        shown = _confirm_letter(letter.translator, letter.visitor, letter.type, letter.until)
    elif outgoing.kind == "FORGET":
        shown = _forget_letter(letter.translator, letter.visitor, letter.unit)
    else:
        shown = _link_letter(letter.translator, letter.visitor, letter.unit)
    return Mail(outgoing.address.value, mail_signing.signed(_message(letter.translator, outgoing, shown)))


def _link_letter(translator: Translator, visitor: Visitor, unit: BusinessUnit | None) -> _Shown:
    maker, key = link_maker(settings.current()), unit.key if unit else None
    url = maker.manage_url(maker.manage(visitor.fingerprint, visitor.kind, database.now(), key))
    out = maker.withdraw_url(maker.withdraw(visitor.fingerprint, Channel.EMAIL, unit_key=key))
    subject = translator.gettext("Your link to your preferences")
    return _Shown(
        subject=f"{unit.name}: {subject}" if unit else subject,
        lead=translator.gettext("With this link you can see and change everything you receive."),
        button=translator.gettext("Open your preferences"),
        url=url,
        after=translator.ngettext(
            "The link works for %(num)d day. Whoever has it can change your choices, so please keep it to"
            " yourself. If you did not ask for it, you need do nothing.",
            "The link works for %(num)d days. Whoever has it can change your choices, so please keep it to"
            " yourself. If you did not ask for it, you need do nothing.",
            settings.current().manage_link_days,
        ),
        unsubscribe=translator.gettext("Unsubscribe from everything"),
        unsubscribe_url=out,
        sender=unit.name if unit else "",
        postal_address=unit.postal_address if unit else None,
    )


def _forget_letter(translator: Translator, visitor: Visitor, unit: BusinessUnit | None) -> _Shown:
    maker, key = link_maker(settings.current()), unit.key if unit else None
    url = maker.erasure_url(maker.erasure(visitor.fingerprint, visitor.kind, database.now(), key))
    out = maker.withdraw_url(maker.withdraw(visitor.fingerprint, Channel.EMAIL, unit_key=key))
    subject = translator.gettext("Do you want us to forget you?")
    return _Shown(
        subject=f"{unit.name}: {subject}" if unit else subject,
        lead=translator.gettext(
            "Somebody, hopefully you, asked us to remove everything that we keep about you."
            " It cannot be undone."
        ),
        button=translator.gettext("See and confirm"),
        url=url,
        after=translator.gettext(
            "The link works for 24 hours. If you did not ask for it, do nothing: nothing is removed then."
        ),
        unsubscribe=translator.gettext("Unsubscribe from everything"),
        unsubscribe_url=out,
        sender=unit.name if unit else "",
        postal_address=unit.postal_address if unit else None,
    )


def _confirm_letter(
    translator: Translator, visitor: Visitor, type_: SubscriptionType, until: datetime
) -> _Shown:
    maker, name, unit = link_maker(settings.current()), type_.name(translator.language), type_.business_unit
    out = maker.withdraw(visitor.fingerprint, Channel.EMAIL, type_key=type_.key)
    confirm = maker.confirm(visitor.fingerprint, Channel.EMAIL, type_.key, database.now())
    return _Shown(
        subject=translator.gettext("Please confirm: %(type)s", type=name),
        lead=translator.gettext(
            "Somebody, hopefully you, asked for “%(type)s” from %(unit)s at this address.",
            type=name,
            unit=unit.name,
        ),
        button=translator.gettext("See and confirm"),
        url=maker.confirm_url(confirm),
        after=translator.gettext(
            "The link works until %(day)s. If you did not ask for it, do nothing: nothing is sent then.",
            day=translator.date(until),
        ),
        unsubscribe=translator.gettext("Unsubscribe from “%(type)s”", type=name),
        unsubscribe_url=maker.withdraw_url(out),
        sender=unit.name,
        postal_address=unit.postal_address,
        list_label=f"{type_.key}.{unit.key}",
    )


def _message(translator: Translator, outgoing: Outgoing, letter: _Shown) -> bytes:
    """The mail's bytes, in ASCII: no server on its way has a reason to encode anew what was signed.

    But for an address whose local part is not ASCII: its mail has UTF-8 in its header (RFC 6532).
    """
    sender_name, sender = parseaddr(settings.current().mail_from)
    message = EmailMessage()
    plain = outgoing.address.value.isascii()
    # An international domain stays in ASCII where the rest is: that every server takes.
    message["To"] = outgoing.address.value if plain else displayed(outgoing.address)
    # When it is sent, not when it was asked for: the links' days run from now, and filters distrust the old.
    message["Date"] = format_datetime(database.now())
    message["Message-ID"] = _message_id(outgoing, sender)
    message["Auto-Submitted"] = "auto-generated"
    text = translator.template("mail/letter.txt").render(letter=letter)
    message.set_content(text, cte="quoted-printable")
    html = translator.template("mail/letter.html").render(
        letter=letter, lang=translator.language, direction=translator.direction
    )
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = translator.language  # set before, it would go to the first part
    head = _named_headers(letter, sender_name or letter.sender, sender) + _list_headers(letter, sender)
    return head + message.as_bytes(policy=SMTP if plain else SMTPUTF8)


def _on_one_line(text: str) -> str:
    """What may stand in a header: a unit's or a type's name can have line breaks in it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _named_headers(letter: _Shown, name: str, sender: str) -> bytes:
    """From and Subject, in which there are names that people made up."""
    name, subject = _on_one_line(name), _on_one_line(letter.subject)
    shown = formataddr((name, sender)) if _plain(name) else f"{_encoded(name, 'From')} <{sender}>"
    fields = f"From: {shown}\r\nSubject: {subject if _plain(subject) else _encoded(subject, 'Subject')}\r\n"
    return fields.encode("ascii")


def _plain(text: str) -> bool:
    """Whether a text may stand as it is: what looks like an encoded word would be decoded."""
    return text.isascii() and "=?" not in text


def _encoded(text: str, field: str) -> str:
    """The text in encoded words (RFC 2047), folded."""
    return Header(text, "utf-8", header_name=field).encode(linesep="\r\n")


def _message_id(outgoing: Outgoing, sender: str) -> str:
    """The same at every try: a mail that comes twice after a crash is known to be one.

    It names nobody, and who sees one cannot tell another.
    """
    key = settings.current().fingerprint_key
    what = f"message-id:{outgoing.id}:{outgoing.created_at.isoformat()}"
    return f"<{hmac.digest(key, what.encode(), 'sha256')[:16].hex()}@{sender.rpartition('@')[2]}>"


def _list_headers(letter: _Shown, sender: str) -> bytes:
    """The fields of a list as they stand: folded, the long URI would be encoded, and no mail program find it.

    A CONFIRM mail is about one list, whose List-Id it has though it was not sent to that list (RFC 2919,
    section 3). A LINK mail is about no list, or all, and has none.
    """
    address, post = list_unsubscribe_headers(letter.unsubscribe_url)
    fields = f"List-Unsubscribe: {address}\r\nList-Unsubscribe-Post: {post}\r\n"
    if letter.list_label:
        fields += f"List-Id: <{letter.list_label}.{sender.rpartition('@')[2]}>\r\n"
    return fields.encode("ascii")
