"""What links say: payloads of version 1, byte by byte as `docs/links.md` writes them down."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final

from preference_center.links.tokens import LinkInvalid
from preference_center.rules.addresses import FINGERPRINT_BYTES
from preference_center.rules.references import REFERENCE_BYTES, type_reference, unit_reference
from preference_center.rules.types import Channel, RecipientKind

MAX_CAMPAIGN_BYTES: Final = 64
MAX_UNDO_EVENTS: Final = 1000
MAX_LEAVING_EVENTS: Final = 50

_VERSION: Final = 1
_CHANNELS: Final = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)
_KINDS: Final = (RecipientKind.EMAIL, RecipientKind.PHONE)
_NO_REFERENCE: Final = bytes(REFERENCE_BYTES)
_FINGERPRINT_END: Final = 2 + FINGERPRINT_BYTES
_REFERENCE_END: Final = _FINGERPRINT_END + REFERENCE_BYTES
_ISSUED_END: Final = _REFERENCE_END + 6
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LAST_INSTANT: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


class Target(Enum):
    """What a withdraw link withdraws from; the values are those of the payload."""

    ALL_UNITS = 0
    TYPE = 1
    UNIT = 2


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdraw link asks for (R31): to opt out, of one type, of one unit, or of all units."""

    fingerprint: bytes
    channel: Channel
    target: Target
    reference: bytes
    """`type_reference` or `unit_reference` of the target; empty for all units."""
    campaign: str = ""

    @property
    def kind(self) -> RecipientKind:
        """What kind of address the fingerprint stands for."""
        return kind_of(self.channel)


@dataclass(frozen=True, slots=True)
class ManageClaim:
    """What a manage link says: whose preferences to open, and which unit's to show first."""

    fingerprint: bytes
    kind: RecipientKind
    unit_reference: bytes
    """Empty where the link names no unit."""
    issued_ms: int
    campaign: str = ""

    def revoked(self, links_revoked_at: datetime | None) -> bool:
        """Whether the recipient's links were revoked since this one was issued (R31)."""
        return links_revoked_at is not None and self.issued_ms <= milliseconds(links_revoked_at)


@dataclass(frozen=True, slots=True)
class ConfirmClaim:
    """What a confirm link says (R19): which pending opt-in its recipient may confirm."""

    fingerprint: bytes
    channel: Channel
    type_reference: bytes
    issued_ms: int

    @property
    def kind(self) -> RecipientKind:
        """What kind of address the fingerprint stands for."""
        return kind_of(self.channel)


@dataclass(frozen=True, slots=True)
class ForgetClaim:
    """What a forget link says (R36): who may have themselves erased, and in which unit's name it is asked."""

    fingerprint: bytes
    kind: RecipientKind
    unit_reference: bytes
    """Empty where the link names no unit."""
    issued_ms: int

    def revoked(self, links_revoked_at: datetime | None) -> bool:
        """Whether the recipient's links were revoked since this one was issued (R31)."""
        return links_revoked_at is not None and self.issued_ms <= milliseconds(links_revoked_at)


@dataclass(frozen=True, slots=True)
class UndoClaim:
    """The ledger events of one opt-out that its recipient may take back."""

    event_ids: tuple[int, ...]
    issued_ms: int


@dataclass(frozen=True, slots=True)
class LeavingClaim:
    """The ledger events of what its recipient left at once, and may say why."""

    event_ids: tuple[int, ...]
    issued_ms: int


@dataclass(frozen=True, slots=True)
class PreviewClaim:
    """Whose page a team wants to see as recipients do: a business unit's, and nobody's in particular."""

    unit_reference: bytes
    issued_ms: int


Claim = Withdrawal | ManageClaim | ConfirmClaim | ForgetClaim | UndoClaim | LeavingClaim | PreviewClaim
Mould = tuple[bytes, bytes]
"""What stands in a payload before the fingerprint and after it, the same for all recipients of a message."""


def milliseconds(instant: datetime) -> int:
    """Return the whole milliseconds since 1970 of an aware datetime."""
    return (instant - _EPOCH) // _MILLISECOND


def kind_of(channel: Channel) -> RecipientKind:
    """Return the kind of address that a channel writes to."""
    return RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE


@lru_cache(maxsize=4096)
def withdraw_mould(channel: Channel, type_key: str | None, unit_key: str | None, campaign: str) -> Mould:
    """Prepare withdrawals: from the type, where there is none from the unit, where there is none from all.

    Raises ValueError for a campaign of more than 64 bytes.
    """
    target, reference = Target.ALL_UNITS, _NO_REFERENCE
    if type_key is not None:
        target, reference = Target.TYPE, type_reference(type_key)
    elif unit_key is not None:
        target, reference = Target.UNIT, unit_reference(unit_key)
    head = bytes((_VERSION, _CHANNELS.index(channel) | target.value << 4))
    return head, reference + _campaign_bytes(campaign)


def manage_mould(kind: RecipientKind, unit_key: str | None, issued_at: datetime, campaign: str) -> Mould:
    """Prepare manage links; raises ValueError for a campaign of more than 64 bytes."""
    reference = _NO_REFERENCE if unit_key is None else unit_reference(unit_key)
    head = bytes((_VERSION, _KINDS.index(kind)))
    return head, reference + _six_bytes(issued_at) + _campaign_bytes(campaign)


def confirm_mould(channel: Channel, type_key: str, issued_at: datetime) -> Mould:
    """Prepare confirm links."""
    head = bytes((_VERSION, _CHANNELS.index(channel)))
    return head, type_reference(type_key) + _six_bytes(issued_at)


def forget_mould(kind: RecipientKind, unit_key: str | None, issued_at: datetime) -> Mould:
    """Prepare forget links."""
    return manage_mould(kind, unit_key, issued_at, "")


def undo_payload(event_ids: Sequence[int], issued_at: datetime) -> bytes:
    """Pack the events that may be taken back; raises ValueError for none or for more than 1,000."""
    return _events_payload(event_ids, issued_at, MAX_UNDO_EVENTS)


def leaving_payload(event_ids: Sequence[int], issued_at: datetime) -> bytes:
    """Pack the events that somebody may say why of; raises ValueError for none or for more than 50."""
    return _events_payload(event_ids, issued_at, MAX_LEAVING_EVENTS)


def preview_payload(unit_key: str, issued_at: datetime) -> bytes:
    """Pack the unit whose page may be seen."""
    return bytes((_VERSION,)) + unit_reference(unit_key) + _six_bytes(issued_at)


def read_withdrawal(payload: bytes) -> Withdrawal:
    """Unpack a withdrawal whose signature was right; raises `LinkInvalid`."""
    _expect(payload, len(payload) >= _REFERENCE_END)
    target_number = payload[1] >> 4
    _expect(payload, target_number < len(Target))
    target = Target(target_number)
    reference = b"" if target is Target.ALL_UNITS else payload[_FINGERPRINT_END:_REFERENCE_END]
    channel = _channel(payload, payload[1] & 0x0F)
    return Withdrawal(_fingerprint(payload), channel, target, reference, _campaign(payload[_REFERENCE_END:]))


def read_manage_claim(payload: bytes) -> ManageClaim:
    """Unpack a manage link whose signature was right; raises `LinkInvalid`."""
    _expect(payload, len(payload) >= _ISSUED_END and payload[1] < len(_KINDS))
    reference = payload[_FINGERPRINT_END:_REFERENCE_END]
    return ManageClaim(
        _fingerprint(payload),
        _KINDS[payload[1]],
        b"" if reference == _NO_REFERENCE else reference,
        _issued_ms(payload, _REFERENCE_END),
        _campaign(payload[_ISSUED_END:]),
    )


def read_confirm_claim(payload: bytes) -> ConfirmClaim:
    """Unpack a confirm link whose signature was right; raises `LinkInvalid`."""
    _expect(payload, len(payload) == _ISSUED_END)
    reference = payload[_FINGERPRINT_END:_REFERENCE_END]
    issued_ms = _issued_ms(payload, _REFERENCE_END)
    return ConfirmClaim(_fingerprint(payload), _channel(payload, payload[1]), reference, issued_ms)


def read_forget_claim(payload: bytes) -> ForgetClaim:
    """Unpack a forget link whose signature was right; raises `LinkInvalid`."""
    _expect(payload, len(payload) == _ISSUED_END)
    said = read_manage_claim(payload)
    return ForgetClaim(said.fingerprint, said.kind, said.unit_reference, said.issued_ms)


def read_undo_claim(payload: bytes) -> UndoClaim:
    """Unpack an undo whose signature was right; raises `LinkInvalid`."""
    return UndoClaim(*_read_events(payload))


def read_leaving_claim(payload: bytes) -> LeavingClaim:
    """Unpack what a reason comes with, whose signature was right; raises `LinkInvalid`."""
    return LeavingClaim(*_read_events(payload))


def _events_payload(event_ids: Sequence[int], issued_at: datetime, most: int) -> bytes:
    if not 0 < len(event_ids) <= most:
        raise ValueError(f"a token holds 1 to {most} events, not {len(event_ids)}")
    return bytes((_VERSION,)) + _six_bytes(issued_at) + struct.pack(f">{len(event_ids)}q", *event_ids)


def _read_events(payload: bytes) -> tuple[tuple[int, ...], int]:
    count, rest = divmod(len(payload) - 7, 8)
    _expect(payload, count > 0 and rest == 0)
    return struct.unpack_from(f">{count}q", payload, 7), _issued_ms(payload, 1)


def read_preview_claim(payload: bytes) -> PreviewClaim:
    """Unpack a preview whose signature was right; raises `LinkInvalid`."""
    _expect(payload, len(payload) == 1 + REFERENCE_BYTES + 6)
    return PreviewClaim(payload[1 : 1 + REFERENCE_BYTES], _issued_ms(payload, 1 + REFERENCE_BYTES))


def _expect(payload: bytes, right: bool) -> None:
    if not right or payload[0] != _VERSION:
        raise LinkInvalid("its payload is of no version that is known here")


def _channel(payload: bytes, number: int) -> Channel:
    _expect(payload, number < len(_CHANNELS))
    return _CHANNELS[number]


def _fingerprint(payload: bytes) -> bytes:
    return payload[2:_FINGERPRINT_END]


def _issued_ms(payload: bytes, start: int) -> int:
    issued_ms = int.from_bytes(payload[start : start + 6], "big")
    _expect(payload, issued_ms <= _LAST_INSTANT)
    return issued_ms


def _six_bytes(instant: datetime) -> bytes:
    return milliseconds(instant).to_bytes(6, "big")


def _campaign_bytes(campaign: str) -> bytes:
    encoded = campaign.encode()
    if len(encoded) > MAX_CAMPAIGN_BYTES:
        raise ValueError(f"a campaign has at most {MAX_CAMPAIGN_BYTES} bytes in UTF-8, not {len(encoded)}")
    return encoded


def _campaign(encoded: bytes) -> str:
    # Whoever signed it may have been careless; that must not stand between a person and opting out.
    text = encoded[:MAX_CAMPAIGN_BYTES].decode(errors="replace")
    return "".join(character for character in text if character.isprintable())
