"""Builds a mail as it goes out: MIME parts, header fields, signature.

From, Subject and the list fields are written here because `email` would damage them: it decodes an encoded
word in a name that somebody made up, and it folds or encodes a long List-Unsubscribe URI, which mail programs
then cannot read.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr, parseaddr

from preference_center.config import settings
from preference_center.links.batches import list_unsubscribe_headers
from preference_center.outbox.link_message import LinkMessage
from preference_center.outbox.mail.content import MailContent, content_of
from preference_center.outbox.mail.dkim import signed
from preference_center.outbox.message import OutgoingMessage
from preference_center.rules.addresses import displayed
from preference_center.storage import database
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes out: its recipient, and the bytes that are signed and sent."""

    to: str
    content: bytes


def build_mail(outgoing: OutgoingMessage, message: LinkMessage) -> Mail:
    """Render and sign a mail; its links are issued now."""
    content = content_of(outgoing.kind, message)
    return Mail(outgoing.address.value, signed(_mail_bytes(message.translator, outgoing, content)))


def _mail_bytes(translator: Translator, outgoing: OutgoingMessage, content: MailContent) -> bytes:
    """Return the mail's bytes, in ASCII: so no server on its way encodes again what was signed.

    The exception is an address whose local part is not ASCII: its header fields have UTF-8 (RFC 6532).
    """
    sender_name, sender = parseaddr(settings.current().mail_from)
    ascii_only = outgoing.address.value.isascii()
    message = EmailMessage()
    # An international domain stays in ASCII if the local part is ASCII: every server accepts that.
    message["To"] = outgoing.address.value if ascii_only else displayed(outgoing.address)
    # When it is sent, not when it was queued: the links' days start now, and filters distrust old mail.
    message["Date"] = format_datetime(database.now())
    message["Message-ID"] = _message_id(outgoing, sender)
    message["Auto-Submitted"] = "auto-generated"
    _add_bodies(message, translator, content)
    message["Content-Language"] = translator.language  # set earlier, it would move to the first part
    head = _named_fields(content, sender_name or content.sender, sender) + _list_fields(content, sender)
    return head + message.as_bytes(policy=SMTP if ascii_only else SMTPUTF8)


def _add_bodies(message: EmailMessage, translator: Translator, content: MailContent) -> None:
    text = translator.template("mail/letter.txt").render(letter=content)
    message.set_content(text, cte="quoted-printable")
    html = translator.template("mail/letter.html").render(
        letter=content, lang=translator.language, direction=translator.direction
    )
    message.add_alternative(html, subtype="html", cte="quoted-printable")


def _named_fields(content: MailContent, name: str, sender: str) -> bytes:
    """From and Subject, which hold names that people made up."""
    name, subject = _on_one_line(name), _on_one_line(content.subject)
    from_ = formataddr((name, sender)) if _plain(name) else f"{_encoded(name, 'From')} <{sender}>"
    fields = f"From: {from_}\r\nSubject: {subject if _plain(subject) else _encoded(subject, 'Subject')}\r\n"
    return fields.encode("ascii")


def _on_one_line(text: str) -> str:
    """Remove line breaks, which a unit's or a type's name can have and a header field cannot."""
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

    A CONFIRM mail is about one list and names it in List-Id, though it was not sent to that list (RFC 2919
    §3). A LINK mail is about no list, or all, and has no List-Id.
    """
    list_unsubscribe, post = list_unsubscribe_headers(content.unsubscribe_url)
    fields = f"List-Unsubscribe: {list_unsubscribe}\r\nList-Unsubscribe-Post: {post}\r\n"
    if content.list_label:
        fields += f"List-Id: <{content.list_label}.{sender.rpartition('@')[2]}>\r\n"
    return fields.encode("ascii")
