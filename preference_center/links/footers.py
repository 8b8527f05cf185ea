"""The footer of a message: links to manage and to unsubscribe, and who sends it (R31).

It is one paragraph without colours and fonts of its own, for a cell of a table as well as for a block. It
looks like the text around it, on a dark ground too.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

# Mail programs drop style sheets, so styles are inline. Word's engine in Outlook for Windows knows neither
# `inherit` nor padding of links: there, links have their usual colour, and dots keep them apart. Elsewhere
# the padding makes targets that a thumb can hit.
_BLOCK: Final = "margin:24px 0 0;font-size:13px;line-height:22px"
_LINK: Final = "display:inline-block;padding:5px 0;color:inherit;text-decoration:underline"
_BETWEEN: Final = " · "


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
        self._opening = f'<p lang="{escape(text.locale)}"{direction} style="{_BLOCK}">'
        if text.why:
            self._opening += f"{_html_lines(text.why)}<br>"
        self._closing = f"<br>{_html_lines(sender)}</p>" if sender else "</p>"
        labels = (text.manage, text.unsubscribe, text.unsubscribe_all)
        self._manage, self._unsubscribe, self._all = (
            f'" style="{_LINK}">{escape(label)}</a>' for label in labels
        )
        self._text_opening = f"{text.why}\n\n" if text.why else ""
        self._text_closing = f"\n\n{sender}\n" if sender else "\n"
        self._text = text

    def html(self, manage_url: str, unsubscribe_url: str | None, unsubscribe_all_url: str) -> str:
        """Return the footer of an HTML body; without `unsubscribe_url` it has two links."""
        middle = ""
        if unsubscribe_url:
            middle = f'{_BETWEEN}<a href="{escape(unsubscribe_url)}{self._unsubscribe}'
        return (
            f'{self._opening}<a href="{escape(manage_url)}{self._manage}{middle}{_BETWEEN}'
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
