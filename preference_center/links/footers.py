"""The footer that a message ends with: links to manage, to unsubscribe, and who is writing (R31)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

# Mail clients drop style sheets and know little of flow: inline styles, plain links, one block. The padding
# makes targets that a thumb can hit; the grey has a contrast above 7:1 on white.
_BLOCK: Final = (
    "margin:24px 0 0;padding:16px 0 0;border-top:1px solid #d9dce1;"
    "font:13px/1.5 Arial,Helvetica,sans-serif;color:#545b66;text-align:center"
)
_LINK: Final = "display:inline-block;padding:6px 8px;color:#545b66;text-decoration:underline"


@dataclass(frozen=True, slots=True)
class FooterWords:
    """What a footer says, in the recipient's language; plain text, no markup."""

    why: str
    """Why this message came: "You get this because you subscribed to Weekly digest." Empty leaves it out."""
    manage: str
    unsubscribe: str
    """Of the message's own type."""
    unsubscribe_all: str
    sender: str
    postal_address: str = ""
    """May have several lines."""
    locale: str = "en"
    direction: str = "ltr"
    """"rtl" where the language is written from right to left."""


class Footer:
    """Footers in the same words for any number of recipients: only the links differ."""

    def __init__(self, translator: FooterWords) -> None:
        who = "\n".join(line for line in (translator.sender, translator.postal_address) if line)
        written = f' dir="{escape(translator.direction)}"' if translator.direction != "ltr" else ""
        self._opening = f'<div lang="{escape(translator.locale)}"{written} style="{_BLOCK}">'
        if translator.why:
            self._opening += f"{_html_lines(translator.why)}<br>"
        self._closing = f"<br>{_html_lines(who)}</div>" if who else "</div>"
        labels = (translator.manage, translator.unsubscribe, translator.unsubscribe_all)
        self._manage, self._unsubscribe, self._all = (
            f'" style="{_LINK}">{escape(word)}</a>' for word in labels
        )
        self._text_opening = f"{translator.why}\n\n" if translator.why else ""
        self._text_closing = f"\n\n{who}\n" if who else "\n"
        self._words = translator

    def html(self, manage_url: str, unsubscribe_url: str | None, unsubscribe_all_url: str) -> str:
        """Return the footer for an HTML body; without the middle link where there is no type to leave."""
        middle = f' <a href="{escape(unsubscribe_url)}{self._unsubscribe}' if unsubscribe_url else ""
        return (
            f'{self._opening}<a href="{escape(manage_url)}{self._manage}{middle} '
            f'<a href="{escape(unsubscribe_all_url)}{self._all}{self._closing}'
        )

    def text(self, manage_url: str, unsubscribe_url: str | None, unsubscribe_all_url: str) -> str:
        """Return the footer for a plain text body, each link on a line of its own."""
        translator = self._words
        middle = f"\n{translator.unsubscribe}: {unsubscribe_url}" if unsubscribe_url else ""
        return (
            f"{self._text_opening}{translator.manage}: {manage_url}{middle}\n"
            f"{translator.unsubscribe_all}: {unsubscribe_all_url}{self._text_closing}"
        )


def _html_lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
