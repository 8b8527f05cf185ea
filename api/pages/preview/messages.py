"""The mails and text messages of a preview. Their links lead to other pages of the preview."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Final, get_args

from starlette.responses import HTMLResponse, Response

from api.pages.frame.response import page_headers, plain
from api.pages.preview import examples
from api.pages.preview.pages import Shown
from preference_center.catalog.previews import PreviewPage
from preference_center.config import settings
from preference_center.ledger.confirmations import CONFIRMATION_PERIOD
from preference_center.links.hosts import public_url_of
from preference_center.links.maker import link_maker
from preference_center.outbox.keyword_replies import ReplyKind, reply_text
from preference_center.outbox.mail.content import MailBrand, MailKind, MailLinks, MailOccasion, content_of
from preference_center.outbox.mail.rendering import RenderedMail, rendered
from preference_center.outbox.text_messages.content import TextOccasion, text_of
from preference_center.rules.types import Channel

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_SHORT_PATH: Final = "/s/4hT9xKq2mVbZ"
"""Looks like the path of a short link, and is none."""
_TEXT: Final = "_TEXT"
_REPLIES: Final[tuple[ReplyKind, ...]] = get_args(ReplyKind)
_KINDS: Final[dict[PreviewPage, tuple[MailKind, PreviewPage]]] = {
    PreviewPage.LINK_MAIL: ("LINK", PreviewPage.PREFERENCES),
    PreviewPage.CONFIRM_MAIL: ("CONFIRM", PreviewPage.CONFIRM),
    PreviewPage.CONFIRM_SEVERAL_MAIL: ("CONFIRM", PreviewPage.CONFIRM),
    PreviewPage.ERASURE_MAIL: ("FORGET", PreviewPage.ERASURE),
}
"""The kind of each mail, and the page that its button opens."""


def show_message(shown: Shown, page: PreviewPage) -> Response | None:
    """A mail or all text messages; None if the page is none of them, or the unit has no type to ask about."""
    if page is PreviewPage.TEXT_MESSAGES:
        return plain(_text_messages(shown))
    as_text = page.value.endswith(_TEXT)
    mail = _mail(shown, PreviewPage(page.value.removesuffix(_TEXT)))
    if mail is None:
        return None
    if as_text:
        return plain(_head(mail) + mail.text)
    return HTMLResponse(mail.html_for_browser, headers=page_headers(_POLICY))


def _mail(shown: Shown, page: PreviewPage) -> RenderedMail | None:
    if page not in _KINDS:
        return None
    translator, (kind, target) = shown.context.translator, _KINDS[page]
    types = examples.marketing_types(shown.context.catalog, shown.unit)
    several = page is PreviewPage.CONFIRM_SEVERAL_MAIL
    asked = tuple(type_ for type_ in types if Channel.EMAIL in type_.channels)[: 3 if several else 1]
    if kind == "CONFIRM" and not asked:
        return None
    occasion = MailOccasion(kind, settings.current().manage_link_days, asked, shown.now + CONFIRMATION_PERIOD)
    links = MailLinks(_url(shown, target), _url(shown, PreviewPage.UNSUBSCRIBE))
    brand = MailBrand.of(shown.unit)
    return rendered(content_of(occasion, links, brand, translator), brand, translator)


def _url(shown: Shown, page: PreviewPage) -> str:
    """The URL of another page of the preview."""
    token, language = shown.request.path_params["token"], shown.context.translator.language
    return link_maker(settings.current()).preview_url(token, language, page.value)


def _head(mail: RenderedMail) -> str:
    """The header fields that recipients see, and the preheader."""
    default_name, default_address = parseaddr(settings.current().mail_from)
    name = mail.sender_name or ("" if mail.sender_address else default_name) or mail.brand_name
    lines = [f"From: {name} <{mail.sender_address or default_address}>", f"Subject: {mail.subject}"]
    if mail.reply_to:
        lines.append(f"Reply-To: {mail.reply_to}")
    return "\n".join([*lines, f"Preheader: {mail.preheader}", "", ""])


def _text_messages(shown: Shown) -> str:
    """Every text message by SMS and WhatsApp, each below what it is."""
    translator, unit = shown.context.translator, shown.unit
    url = public_url_of(unit) + _SHORT_PATH
    types = examples.marketing_types(shown.context.catalog, unit)
    texts: list[tuple[Channel, str, str]] = []
    for channel in (Channel.SMS, Channel.WHATSAPP):
        names = tuple(type_.name(translator.language) for type_ in types if channel in type_.channels)[:1]
        occasions = [TextOccasion("LINK", channel, unit.name), TextOccasion("FORGET", channel, unit.name)]
        if names:
            occasions.append(TextOccasion("CONFIRM", channel, unit.name, names))
        texts += [(channel, each.kind, text_of(each, url, translator)) for each in occasions]
        texts += [(channel, kind, reply_text(kind, channel, unit, translator.language)) for kind in _REPLIES]
    return "\n".join(f"--- {channel.value} {kind}\n{text}\n" for channel, kind, text in texts)
