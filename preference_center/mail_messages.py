"""What Sayso's own mails say: a link to one's preferences, and the question whether an opt-in is wanted.

Both carry List-Unsubscribe and List-Unsubscribe-Post: whoever gets mail from here can leave with one click.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

from preference_center import database, settings
from preference_center.catalog import Type, Unit
from preference_center.links import headers, link_maker
from preference_center.outgoing import Letter
from preference_center.rules.addresses import Address, displayed
from preference_center.rules.types import Channel
from preference_center.visitors import Visitor
from preference_center.wording import Wording


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


def build(kind: str, address: Address, letter: Letter) -> bytes:
    """The mail as it goes out, rendered now with links made now."""
    if kind == "CONFIRM" and letter.type is not None:
        return _message(letter.words, address, _confirm_letter(letter.words, letter.visitor, letter.type))
    return _message(letter.words, address, _link_letter(letter.words, letter.visitor, letter.unit))


def _link_letter(words: Wording, visitor: Visitor, unit: Unit | None) -> _Shown:
    maker, key = link_maker(settings.current()), unit.key if unit else None
    url = maker.manage_url(maker.manage(visitor.fingerprint, visitor.kind, database.now(), key))
    out = maker.withdraw_url(maker.withdraw(visitor.fingerprint, Channel.EMAIL, unit_key=key))
    subject = words.gettext("Your link to your preferences")
    return _Shown(
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


def _confirm_letter(words: Wording, visitor: Visitor, type_: Type) -> _Shown:
    maker, name, unit = link_maker(settings.current()), type_.name(words.language), type_.unit
    out = maker.withdraw(visitor.fingerprint, Channel.EMAIL, type_key=type_.key)
    confirm = maker.confirm(visitor.fingerprint, Channel.EMAIL, type_.key, database.now())
    return _Shown(
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


def _message(words: Wording, address: Address, letter: _Shown) -> bytes:
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
    html = words.template("mail/letter.html").render(
        letter=letter, lang=words.language, direction=words.direction
    )
    message.add_alternative(html, subtype="html")
    return _list_headers(letter) + message.as_bytes(policy=SMTP)


def _list_headers(letter: _Shown) -> bytes:
    """Both fields as they stand: folding would encode the long URI, and no mail program would find it."""
    address, post = headers(letter.unsubscribe_url)
    return f"List-Unsubscribe: {address}\r\nList-Unsubscribe-Post: {post}\r\n".encode("ascii")
