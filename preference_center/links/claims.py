"""What links and tokens say, once their signature has been checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from preference_center.rules.types import Channel, RecipientKind
from preference_center.validation import LAST_INSTANT

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
LATEST_INSTANT_MS: Final = (LAST_INSTANT - _EPOCH) // _MILLISECOND
"""The last millisecond in which a link may have been made."""


def milliseconds(instant: datetime) -> int:
    """Return the whole milliseconds since 1970 of an aware datetime."""
    return (instant - _EPOCH) // _MILLISECOND


def recipient_kind_of(channel: Channel) -> RecipientKind:
    """Return the kind of address that a channel writes to."""
    return RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE


class Target(Enum):
    """What a withdraw link withdraws from; the values are those of the payload."""

    ALL_UNITS = 0
    TYPE = 1
    UNIT = 2


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdraw link (R31): an opt-out of one type, of one unit, or of all units."""

    fingerprint: bytes
    channel: Channel
    target: Target
    reference: bytes
    """`type_reference` or `unit_reference` of the target; empty for all units."""
    campaign: str = ""

    @property
    def recipient_kind(self) -> RecipientKind:
        """The kind of address that was fingerprinted."""
        return recipient_kind_of(self.channel)


@dataclass(frozen=True, slots=True)
class ManageClaim:
    """A manage link: whose preferences to open, and which unit's to show first."""

    fingerprint: bytes
    recipient_kind: RecipientKind
    unit_reference: bytes
    """Empty if the link names no unit."""
    issued_ms: int
    campaign: str = ""

    def revoked(self, links_revoked_at: datetime | None) -> bool:
        """Return whether the recipient's links were revoked after this one was issued (R31)."""
        return _revoked(self.issued_ms, links_revoked_at)


@dataclass(frozen=True, slots=True)
class ConfirmClaim:
    """A confirm link (R19): which pending opt-ins the recipient may confirm."""

    fingerprint: bytes
    channel: Channel
    type_references: tuple[bytes, ...]
    """One or more."""
    issued_ms: int

    @property
    def recipient_kind(self) -> RecipientKind:
        """The kind of address that was fingerprinted."""
        return recipient_kind_of(self.channel)


@dataclass(frozen=True, slots=True)
class ErasureClaim:
    """An erasure link (R36): who may have themselves erased, and the unit whose page they asked on."""

    fingerprint: bytes
    recipient_kind: RecipientKind
    unit_reference: bytes
    """Empty if the link names no unit."""
    issued_ms: int

    def revoked(self, links_revoked_at: datetime | None) -> bool:
        """Return whether the recipient's links were revoked after this one was issued (R31)."""
        return _revoked(self.issued_ms, links_revoked_at)


@dataclass(frozen=True, slots=True)
class UndoClaim:
    """The ledger events of one opt-out that its recipient may undo."""

    event_ids: tuple[int, ...]
    issued_ms: int


@dataclass(frozen=True, slots=True)
class LeavingReasonClaim:
    """The ledger events of one opt-out that its recipient may give a reason for."""

    event_ids: tuple[int, ...]
    issued_ms: int


@dataclass(frozen=True, slots=True)
class PreviewClaim:
    """The business unit whose pages the team may see without a recipient."""

    unit_reference: bytes
    issued_ms: int
    look_reference: bytes = b""
    """Names the look that is not saved (`catalog.previews`); empty for the one that is."""


Claim = Withdrawal | ManageClaim | ConfirmClaim | ErasureClaim | UndoClaim | LeavingReasonClaim | PreviewClaim


def _revoked(issued_ms: int, links_revoked_at: datetime | None) -> bool:
    return links_revoked_at is not None and issued_ms <= milliseconds(links_revoked_at)
