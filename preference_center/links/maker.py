"""Makes and reads signed links to a recipient's pages (R31 to R34). No database, no clock.

Withdraw links never expire and can only opt out. Manage links open the whole page, for a time. Confirm links
confirm opt-ins that are pending. Erasure links erase the recipient they were sent to. Undo tokens undo one
opt-out; leaving-reason tokens let its recipient give a reason. Preview links show the team a unit's page and
change nothing. Each kind has its own salt (`kinds`), so none can be used as another. `docs/links.md` has the
format.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode

from preference_center.links import payloads
from preference_center.links.batches import LinkBatch, MessageScope
from preference_center.links.claims import (
    Claim,
    ConfirmClaim,
    ErasureClaim,
    LeavingReasonClaim,
    ManageClaim,
    PreviewClaim,
    UndoClaim,
    Withdrawal,
    milliseconds,
    recipient_kind_of,
)
from preference_center.links.footers import Footer, FooterText
from preference_center.links.kinds import LINK_KINDS, TokenKind
from preference_center.links.tokens import TokenSigner
from preference_center.rules import addresses
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind

CONFIRM_LINK_DAYS: Final = 7
ERASURE_LINK_HOURS: Final = 24
UNDO_HOURS: Final = 24
LEAVING_REASON_HOURS: Final = 24
PREVIEW_DAYS: Final = 1

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_CLOCK_SKEW_MS: Final = _DAY_MS
"""How far ahead a sender's clock may be: a link from further ahead would outlive its days and revocation."""


class LinkExpired(Exception):
    """The signature is valid, but the link has expired; a page can still help with what it was for (R34)."""

    def __init__(self, claim: Claim) -> None:
        super().__init__("the link has expired")
        self.claim = claim


class LinkSettings(Protocol):
    """The settings that links depend on; key lists are newest first."""

    @property
    def public_url(self) -> str:
        """Where recipients reach Sayso, without a slash at the end."""

    @property
    def secret_keys(self) -> tuple[bytes, ...]:
        """The keys of every kind but withdraw and manage links."""

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
        """The lifetime of manage links."""


class LinkMaker:
    """Makes and reads the links of one installation; `link_maker` returns a shared one."""

    def __init__(self, settings: LinkSettings) -> None:
        url = settings.public_url
        # The URL goes into mail headers and between angle brackets.
        if not url.isprintable() or set(url) & set(' <>"'):
            raise ValueError("the public URL holds characters that no URL can have")
        self._bases = {kind: f"{url}{kind.path}/" for kind in LINK_KINDS}
        self._withdraw_base, self._manage_base = (
            self._bases[kind] for kind in (TokenKind.WITHDRAW, TokenKind.MANAGE)
        )
        keys = {TokenKind.WITHDRAW: settings.withdraw_keys, TokenKind.MANAGE: settings.manage_keys}
        self._signers = {
            kind: TokenSigner(keys.get(kind, settings.secret_keys), kind.salt) for kind in TokenKind
        }
        self._withdraw, self._manage = self._signers[TokenKind.WITHDRAW], self._signers[TokenKind.MANAGE]
        self._fingerprint_key = settings.fingerprint_key
        self._manage_life_ms = settings.manage_link_days * _DAY_MS

    def fingerprint(self, address: Address) -> bytes:
        """Return the keyed fingerprint that stands for an address in links (R32)."""
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
        template = payloads.withdraw_template(channel, type_key, unit_key, campaign)
        return self._withdraw.token(template.payload(fingerprint))

    def manage(
        self,
        fingerprint: bytes,
        recipient_kind: RecipientKind,
        issued_at: datetime,
        unit_key: str | None = None,
        campaign: str = "",
    ) -> str:
        """Return a token that opens the preference page, the unit's preferences first."""
        template = payloads.manage_template(recipient_kind, unit_key, issued_at, campaign)
        return self._manage.token(template.payload(fingerprint))

    def confirm(
        self, fingerprint: bytes, channel: Channel, type_keys: str | Sequence[str], issued_at: datetime
    ) -> str:
        """Return a token that confirms the pending opt-ins to one type or several, 50 at most (R19)."""
        keys = (type_keys,) if isinstance(type_keys, str) else type_keys
        template = payloads.confirm_template(channel, keys, issued_at)
        return self._signers[TokenKind.CONFIRM].token(template.payload(fingerprint))

    def erasure(
        self,
        fingerprint: bytes,
        recipient_kind: RecipientKind,
        issued_at: datetime,
        unit_key: str | None = None,
    ) -> str:
        """Return a token that erases the recipient (R36); its page is shown as the unit's."""
        template = payloads.erasure_template(recipient_kind, unit_key, issued_at)
        return self._signers[TokenKind.ERASURE].token(template.payload(fingerprint))

    def undo(self, event_ids: Sequence[int], issued_at: datetime) -> str:
        """Return a token that undoes the opt-out recorded in these ledger events (at most 1,000)."""
        return self._signers[TokenKind.UNDO].token(payloads.undo_payload(event_ids, issued_at))

    def leaving_reason(self, event_ids: Sequence[int], issued_at: datetime) -> str:
        """Return a token that accepts a reason for the opt-outs in these ledger events (at most 50)."""
        payload = payloads.leaving_reason_payload(event_ids, issued_at)
        return self._signers[TokenKind.LEAVING_REASON].token(payload)

    def preview(self, unit_key: str, issued_at: datetime, look_reference: bytes = b"") -> str:
        """Return a token that shows the unit's pages without a recipient and can change nothing.

        `look_reference` names a look that is not saved.
        """
        payload = payloads.preview_payload(unit_key, issued_at, look_reference)
        return self._signers[TokenKind.PREVIEW].token(payload)

    def batch(self, scope: MessageScope, text: FooterText, issued_at: datetime) -> LinkBatch:
        """Return what makes the links of one message for each of its recipients."""
        recipient_kind, campaign = recipient_kind_of(scope.channel), scope.campaign
        template = payloads.withdraw_template
        return LinkBatch(
            manage=payloads.manage_template(recipient_kind, scope.unit_key, issued_at, campaign),
            withdraw_type=None
            if scope.type_key is None
            else template(scope.channel, scope.type_key, None, campaign),
            withdraw_all=template(scope.channel, None, scope.unit_key, campaign),
            manage_url=lambda payload: self.manage_url(self._manage.token(payload)),
            withdraw_url=lambda payload: self.withdraw_url(self._withdraw.token(payload)),
            footer=Footer(text),
        )

    def payload_of(self, kind: TokenKind, token: str) -> bytes:
        """Return what a token of a kind has signed, whatever its age; raises `LinkInvalid`."""
        return self._signers[kind].payload(token)

    def token_of(self, kind: TokenKind, payload: bytes) -> str:
        """Sign a payload that `payload_of` returned, with the newest key of its kind."""
        return self._signers[kind].token(payload)

    def withdraw_url(self, token: str) -> str:
        """Return the URL of the unsubscribe page, which also accepts one-click POSTs."""
        return self._withdraw_base + token

    def manage_url(self, token: str) -> str:
        """Return the URL of the preference page."""
        return self._manage_base + token

    def confirm_url(self, token: str) -> str:
        """Return the URL of the page that confirms an opt-in."""
        return self._bases[TokenKind.CONFIRM] + token

    def erasure_url(self, token: str) -> str:
        """Return the URL of the page that asks for confirmation and erases."""
        return self._bases[TokenKind.ERASURE] + token

    def short_url(self, code: str) -> str:
        """Return the URL of a short link (`short_links`)."""
        return self._bases[TokenKind.SHORT] + code

    def preview_url(self, token: str, locale: str | None = None, page: str | None = None) -> str:
        """Return the URL of a preview: of one of the pages and mails, in the language `locale` (BCP 47)."""
        query = {name: value for name, value in (("page", page), ("lang", locale)) if value}
        return self._bases[TokenKind.PREVIEW] + token + ("?" + urlencode(query) if query else "")

    def read_withdraw(self, token: str) -> Withdrawal:
        """Read a withdraw link, whatever its age; raises only `LinkInvalid`."""
        return payloads.read_withdrawal(self._withdraw.payload(token))

    def read_manage(self, token: str, now: datetime) -> ManageClaim:
        """Read a manage link; raises `LinkInvalid`, or `LinkExpired` after its days.

        The caller, who knows the recipient, checks whether it was revoked (`ManageClaim.revoked`).
        """
        claim = payloads.read_manage_claim(self._manage.payload(token))
        return _unexpired(claim, self._manage_life_ms, now)

    def read_confirm(self, token: str, now: datetime) -> ConfirmClaim:
        """Read a confirm link; raises `LinkInvalid`, or `LinkExpired` after 7 days (R19)."""
        claim = payloads.read_confirm_claim(self._signers[TokenKind.CONFIRM].payload(token))
        return _unexpired(claim, CONFIRM_LINK_DAYS * _DAY_MS, now)

    def read_erasure(self, token: str, now: datetime) -> ErasureClaim:
        """Read an erasure link; raises `LinkInvalid`, or `LinkExpired` after 24 hours.

        The caller checks whether it was revoked (`ErasureClaim.revoked`).
        """
        claim = payloads.read_erasure_claim(self._signers[TokenKind.ERASURE].payload(token))
        return _unexpired(claim, ERASURE_LINK_HOURS * _HOUR_MS, now)

    def read_undo(self, token: str, now: datetime) -> UndoClaim:
        """Read an undo token; raises `LinkInvalid`, or `LinkExpired` after 24 hours."""
        claim = payloads.read_undo_claim(self._signers[TokenKind.UNDO].payload(token))
        return _unexpired(claim, UNDO_HOURS * _HOUR_MS, now)

    def read_leaving_reason(self, token: str, now: datetime) -> LeavingReasonClaim:
        """Read a leaving-reason token; raises `LinkInvalid`, or `LinkExpired` after 24 hours."""
        claim = payloads.read_leaving_reason_claim(self._signers[TokenKind.LEAVING_REASON].payload(token))
        return _unexpired(claim, LEAVING_REASON_HOURS * _HOUR_MS, now)

    def read_preview(self, token: str, now: datetime) -> PreviewClaim:
        """Read a preview link; raises `LinkInvalid`, or `LinkExpired` after a day."""
        claim = payloads.read_preview_claim(self._signers[TokenKind.PREVIEW].payload(token))
        return _unexpired(claim, PREVIEW_DAYS * _DAY_MS, now)


@lru_cache(maxsize=8)
def link_maker(settings: LinkSettings) -> LinkMaker:
    """Return the shared `LinkMaker` of these settings, which have to be hashable, as `Settings` is."""
    return LinkMaker(settings)


_TimedClaim = TypeVar(
    "_TimedClaim", ManageClaim, ConfirmClaim, ErasureClaim, UndoClaim, LeavingReasonClaim, PreviewClaim
)


def _unexpired(claim: _TimedClaim, life_ms: int, now: datetime) -> _TimedClaim:
    age_ms = milliseconds(now) - claim.issued_ms
    if not -_CLOCK_SKEW_MS <= age_ms <= life_ms:
        raise LinkExpired(claim)
    return claim
