"""Renders a mail of a brand: header values, HTML, plain text, pictures.

Like `content`, it reads neither the database nor the settings, so a preview can render a mail of a brand
whose look is not saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from preference_center.catalog.appearance import FontStack
from preference_center.outbox.mail.content import MailBrand, MailContent
from preference_center.outbox.mail.logo import InlineImage, inline_image
from preference_center.outbox.mail.theme import theme_of
from preference_center.translations import Translator

_RADIUS, _CARD_RADIUS = 8, 12
"""Of the button and of the card, in pixels, where a brand has chosen none; at most that of the card."""
_WORD_FONTS: Final = {
    FontStack.SERIF: "Georgia,serif",
    FontStack.BOOK: "Georgia,serif",
    FontStack.SLAB: "Georgia,serif",
    FontStack.MONOSPACE: "Consolas,monospace",
}
"""For Outlook on Windows, which shows Times New Roman if it lacks the first font of a list."""
_WORD_FONT: Final = "Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail without its addressee."""

    subject: str
    preheader: str
    html: str
    """Refers to its pictures by Content-ID."""
    text: str
    images: tuple[InlineImage, ...]
    brand_name: str
    """Empty for a mail in the name of several brands."""
    sender_name: str | None
    """None: that of SAYSO_MAIL_FROM, or else the brand's name."""
    sender_address: str | None
    """None: that of SAYSO_MAIL_FROM."""
    reply_to: str | None

    @property
    def html_for_browser(self) -> str:
        """The HTML with its pictures inside, for a preview."""
        html = self.html
        for image in self.images:
            html = html.replace(image.source, image.data_uri)
        return html


def rendered(content: MailContent, brand: MailBrand, translator: Translator) -> RenderedMail:
    """Render a mail."""
    look = brand.appearance
    logo = inline_image(look.logo) if brand.name else None
    dark_logo = inline_image(look.dark_logo) if logo else None
    html = translator.template("mail/mail.html").render(
        mail=content,
        theme=theme_of(look),
        font=look.font.css.replace('"', "'"),
        word_font=_WORD_FONTS.get(look.font, _WORD_FONT),
        radius=_RADIUS if look.corner_radius is None else look.corner_radius,
        card_radius=_CARD_RADIUS if look.corner_radius is None else min(look.corner_radius * 2, _CARD_RADIUS),
        logo=logo,
        dark_logo=dark_logo,
        website=look.website_url,
        lang=translator.language,
        direction=translator.direction,
        start="left" if translator.direction == "ltr" else "right",
    )
    return RenderedMail(
        subject=content.words.subject,
        preheader=content.words.preheader,
        html=html,
        text=translator.template("mail/mail.txt").render(mail=content),
        images=tuple(dict.fromkeys(image for image in (logo, dark_logo) if image is not None)),
        brand_name=brand.name,
        sender_name=look.sender_name,
        sender_address=look.sender_address,
        reply_to=look.reply_to,
    )
