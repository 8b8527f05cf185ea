"""The footer of a message: links to manage and to unsubscribe, and who sends it (R31)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

# Mail clients drop style sheets and support little layout: inline styles, plain links, one block. The padding
# makes targets that a thumb can hit; the grey has a contrast above 7:1 on white.
_BLOCK: Final = (
    "margin:24px 0 0;padding:16px 0 0;border-top:1px solid #d9dce1;"
    "font:13px/1.5 Arial,Helvetica,sans-serif;color:#545b66;text-align:center"
)
_LINK: Final = "display:inline-block;padding:6px 8px;color:#545b66;text-decoration:underline"


@dataclass(frozen=True, slots=True)
class FooterText:
    """The text of a footer in the recipient's language; plain text, no markup."""

    why: str
    """Why the recipient gets it: "You get this because you subscribed to Weekly digest." May be empty."""
    manage: str
    unsubscribe: str
    """From the message's own type."""
    unsubscribe_all: str
    sender: str
    postal_address: str = ""
    """May have several lines."""
    locale: str = "en"
    direction: str = "ltr"
    """"rtl" if the language is written from right to left."""


class Footer:
    """Renders footers for any number of recipients: the text is the same, only the links differ."""

    def __init__(self, text: FooterText) -> None:
        sender = "\n".join(line for line in (text.sender, text.postal_address) if line)
        direction = f' dir="{escape(text.direction)}"' if text.direction != "ltr" else ""
        self._opening = f'<div lang="{escape(text.locale)}"{direction} style="{_BLOCK}">'
        if text.why:
            self._opening += f"{_html_lines(text.why)}<br>"
        self._closing = f"<br>{_html_lines(sender)}</div>" if sender else "</div>"
        labels = (text.manage, text.unsubscribe, text.unsubscribe_all)
        self._manage, self._unsubscribe, self._all = (
            f'" style="{_LINK}">{escape(label)}</a>' for label in labels
        )
        self._text_opening = f"{text.why}\n\n" if text.why else ""
        self._text_closing = f"\n\n{sender}\n" if sender else "\n"
        self._text = text

    def html(self, manage_url: str, unsubscribe_url: str | None, unsubscribe_all_url: str) -> str:
        """Return the footer of an HTML body; without `unsubscribe_url` it has two links."""
        middle = f' <a href="{escape(unsubscribe_url)}{self._unsubscribe}' if unsubscribe_url else ""
        return (
            f'{self._opening}<a href="{escape(manage_url)}{self._manage}{middle} '
            f'<a href="{escape(unsubscribe_all_url)}{self._all}{self._closing}'
        )

    def text(self, manage_url: str, unsubscribe_url: str | None, unsubscribe_all_url: str) -> str:
        """Return the footer of a plain text body, each link on its own line."""
        middle = f"\n{self._text.unsubscribe}: {unsubscribe_url}" if unsubscribe_url else ""
        return (
            f"{self._text_opening}{self._text.manage}: {manage_url}{middle}\n"
            f"{self._text.unsubscribe_all}: {unsubscribe_all_url}{self._text_closing}"
        )


def _html_lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
