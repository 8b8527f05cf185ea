"""Payloads of version 1, byte by byte as `docs/links.md` specifies them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from preference_center.links.claims import (
    LATEST_INSTANT_MS,
    ConfirmClaim,
    ErasureClaim,
    LeavingReasonClaim,
    ManageClaim,
    PreviewClaim,
    Target,
    UndoClaim,
    Withdrawal,
    milliseconds,
)
from preference_center.links.tokens import LinkInvalid
from preference_center.rules.addresses import FINGERPRINT_BYTES
from preference_center.rules.references import REFERENCE_BYTES, type_reference, unit_reference
from preference_center.rules.types import Channel, RecipientKind

MAX_CAMPAIGN_BYTES: Final = 64
MAX_CONFIRMED_TYPES: Final = 50
MAX_UNDO_EVENTS: Final = 1000
MAX_LEAVING_REASON_EVENTS: Final = 50

_VERSION: Final = 1
_CHANNELS: Final = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)
_RECIPIENT_KINDS: Final = (RecipientKind.EMAIL, RecipientKind.PHONE)
_NO_REFERENCE: Final = bytes(REFERENCE_BYTES)
_INSTANT_BYTES: Final = 6
_EVENT_ID_BYTES: Final = 8
_LOOK_BYTES: Final = 16
_FINGERPRINT_END: Final = 2 + FINGERPRINT_BYTES
_REFERENCE_END: Final = _FINGERPRINT_END + REFERENCE_BYTES
_ISSUED_END: Final = _REFERENCE_END + _INSTANT_BYTES
_MAX_CONFIRMED_BYTES: Final = MAX_CONFIRMED_TYPES * REFERENCE_BYTES


class PayloadTemplate(NamedTuple):
    """A payload without its fingerprint: the same for all recipients of a message."""

    head: bytes
    tail: bytes

    def payload(self, fingerprint: bytes) -> bytes:
        """Return the payload for one recipient."""
        return self.head + fingerprint + self.tail


@lru_cache(maxsize=4096)
def withdraw_template(
    channel: Channel, type_key: str | None, unit_key: str | None, campaign: str
) -> PayloadTemplate:
    """Return the template of withdraw links: from the type, else from the unit, else from all units.

    Raises ValueError for a campaign of more than 64 bytes.
    """
    target, reference = Target.ALL_UNITS, _NO_REFERENCE
    if type_key is not None:
        target, reference = Target.TYPE, type_reference(type_key)
    elif unit_key is not None:
        target, reference = Target.UNIT, unit_reference(unit_key)
    head = bytes((_VERSION, _CHANNELS.index(channel) | target.value << 4))
    return PayloadTemplate(head, reference + _campaign_bytes(campaign))


def manage_template(
    recipient_kind: RecipientKind, unit_key: str | None, issued_at: datetime, campaign: str
) -> PayloadTemplate:
    """Return the template of manage links; raises ValueError for a campaign of more than 64 bytes."""
    reference = _NO_REFERENCE if unit_key is None else unit_reference(unit_key)
    head = bytes((_VERSION, _RECIPIENT_KINDS.index(recipient_kind)))
    return PayloadTemplate(head, reference + _instant_bytes(issued_at) + _campaign_bytes(campaign))


def confirm_template(channel: Channel, type_keys: Sequence[str], issued_at: datetime) -> PayloadTemplate:
    """Return the template of confirm links; raises ValueError for no type or more than 50.

    The reference of the first type stands before the time, those of the others after it.
    """
    if not 0 < len(type_keys) <= MAX_CONFIRMED_TYPES:
        raise ValueError(f"a link confirms 1 to {MAX_CONFIRMED_TYPES} types, not {len(type_keys)}")
    head = bytes((_VERSION, _CHANNELS.index(channel)))
    first, *others = (type_reference(key) for key in type_keys)
    return PayloadTemplate(head, first + _instant_bytes(issued_at) + b"".join(others))


def erasure_template(
    recipient_kind: RecipientKind, unit_key: str | None, issued_at: datetime
) -> PayloadTemplate:
    """Return the template of erasure links."""
    return manage_template(recipient_kind, unit_key, issued_at, "")


def undo_payload(event_ids: Sequence[int], issued_at: datetime) -> bytes:
    """Pack the events that may be undone; raises ValueError for none or for more than 1,000."""
    return _events_payload(event_ids, issued_at, MAX_UNDO_EVENTS)


def leaving_reason_payload(event_ids: Sequence[int], issued_at: datetime) -> bytes:
    """Pack the events that a reason may be given for; raises ValueError for none or for more than 50."""
    return _events_payload(event_ids, issued_at, MAX_LEAVING_REASON_EVENTS)


def preview_payload(unit_key: str, issued_at: datetime, look_reference: bytes = b"") -> bytes:
    """Pack the unit whose pages may be seen, and the reference of a look that is not saved."""
    return bytes((_VERSION,)) + unit_reference(unit_key) + _instant_bytes(issued_at) + look_reference


def read_withdrawal(payload: bytes) -> Withdrawal:
    """Unpack a withdrawal; raises `LinkInvalid`."""
    _expect(payload, len(payload) >= _REFERENCE_END)
    target_value = payload[1] >> 4
    _expect(payload, target_value < len(Target))
    target = Target(target_value)
    reference = b"" if target is Target.ALL_UNITS else payload[_FINGERPRINT_END:_REFERENCE_END]
    channel = _channel(payload, payload[1] & 0x0F)
    return Withdrawal(_fingerprint(payload), channel, target, reference, _campaign(payload[_REFERENCE_END:]))


def read_manage_claim(payload: bytes) -> ManageClaim:
    """Unpack a manage link; raises `LinkInvalid`."""
    _expect(payload, len(payload) >= _ISSUED_END and payload[1] < len(_RECIPIENT_KINDS))
    reference = payload[_FINGERPRINT_END:_REFERENCE_END]
    return ManageClaim(
        _fingerprint(payload),
        _RECIPIENT_KINDS[payload[1]],
        b"" if reference == _NO_REFERENCE else reference,
        _issued_ms(payload, _REFERENCE_END),
        _campaign(payload[_ISSUED_END:]),
    )


def read_confirm_claim(payload: bytes) -> ConfirmClaim:
    """Unpack a confirm link; raises `LinkInvalid`."""
    _expect(payload, len(payload) >= _ISSUED_END)
    others = payload[_ISSUED_END:]
    _expect(payload, len(others) % REFERENCE_BYTES == 0 and len(others) < _MAX_CONFIRMED_BYTES)
    references = (
        payload[_FINGERPRINT_END:_REFERENCE_END],
        *(others[start : start + REFERENCE_BYTES] for start in range(0, len(others), REFERENCE_BYTES)),
    )
    issued_ms = _issued_ms(payload, _REFERENCE_END)
    return ConfirmClaim(_fingerprint(payload), _channel(payload, payload[1]), references, issued_ms)


def read_erasure_claim(payload: bytes) -> ErasureClaim:
    """Unpack an erasure link; raises `LinkInvalid`."""
    _expect(payload, len(payload) == _ISSUED_END)
    claim = read_manage_claim(payload)
    return ErasureClaim(claim.fingerprint, claim.recipient_kind, claim.unit_reference, claim.issued_ms)


def read_undo_claim(payload: bytes) -> UndoClaim:
    """Unpack an undo token; raises `LinkInvalid`."""
    return UndoClaim(*_read_events(payload))


def read_leaving_reason_claim(payload: bytes) -> LeavingReasonClaim:
    """Unpack a leaving-reason token; raises `LinkInvalid`."""
    return LeavingReasonClaim(*_read_events(payload))


def read_preview_claim(payload: bytes) -> PreviewClaim:
    """Unpack a preview link; raises `LinkInvalid`."""
    reference_end = 1 + REFERENCE_BYTES
    issued_end = reference_end + _INSTANT_BYTES
    _expect(payload, len(payload) - issued_end in (0, _LOOK_BYTES))
    return PreviewClaim(payload[1:reference_end], _issued_ms(payload, reference_end), payload[issued_end:])


def _events_payload(event_ids: Sequence[int], issued_at: datetime, limit: int) -> bytes:
    if not 0 < len(event_ids) <= limit:
        raise ValueError(f"a token holds 1 to {limit} events, not {len(event_ids)}")
    return bytes((_VERSION,)) + _instant_bytes(issued_at) + struct.pack(f">{len(event_ids)}q", *event_ids)


def _read_events(payload: bytes) -> tuple[tuple[int, ...], int]:
    start = 1 + _INSTANT_BYTES
    count, left_over = divmod(len(payload) - start, _EVENT_ID_BYTES)
    _expect(payload, count > 0 and left_over == 0)
    return struct.unpack_from(f">{count}q", payload, start), _issued_ms(payload, 1)


def _expect(payload: bytes, valid: bool) -> None:
    if not valid or payload[0] != _VERSION:
        raise LinkInvalid("its payload is of no version that is known here")


def _channel(payload: bytes, index: int) -> Channel:
    _expect(payload, index < len(_CHANNELS))
    return _CHANNELS[index]


def _fingerprint(payload: bytes) -> bytes:
    return payload[2:_FINGERPRINT_END]


def _issued_ms(payload: bytes, start: int) -> int:
    issued_ms = int.from_bytes(payload[start : start + _INSTANT_BYTES], "big")
    _expect(payload, issued_ms <= LATEST_INSTANT_MS)
    return issued_ms


def _instant_bytes(instant: datetime) -> bytes:
    return milliseconds(instant).to_bytes(_INSTANT_BYTES, "big")


def _campaign_bytes(campaign: str) -> bytes:
    encoded = campaign.encode()
    if len(encoded) > MAX_CAMPAIGN_BYTES:
        raise ValueError(f"a campaign has at most {MAX_CAMPAIGN_BYTES} bytes in UTF-8, not {len(encoded)}")
    return encoded


def _campaign(encoded: bytes) -> str:
    # A sender may have signed a malformed campaign: that must not keep a person from opting out.
    text = encoded[:MAX_CAMPAIGN_BYTES].decode(errors="replace")
    return "".join(character for character in text if character.isprintable())
