"""Builds a mail as it goes out: MIME parts, header fields, signature.

From, Subject and the list fields are written here because `email` would damage them: it decodes an encoded
word in a name that somebody made up, and it folds or encodes a long List-Unsubscribe URI, which mail programs
then cannot read.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr, parseaddr

from preference_center.config import settings
from preference_center.links.batches import list_unsubscribe_headers
from preference_center.links.hosts import link_maker_of
from preference_center.outbox.link_message import LinkMessage
from preference_center.outbox.mail.content import (
    MailBrand,
    MailContent,
    MailKind,
    MailLinks,
    MailOccasion,
    content_of,
)
from preference_center.outbox.mail.dkim import signed
from preference_center.outbox.mail.rendering import RenderedMail, rendered
from preference_center.outbox.message import OutgoingMessage
from preference_center.rules.addresses import displayed
from preference_center.rules.types import Channel
from preference_center.storage import database

_ISOLATES = re.compile("[\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes out: its recipient, and the bytes that are signed and sent."""

    to: str
    content: bytes


def build_mail(outgoing: OutgoingMessage, message: LinkMessage) -> Mail:
    """Render and sign a mail; its links are issued now."""
    kind, brand, translator = _mail_kind(outgoing), MailBrand.of(message.business_unit), message.translator
    occasion = MailOccasion(
        kind, settings.current().manage_link_days, message.subscription_types, message.expires_at
    )
    content = content_of(occasion, _links(kind, message), brand, translator)
    mail = rendered(content, brand, translator)
    return Mail(outgoing.address.value, signed(_mail_bytes(mail, content, outgoing, translator.language)))


def _mail_kind(outgoing: OutgoingMessage) -> MailKind:
    if outgoing.kind == "CONFIRM" or outgoing.kind == "FORGET":
        return outgoing.kind
    return "LINK"


def _links(kind: MailKind, message: LinkMessage) -> MailLinks:
    """The links of a mail, made now. A confirmation of one type unsubscribes from it, all others from all."""
    visitor, unit, now = message.visitor, message.business_unit, database.now()
    maker, key, fingerprint = link_maker_of(unit), unit.key if unit else None, visitor.fingerprint
    types = [type_.key for type_ in message.subscription_types]
    only_type = types[0] if len(types) == 1 else None
    withdraw = maker.withdraw_url(maker.withdraw(fingerprint, Channel.EMAIL, only_type, key))
    if kind == "CONFIRM":
        return MailLinks(maker.confirm_url(maker.confirm(fingerprint, Channel.EMAIL, types, now)), withdraw)
    if kind == "FORGET":
        token = maker.erasure(fingerprint, visitor.recipient_kind, now, key)
        return MailLinks(maker.erasure_url(token), withdraw)
    return MailLinks(maker.manage_url(maker.manage(fingerprint, visitor.recipient_kind, now, key)), withdraw)


def _mail_bytes(mail: RenderedMail, content: MailContent, outgoing: OutgoingMessage, language: str) -> bytes:
    """Return the mail's bytes, in ASCII: so no server on its way encodes again what was signed.

    The exception is an address whose local part is not ASCII: its header fields have UTF-8 (RFC 6532).
    """
    default_name, default_sender = parseaddr(settings.current().mail_from)
    sender = mail.sender_address or default_sender
    ascii_only = outgoing.address.value.isascii()
    message = EmailMessage()
    # An international domain stays in ASCII if the local part is ASCII: every server accepts that.
    message["To"] = outgoing.address.value if ascii_only else displayed(outgoing.address)
    # When it is sent, not when it was queued: the links' days start now, and filters distrust old mail.
    message["Date"] = format_datetime(database.now())
    message["Message-ID"] = _message_id(outgoing, default_sender)
    message["Auto-Submitted"] = "auto-generated"
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    _add_bodies(message, mail)
    message["Content-Language"] = language  # set earlier, it would move to the first part
    head = _named_fields(mail, _sender_name(mail, default_name), sender)
    return head + _list_fields(content, sender) + message.as_bytes(policy=SMTP if ascii_only else SMTPUTF8)


def _add_bodies(message: EmailMessage, mail: RenderedMail) -> None:
    """The text, and the HTML with its pictures (RFC 2046 §5.1.4, RFC 2387)."""
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    _text, html = message.iter_parts()
    for image in mail.images:
        html.add_related(
            image.content, "image", image.subtype, cid=f"<{image.content_id}>", disposition="inline"
        )


def _sender_name(mail: RenderedMail, default: str) -> str:
    """The brand's own, else that of SAYSO_MAIL_FROM, which does not go with another address."""
    if mail.sender_name or mail.sender_address:
        return mail.sender_name or mail.brand_name
    return default or mail.brand_name


def _named_fields(mail: RenderedMail, name: str, sender: str) -> bytes:
    """From and Subject, which hold names that people made up."""
    name, subject = _on_one_line(name), _on_one_line(mail.subject)
    from_ = formataddr((name, sender)) if _plain(name) else f"{_encoded(name, 'From')} <{sender}>"
    fields = f"From: {from_}\r\nSubject: {subject if _plain(subject) else _encoded(subject, 'Subject')}\r\n"
    return fields.encode("ascii")


def _on_one_line(text: str) -> str:
    """Remove line breaks, which a unit's or a type's name can have and a header field cannot.

    The marks around values in right-to-left text go too: mail programs show them, or nothing in their place.
    """
    text = _ISOLATES.sub("", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _plain(text: str) -> bool:
    """Whether a text may be written as it is: what looks like an encoded word would be decoded."""
    return text.isascii() and "=?" not in text


def _encoded(text: str, field: str) -> str:
    """The text in encoded words (RFC 2047), folded."""
    return Header(text, "utf-8", header_name=field).encode(linesep="\r\n")


def _message_id(outgoing: OutgoingMessage, sender: str) -> str:
    """The same at every attempt, so that a mail sent twice after a crash is recognised as one.

    It identifies nobody, and nobody can compute the id of another mail from it.
    """
    key = settings.current().fingerprint_key
    seed = f"message-id:{outgoing.id}:{outgoing.created_at.isoformat()}"
    return f"<{hmac.digest(key, seed.encode(), 'sha256')[:16].hex()}@{sender.rpartition('@')[2]}>"


def _list_fields(content: MailContent, sender: str) -> bytes:
    """The list fields, not folded.

    A CONFIRM mail about one list names it in List-Id, though it was not sent to that list (RFC 2919 §3).
    Other mails are about no list, or several, and have no List-Id.
    """
    list_unsubscribe, post = list_unsubscribe_headers(content.links.unsubscribe_url)
    fields = f"List-Unsubscribe: {list_unsubscribe}\r\nList-Unsubscribe-Post: {post}\r\n"
    if content.words.list_label:
        fields += f"List-Id: <{content.words.list_label}.{sender.rpartition('@')[2]}>\r\n"
    return fields.encode("ascii")
