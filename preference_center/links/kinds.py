"""Every kind of token that Sayso signs. Page paths, signatures and log redaction derive from this list."""

from __future__ import annotations

from enum import Enum


class TokenKind(Enum):
    """A kind of signed token: the salt of its signature, and for a link the path of its page."""

    WITHDRAW = b"sayso.withdraw", "/u"
    MANAGE = b"sayso.manage", "/p"
    CONFIRM = b"sayso.confirm", "/c"
    ERASURE = b"sayso.forget", "/f"
    PREVIEW = b"sayso.preview", "/v"
    SHORT = b"sayso.short", "/s"
    UNDO = b"sayso.undo", ""
    LEAVING_REASON = b"sayso.reason", ""
    FLASH = b"sayso.flash", ""
    UNSUBSCRIBED = b"sayso.unsubscribed", ""
    SHOWN_PHONE = b"sayso.shown-phone", ""
    DOWNLOAD = b"sayso.download", ""

    def __init__(self, salt: bytes, path: str) -> None:
        self.salt = salt
        """Keeps the signatures of each kind apart (R31). Must never change: links already sent would fail.

        A short link has a code in place of a token (`short_links`); the salt keys its digest."""
        self.path = path
        """The path before the token: `/u` of `/u/{token}`. Empty if the token travels in a form or query."""

    @property
    def route(self) -> str:
        """The path of the page, with a `{token}` placeholder."""
        return f"{self.path}/{{token}}"


LINK_KINDS = tuple(kind for kind in TokenKind if kind.path)
"""The kinds that are links: their token is the last part of a path."""
