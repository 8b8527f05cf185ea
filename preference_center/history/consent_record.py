"""A person's consent record: their events with the texts shown, and the same as ISO/IEC TS 27560 has it.

There is one record for each purpose: one subscription type, or all of a unit, on one channel. The fields have
the names of the specification. What Sayso adds to an event is under `sayso`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.history import events as history
from preference_center.history import evidence
from preference_center.history.events import EventRow
from preference_center.history.evidence import RecordedEvidence, ShownText
from preference_center.links.hosts import link_maker_of
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.addresses import Address, AddressError, masked, parse
from preference_center.rules.types import Channel, Maker, PreferenceStatus, RecipientKind
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange

SCHEMA_VERSION = "ISO/IEC TS 27560:2023, Sayso 1"
_MAX_EVENTS = 100_000
_RETENTION = "Until erasure is asked for. Refusals are kept after it, under a mark that names nobody."
_RIGHTS = ["access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal"]
_PII_TYPES = {RecipientKind.EMAIL: "email address", RecipientKind.PHONE: "phone number"}
_ADDRESS = re.compile(r"""[^\s@<>()\[\]",;:]{1,64}@[\w-]+(?:\.[\w-]+)+|\+\d(?:[\s().-]{0,2}\d){6,14}""")
"""An email address, or a phone number with its country code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event with its evidence, until that is erased (R36)."""

    event: EventRow
    evidence: RecordedEvidence | None

    @property
    def shown_text(self) -> ShownText | None:
        """What the person was shown, or wrote in a message."""
        return self.evidence.shown_text if self.evidence else None


class _PurposeKey(NamedTuple):
    """What one record is about; all of the unit where `subscription_type_id` is None."""

    recipient_id: int
    channel: Channel
    business_unit_id: int
    subscription_type_id: int | None


@dataclass(frozen=True, slots=True)
class _Purpose:
    """A purpose with its events, oldest first."""

    recipient: RecipientRow
    channel: Channel
    business_unit: BusinessUnit
    subscription_type: SubscriptionType | None
    entries: Sequence[Entry]
    language: str

    @property
    def principal_id(self) -> str:
        """Identifies the person: the recipient's fingerprint."""
        return self.recipient.fingerprint.hex()


async def entries(recipients: Sequence[RecipientRow], skip: int = 0, size: int = _MAX_EVENTS) -> list[Entry]:
    """The events of a person's recipients, newest first, after the first `skip`."""
    events = await _events(recipients, min(skip + size, _MAX_EVENTS))
    events.sort(key=lambda event: -event.id)
    return await _with_evidence(events[skip : skip + size])


async def entries_by_decision(recipients: Sequence[RecipientRow], skip: int, size: int) -> list[Entry]:
    """The same by when each was decided, latest first, whenever it was recorded."""
    events = await _events(recipients, _MAX_EVENTS)
    events.sort(key=lambda event: (event.occurred_at, event.id), reverse=True)
    return await _with_evidence(events[skip : skip + size])


async def _events(recipients: Sequence[RecipientRow], count: int) -> list[EventRow]:
    found = await history.events_of([recipient.id for recipient in recipients], KeysetRange(count))
    return [event for rows in found.values() for event in rows]


async def _with_evidence(page: Sequence[EventRow]) -> list[Entry]:
    evidence_by_event = await evidence.of_events([event.id for event in page])
    return [Entry(_with_masked_addresses(event), evidence_by_event.get(event.id)) for event in page]


def _with_masked_addresses(event: EventRow) -> EventRow:
    """The event with masked addresses in its explanation, which may be about other people too."""
    if not event.explanation:
        return event
    return replace(event, explanation=_ADDRESS.sub(_masked, event.explanation))


def _masked(match: re.Match[str]) -> str:
    try:
        return masked(parse(match[0]))
    except AddressError:
        return "•••"


def document(
    recipients: Iterable[RecipientRow], entries: Sequence[Entry], catalog: Catalog, language: str
) -> dict[str, Any]:
    """The consent records of a person, JSON-ready, in a language. `entries` are newest first."""
    by_purpose: dict[_PurposeKey, list[Entry]] = {}
    for entry in reversed(entries):
        by_purpose.setdefault(_purpose_key(entry.event), []).append(entry)
    by_id = {recipient.id: recipient for recipient in recipients}
    purposes = [
        _purpose(by_id[key.recipient_id], key, of_purpose, catalog, language)
        for key, of_purpose in by_purpose.items()
        if key.recipient_id in by_id
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "created_at": _instant(database.now()),
        "language": language,
        "consent_records": [_record(purpose) for purpose in purposes],
    }


def _purpose_key(event: EventRow) -> _PurposeKey:
    return _PurposeKey(event.recipient_id, event.channel, event.business_unit_id, event.subscription_type_id)


def _purpose(
    recipient: RecipientRow, key: _PurposeKey, entries: Sequence[Entry], catalog: Catalog, language: str
) -> _Purpose:
    type_id = key.subscription_type_id
    return _Purpose(
        recipient=recipient,
        channel=key.channel,
        business_unit=catalog.unit_by_id(key.business_unit_id),
        subscription_type=catalog.type_by_id(type_id) if type_id else None,
        entries=entries,
        language=language,
    )


def _record(purpose: _Purpose) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": _record_id(purpose),
        "pii_principal_id": purpose.principal_id,
        "pii_processing": {
            "privacy_notice": _notice(purpose.entries),
            "language": purpose.language,
            "purposes": [_processing(purpose)],
        },
        "party_identification": [_controller(purpose.business_unit), _principal(purpose)],
        "events": [_event(entry, purpose) for entry in purpose.entries],
    }


def _record_id(purpose: _Purpose) -> str:
    """The same for the same purpose in every document."""
    type_key = purpose.subscription_type.key if purpose.subscription_type else "*"
    text = f"{purpose.principal_id}:{purpose.channel.value}:{type_key}:{purpose.business_unit.key}"
    return sha256(text.encode()).hexdigest()[:32]


def _notice(entries: Sequence[Entry]) -> dict[str, Any] | None:
    """The text that was shown last."""
    return next((_shown_text(entry.shown_text) for entry in reversed(entries) if entry.shown_text), None)


def _shown_text(shown: ShownText | None) -> dict[str, Any] | None:
    """A text with the digest that identifies its version."""
    if shown is None:
        return None
    return {"text": shown.text, "language": shown.language, "version": shown.digest.hex()}


def _processing(purpose: _Purpose) -> dict[str, Any]:
    unit, newest = purpose.business_unit, _current_event(purpose.entries)
    return {
        **_description(purpose),
        "lawful_basis": newest.legal_basis.value if newest.legal_basis else None,
        "pii_information": [{"pii_type": _PII_TYPES[purpose.recipient.kind], "pii_optional": True}],
        "pii_controllers": [unit.key],
        "collection_method": newest.origin.value,
        "processing_method": f"messages by {purpose.channel.value}",
        "retention_period": _RETENTION,
        "jurisdictions": ["EU/EEA (GDPR)"] if unit.data_privacy else [],
        "recipient_third_parties": [],
        "withdrawal_method": _withdraw_url(purpose),
        "privacy_rights": _RIGHTS,
    }


def _description(purpose: _Purpose) -> dict[str, Any]:
    subscription_type, unit = purpose.subscription_type, purpose.business_unit
    if subscription_type is None:
        return {
            "purpose": f"{unit.key}: all",
            "purpose_name": unit.name,
            "purpose_description": "",
            "purpose_type": "ALL",
        }
    return {
        "purpose": subscription_type.key,
        "purpose_name": subscription_type.name(purpose.language),
        "purpose_description": subscription_type.description(purpose.language),
        "purpose_type": subscription_type.purpose.value,
    }


def _current_event(entries: Sequence[Entry]) -> EventRow:
    """The event that is in effect: a superseded event has no effect (R17), and a pause is no consent."""
    events = [entry.event for entry in entries]
    effective = [event for event in events if not event.superseded and not event.about_pause]
    return (effective or events)[-1]


def _withdraw_url(purpose: _Purpose) -> str:
    """A link that never expires and can only opt out (R31): withdrawing is as easy as giving consent."""
    maker = link_maker_of(purpose.business_unit)
    type_key = purpose.subscription_type.key if purpose.subscription_type else None
    token = maker.withdraw(
        purpose.recipient.fingerprint, purpose.channel, type_key, purpose.business_unit.key
    )
    return maker.withdraw_url(token)


def _controller(unit: BusinessUnit) -> dict[str, Any]:
    return {
        "party_id": unit.key,
        "party_name": unit.name,
        "party_address": unit.postal_address,
        "party_role": "PII controller",
    }


def _principal(purpose: _Purpose) -> dict[str, Any]:
    kind, address = purpose.recipient.kind, purpose.recipient.address
    return {
        "party_id": purpose.principal_id,
        "party_name": masked(Address(kind, address)) if address else None,
        "party_address": None,
        "party_role": "PII principal",
    }


def _event(entry: Entry, purpose: _Purpose) -> dict[str, Any]:
    event = entry.event
    own = event.origin.maker is Maker.RECIPIENT
    return {
        "event_time": _instant(event.occurred_at),
        "event_state": _state(event),
        "event_type": "act of the PII principal" if own else "noted by the PII controller",
        "validity_duration": _instant(event.paused_until) if event.paused_until else None,
        "entity_id": purpose.principal_id if own else purpose.business_unit.key,
        "sayso": {
            "recorded_at": _instant(event.recorded_at),
            "before": event.before.value,
            "after": event.after.value,
            "origin": event.origin.value,
            "superseded": event.superseded,
            "lawful_basis": event.legal_basis.value if event.legal_basis else None,
            "explanation": event.explanation,
            "page": entry.evidence.url if entry.evidence else None,
            "wording": _shown_text(entry.shown_text),
        },
    }


def _state(event: EventRow) -> str:
    """Given, withdrawn, refused or reset; for a pause, paused or resumed."""
    if event.about_pause:
        return "paused" if event.paused_until else "resumed"
    if event.after is PreferenceStatus.OPTED_IN:
        return "given"
    if event.after is PreferenceStatus.OPTED_OUT:
        return "withdrawn" if event.before is PreferenceStatus.OPTED_IN else "refused"
    return "reset"


def _instant(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
