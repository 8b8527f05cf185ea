"""What a message carries for each recipient: links, both List-Unsubscribe headers, footers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from preference_center.links.footers import Footer
from preference_center.links.payloads import PayloadTemplate
from preference_center.rules.types import Channel

LIST_UNSUBSCRIBE_POST: Final = "List-Unsubscribe=One-Click"
"""The only value that RFC 8058 allows for List-Unsubscribe-Post."""

UrlOfPayload = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class MessageScope:
    """What a message is about, by key: its type, its unit, its campaign."""

    channel: Channel
    type_key: str | None = None
    """The subscription type that the message belongs to."""
    unit_key: str | None = None
    """What "unsubscribe from all" means, and whose preferences the page shows first; None is all units."""
    campaign: str = ""
    """At most 64 bytes of UTF-8."""


class PreferenceLinks(NamedTuple):
    """Everything that one message to one recipient carries."""

    manage_url: str
    unsubscribe_url: str
    """From the message's type; from all if it has none."""
    unsubscribe_all_url: str
    list_unsubscribe: str
    list_unsubscribe_post: str
    footer_html: str
    footer_text: str


def list_unsubscribe_headers(withdraw_url: str) -> tuple[str, str]:
    """Return the values of List-Unsubscribe (RFC 2369) and List-Unsubscribe-Post (RFC 8058).

    One HTTPS URI and no mailto: the URI alone names recipient and type, and a POST to it acts at once.
    """
    return f"<{withdraw_url}>", LIST_UNSUBSCRIBE_POST


@dataclass(frozen=True, slots=True)
class LinkBatch:
    """Makes the links of one message for any number of recipients; what these share is computed once."""

    manage: PayloadTemplate
    withdraw_type: PayloadTemplate | None
    withdraw_all: PayloadTemplate
    manage_url: UrlOfPayload
    withdraw_url: UrlOfPayload
    footer: Footer

    def links(self, fingerprint: bytes) -> PreferenceLinks:
        """Return what the message to the recipient with this fingerprint carries."""
        manage_url, type_url, all_url = self.urls(fingerprint)
        unsubscribe_url = type_url or all_url
        return PreferenceLinks(
            manage_url,
            unsubscribe_url,
            all_url,
            *list_unsubscribe_headers(unsubscribe_url),
            self.footer.html(manage_url, type_url, all_url),
            self.footer.text(manage_url, type_url, all_url),
        )

    def urls(self, fingerprint: bytes) -> tuple[str, str | None, str]:
        """Return the URLs to manage, to unsubscribe from the type if there is one, and from all."""
        type_url = None
        if self.withdraw_type is not None:
            type_url = self.withdraw_url(self.withdraw_type.payload(fingerprint))
        return (
            self.manage_url(self.manage.payload(fingerprint)),
            type_url,
            self.withdraw_url(self.withdraw_all.payload(fingerprint)),
        )
