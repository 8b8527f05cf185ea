"""What a message carries for each of its recipients: links, both List-Unsubscribe headers, footers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from preference_center.links.footers import Footer
from preference_center.links.payloads import Mould

LIST_UNSUBSCRIBE_POST: Final = "List-Unsubscribe=One-Click"
"""The only value that RFC 8058 gives to List-Unsubscribe-Post."""

UrlOfPayload = Callable[[bytes], str]


class PreferenceLinks(NamedTuple):
    """Everything that one message to one recipient carries."""

    manage_url: str
    unsubscribe_url: str
    """Of the message's type; of all where it has none."""
    unsubscribe_all_url: str
    list_unsubscribe: str
    list_unsubscribe_post: str
    footer_html: str
    footer_text: str


def headers(withdraw_url: str) -> tuple[str, str]:
    """Return the values of List-Unsubscribe (RFC 2369) and List-Unsubscribe-Post (RFC 8058).

    One HTTPS URI, no mailto beside it: the URI alone names recipient and type, and POST to it acts at once.
    """
    return f"<{withdraw_url}>", LIST_UNSUBSCRIBE_POST


class LinkBatch:
    """The links of one message for any number of recipients: what these share is worked out once."""

    def __init__(
        self,
        manage: tuple[Mould, UrlOfPayload],
        withdraw: UrlOfPayload,
        of_type: Mould | None,
        of_all: Mould,
        footer: Footer,
    ) -> None:
        (self._manage_head, self._manage_tail), self._manage_url = manage
        self._withdraw_url = withdraw
        self._of_type = of_type
        self._all_head, self._all_tail = of_all
        self._footer = footer

    def links(self, fingerprint: bytes) -> PreferenceLinks:
        """Return what the message to the recipient of this fingerprint carries."""
        manage_url = self._manage_url(self._manage_head + fingerprint + self._manage_tail)
        all_url = self._withdraw_url(self._all_head + fingerprint + self._all_tail)
        own_url = None
        if self._of_type is not None:
            own_url = self._withdraw_url(self._of_type[0] + fingerprint + self._of_type[1])
        unsubscribe_url = own_url or all_url
        return PreferenceLinks(
            manage_url,
            unsubscribe_url,
            all_url,
            *headers(unsubscribe_url),
            self._footer.html(manage_url, own_url, all_url),
            self._footer.text(manage_url, own_url, all_url),
        )
