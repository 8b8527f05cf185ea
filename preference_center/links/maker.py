"""Signed links to a recipient's pages, and the headers that carry them (R31-R34). No database, no clock.

Withdraw links never expire and can only opt out. Manage links open the whole page, for a time. Confirm links
confirm one opt-in. Forget links erase whom they were sent to. Undo tokens take back one opt-out, leaving
tokens let one say why. Preview links show a team the page of a unit, and do nothing. Each kind has a salt of
its own and no kind can be used as another. The format is written down in `docs/links.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode

from preference_center.links import payloads as link_payloads
from preference_center.links.batches import LIST_UNSUBSCRIBE_POST, LinkBatch, PreferenceLinks, headers
from preference_center.links.footers import Footer, FooterWords
from preference_center.links.payloads import (
    MAX_CAMPAIGN_BYTES,
    MAX_LEAVING_EVENTS,
    MAX_UNDO_EVENTS,
    Claim,
    ConfirmClaim,
    ForgetClaim,
    LeavingClaim,
    ManageClaim,
    PreviewClaim,
    Target,
    UndoClaim,
    Withdrawal,
    milliseconds,
)
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.rules import addresses
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind

__all__ = [
    "LIST_UNSUBSCRIBE_POST",
    "MAX_CAMPAIGN_BYTES",
    "MAX_LEAVING_EVENTS",
    "MAX_UNDO_EVENTS",
    "ConfirmClaim",
    "FooterWords",
    "ForgetClaim",
    "LeavingClaim",
    "LinkBatch",
    "LinkExpired",
    "LinkInvalid",
    "LinkMaker",
    "ManageClaim",
    "PreferenceLinks",
    "PreviewClaim",
    "Target",
    "UndoClaim",
    "Withdrawal",
    "headers",
    "link_maker",
]

CONFIRM_LINK_DAYS: Final = 7
FORGET_HOURS: Final = 24
UNDO_HOURS: Final = 24
LEAVING_HOURS: Final = 24
PREVIEW_DAYS: Final = 1

_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
_CLOCK_SKEW: Final = _DAY
"""How far ahead a sender's clock may be: a link from further off would outlive its days and revocation."""


class LinkExpired(Exception):
    """The signature is right, the time is over; `claim` says what it was for, so a page can help (R34)."""

    def __init__(self, claim: Claim) -> None:
        super().__init__("the link has expired")
        self.claim = claim


class LinkSettings(Protocol):
    """What of the settings goes into links; key lists are newest first."""

    @property
    def public_url(self) -> str:
        """Where recipients reach Sayso, without a slash at the end."""

    @property
    def secret_keys(self) -> tuple[bytes, ...]:
        """The keys of confirm and forget links, undo and leaving tokens, and previews."""

    @property
    def withdraw_keys(self) -> tuple[bytes, ...]:
        """The keys of withdraw links."""

    @property
    def manage_keys(self) -> tuple[bytes, ...]:
        """The keys of manage links."""

    @property
    def fingerprint_key(self) -> bytes:
        """The key of fingerprints; it never changes."""

    @property
    def manage_link_days(self) -> int:
        """How long manage links live."""


class LinkMaker:
    """Makes and reads the links of one installation; `link_maker` keeps one for everybody."""

    def __init__(self, settings: LinkSettings) -> None:
        url = settings.public_url
        # The URL goes into mail headers and between angle brackets.
        if not url.isprintable() or set(url) & set(' <>"'):
            raise ValueError("the public URL holds characters that no URL can have")
        bases = (f"{url}/{page}/" for page in "upcfv")
        self._withdraw_base, self._manage_base, self._confirm_base, self._forget_base, self._preview_base = (
            bases
        )
        self._withdraw = TokenSigner(settings.withdraw_keys, b"sayso.withdraw")
        self._manage = TokenSigner(settings.manage_keys, b"sayso.manage")
        self._confirm = TokenSigner(settings.secret_keys, b"sayso.confirm")
        self._forget = TokenSigner(settings.secret_keys, b"sayso.forget")
        self._undo = TokenSigner(settings.secret_keys, b"sayso.undo")
        self._leaving = TokenSigner(settings.secret_keys, b"sayso.reason")
        self._preview = TokenSigner(settings.secret_keys, b"sayso.preview")
        self._fingerprint_key = settings.fingerprint_key
        self._manage_life = settings.manage_link_days * _DAY

    def fingerprint(self, address: Address) -> bytes:
        """Return what stands for an address in links (R32)."""
        return addresses.keyed_fingerprint(address, self._fingerprint_key)

    def withdraw(
        self,
        fingerprint: bytes,
        channel: Channel,
        type_key: str | None = None,
        unit_key: str | None = None,
        campaign: str = "",
    ) -> str:
        """Return a token that opts out of the type; without one of all of the unit; without either of all.

        Raises ValueError for a campaign of more than 64 bytes, as `manage` and `batch` do.
        """
        head, tail = link_payloads.withdraw_mould(channel, type_key, unit_key, campaign)
        return self._withdraw.token(head + fingerprint + tail)

    def manage(
        self,
        fingerprint: bytes,
        kind: RecipientKind,
        issued_at: datetime,
        unit_key: str | None = None,
        campaign: str = "",
    ) -> str:
        """Return a token that opens the preference page, the unit's preferences first."""
        head, tail = link_payloads.manage_mould(kind, unit_key, issued_at, campaign)
        return self._manage.token(head + fingerprint + tail)

    def confirm(self, fingerprint: bytes, channel: Channel, type_key: str, issued_at: datetime) -> str:
        """Return a token that confirms a pending opt-in (R19)."""
        head, tail = link_payloads.confirm_mould(channel, type_key, issued_at)
        return self._confirm.token(head + fingerprint + tail)

    def forget(
        self, fingerprint: bytes, kind: RecipientKind, issued_at: datetime, unit_key: str | None = None
    ) -> str:
        """Return a token that erases the recipient (R36), asked in the unit's name."""
        head, tail = link_payloads.forget_mould(kind, unit_key, issued_at)
        return self._forget.token(head + fingerprint + tail)

    def undo(self, event_ids: Sequence[int], issued_at: datetime) -> str:
        """Return a token that takes back the opt-out which these ledger events recorded (at most 1,000)."""
        return self._undo.token(link_payloads.undo_payload(event_ids, issued_at))

    def leaving(self, event_ids: Sequence[int], issued_at: datetime) -> str:
        """Return a token that lets one say why of the opt-outs in these ledger events (at most 50)."""
        return self._leaving.token(link_payloads.leaving_payload(event_ids, issued_at))

    def preview(self, unit_key: str, issued_at: datetime) -> str:
        """Return a token that shows the unit's page without a recipient, and can do nothing."""
        return self._preview.token(link_payloads.preview_payload(unit_key, issued_at))

    def batch(
        self,
        channel: Channel,
        translator: FooterWords,
        issued_at: datetime,
        type_key: str | None = None,
        unit_key: str | None = None,
        campaign: str = "",
    ) -> LinkBatch:
        """Return what makes the links of one message for its recipients.

        `type_key` is the message's own type and `unit_key` its unit: what "unsubscribe from all" means, and
        whose preferences the page shows first. Without a unit, all is every unit's.
        """
        mould = link_payloads.withdraw_mould
        manage = link_payloads.manage_mould(link_payloads.kind_of(channel), unit_key, issued_at, campaign)
        return LinkBatch(
            manage=(manage, lambda payload: self._manage_base + self._manage.token(payload)),
            withdraw=lambda payload: self._withdraw_base + self._withdraw.token(payload),
            of_type=None if type_key is None else mould(channel, type_key, None, campaign),
            of_all=mould(channel, None, unit_key, campaign),
            footer=Footer(translator),
        )

    def withdraw_url(self, token: str) -> str:
        """Return the address of the unsubscribe page, where one-click POSTs go too."""
        return self._withdraw_base + token

    def manage_url(self, token: str) -> str:
        """Return the address of the preference page."""
        return self._manage_base + token

    def confirm_url(self, token: str) -> str:
        """Return the address of the page that confirms an opt-in."""
        return self._confirm_base + token

    def forget_url(self, token: str) -> str:
        """Return the address of the page that asks once more, and erases."""
        return self._forget_base + token

    def preview_url(self, token: str, locale: str | None = None) -> str:
        """Return the address of a preview, in a language where one is asked for (BCP 47)."""
        return self._preview_base + token + ("?" + urlencode({"lang": locale}) if locale else "")

    def read_withdraw(self, token: str) -> Withdrawal:
        """Read a withdraw link, however old it is; raises `LinkInvalid` and nothing else."""
        return link_payloads.read_withdrawal(self._withdraw.payload(token))

    def read_manage(self, token: str, now: datetime) -> ManageClaim:
        """Read a manage link; raises `LinkInvalid`, or `LinkExpired` after its days.

        Whether it was revoked is for the caller to ask (`ManageClaim.revoked`), who knows the recipient.
        """
        claim = link_payloads.read_manage_claim(self._manage.payload(token))
        return _in_time(claim, self._manage_life, now)

    def read_confirm(self, token: str, now: datetime) -> ConfirmClaim:
        """Read a confirm link; raises `LinkInvalid`, or `LinkExpired` after 7 days (R19)."""
        claim = link_payloads.read_confirm_claim(self._confirm.payload(token))
        return _in_time(claim, CONFIRM_LINK_DAYS * _DAY, now)

    def read_forget(self, token: str, now: datetime) -> ForgetClaim:
        """Read a forget link; raises `LinkInvalid`, or `LinkExpired` after 24 hours.

        Whether it was revoked is for the caller to ask, as of a manage link.
        """
        claim = link_payloads.read_forget_claim(self._forget.payload(token))
        return _in_time(claim, FORGET_HOURS * _HOUR, now)

    def read_undo(self, token: str, now: datetime) -> UndoClaim:
        """Read an undo token; raises `LinkInvalid`, or `LinkExpired` after 24 hours."""
        claim = link_payloads.read_undo_claim(self._undo.payload(token))
        return _in_time(claim, UNDO_HOURS * _HOUR, now)

    def read_leaving(self, token: str, now: datetime) -> LeavingClaim:
        """Read a leaving token; raises `LinkInvalid`, or `LinkExpired` after 24 hours."""
        claim = link_payloads.read_leaving_claim(self._leaving.payload(token))
        return _in_time(claim, LEAVING_HOURS * _HOUR, now)

    def read_preview(self, token: str, now: datetime) -> PreviewClaim:
        """Read a preview; raises `LinkInvalid`, or `LinkExpired` after a day."""
        claim = link_payloads.read_preview_claim(self._preview.payload(token))
        return _in_time(claim, PREVIEW_DAYS * _DAY, now)


@lru_cache(maxsize=8)
def link_maker(settings: LinkSettings) -> LinkMaker:
    """Return the `LinkMaker` of these settings, made once; they have to be hashable, as `Settings` is."""
    return LinkMaker(settings)


_TimedClaim = TypeVar(
    "_TimedClaim", ManageClaim, ConfirmClaim, ForgetClaim, UndoClaim, LeavingClaim, PreviewClaim
)


def _in_time(claim: _TimedClaim, life_ms: int, now: datetime) -> _TimedClaim:
    age_ms = milliseconds(now) - claim.issued_ms
    if not -_CLOCK_SKEW <= age_ms <= life_ms:
        raise LinkExpired(claim)
    return claim
