"""One's own record: the ledger's events of a person with what was shown then, and as ISO/IEC TS 27560 has it.

A record is kept for each purpose: one subscription type, or all of a unit, on one channel. The names of the
fields are those of the specification; what Sayso adds to an event stands under `sayso`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.config import settings
from preference_center.history import events as history
from preference_center.history import evidence
from preference_center.history.events import EventRow
from preference_center.history.evidence import EvidenceRow, WordingRow
from preference_center.links.maker import link_maker
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.addresses import Address, AddressError, masked, parse
from preference_center.rules.types import Channel, Maker, PreferenceStatus, RecipientKind
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange

SCHEMA_VERSION = "ISO/IEC TS 27560:2023, Sayso 1"
_MOST = 100_000
_RETENTION = "Until erasure is asked for. Refusals are kept after it, under a mark that names nobody."
_RIGHTS = ["access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal"]
_PII = {RecipientKind.EMAIL: "email address", RecipientKind.PHONE: "phone number"}
_ADDRESS = re.compile(r"""[^\s@<>()\[\]",;:]{1,64}@[\w-]+(?:\.[\w-]+)+|\+\d(?:[\s().-]{0,2}\d){6,14}""")
"""An email address, or a phone number with its country."""
Purpose = tuple[int, Channel, int, int | None]
"""What one record is about: recipient id, channel, unit id, type id (None for all of the unit)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the ledger, with what proves it, while that is kept (R36)."""

    event: EventRow
    proof: EvidenceRow | None

    @property
    def wording(self) -> WordingRow | None:
        """What was shown, or said in a message."""
        return self.proof.wording if self.proof else None


async def entries(people: Sequence[RecipientRow], skip: int = 0, size: int = _MOST) -> list[Entry]:
    """A person's events over their addresses, newest first, after the first `skip`."""
    span = KeysetRange(min(skip + size, _MOST))
    found = await history.events_of([person.id for person in people], span)
    events = sorted((row for rows in found.values() for row in rows), key=lambda row: -row.id)
    shown = events[skip : skip + size]
    proofs = await evidence.of_events([event.id for event in shown])
    return [Entry(_discreet(event), proofs.get(event.id)) for event in shown]


def _discreet(event: EventRow) -> EventRow:
    """The event with all addresses masked in what a team wrote: it may be the ground of others, too."""
    if not event.explanation:
        return event
    return replace(event, explanation=_ADDRESS.sub(_masked, event.explanation))


def _masked(found: re.Match[str]) -> str:
    try:
        return masked(parse(found[0]))
    except AddressError:
        return "•••"


def document(
    people: Iterable[RecipientRow], held: Sequence[Entry], catalog: Catalog, language: str
) -> dict[str, Any]:
    """The consent records of a person's addresses, names of purposes in a language; JSON-ready."""
    by_purpose: dict[Purpose, list[Entry]] = {}
    for entry in reversed(held):
        by_purpose.setdefault(_purpose(entry.event), []).append(entry)
    known = {person.id: person for person in people}
    return {
        "schema_version": SCHEMA_VERSION,
        "created_at": _instant(database.now()),
        "language": language,
        "consent_records": [
            _record(known[purpose[0]], purpose, of_it, catalog, language)
            for purpose, of_it in by_purpose.items()
            if purpose[0] in known
        ],
    }


def _purpose(event: EventRow) -> Purpose:
    return (event.recipient_id, event.channel, event.business_unit_id, event.subscription_type_id)


def _record(
    person: RecipientRow, purpose: Purpose, held: Sequence[Entry], catalog: Catalog, language: str
) -> dict[str, Any]:
    _, channel, unit_id, type_id = purpose
    unit, kind = catalog.unit_by_id(unit_id), catalog.type_by_id(type_id) if type_id else None
    principal = person.fingerprint.hex()
    about = f"{principal}:{channel.value}:{kind.key if kind else '*'}:{unit.key}"
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": sha256(about.encode()).hexdigest()[:32],
        "pii_principal_id": principal,
        "pii_processing": {
            "privacy_notice": _notice(held),
            "language": language,
            "purposes": [_processing(person, channel, unit, kind, held, language)],
        },
        "party_identification": [_controller(unit), _principal(person, principal)],
        "events": [_event(entry, unit, principal) for entry in held],
    }


def _notice(held: Sequence[Entry]) -> dict[str, Any] | None:
    """The wording that was shown last, with the digest that tells its version."""
    shown = next((entry for entry in reversed(held) if entry.wording), None)
    return _wording(shown) if shown else None


def _wording(entry: Entry) -> dict[str, Any] | None:
    shown = entry.wording
    if shown is None:
        return None
    return {"text": shown.text, "language": shown.language, "version": shown.digest.hex()}


def _processing(
    person: RecipientRow,
    channel: Channel,
    unit: BusinessUnit,
    kind: SubscriptionType | None,
    held: Sequence[Entry],
    language: str,
) -> dict[str, Any]:
    newest = _standing(held)
    return {
        "purpose": kind.key if kind else f"{unit.key}: all",
        "purpose_name": kind.name(language) if kind else unit.name,
        "purpose_description": kind.description(language) if kind else "",
        "purpose_type": kind.purpose.value if kind else "ALL",
        "lawful_basis": newest.legal_basis.value if newest.legal_basis else None,
        "pii_information": [{"pii_type": _PII[person.kind], "pii_optional": True}],
        "pii_controllers": [unit.key],
        "collection_method": newest.origin.value,
        "processing_method": f"messages by {channel.value}",
        "retention_period": _RETENTION,
        "jurisdictions": ["EU/EEA (GDPR)"] if unit.data_privacy else [],
        "recipient_third_parties": [],
        "withdrawal_method": _withdrawal(person, channel, unit, kind),
        "privacy_rights": _RIGHTS,
    }


def _standing(held: Sequence[Entry]) -> EventRow:
    """The event that holds: what came in late has no effect (R17), and a pause is no consent."""
    events = [entry.event for entry in held]
    effective = [event for event in events if not event.superseded and not event.about_pause]
    return (effective or events)[-1]


def _withdrawal(
    person: RecipientRow, channel: Channel, unit: BusinessUnit, kind: SubscriptionType | None
) -> str:
    """A link that never ends and can only opt out (R31): as easy as it was to join."""
    maker = link_maker(settings.current())
    token = maker.withdraw(person.fingerprint, channel, kind.key if kind else None, unit.key)
    return maker.withdraw_url(token)


def _controller(unit: BusinessUnit) -> dict[str, Any]:
    return {
        "party_id": unit.key,
        "party_name": unit.name,
        "party_address": unit.postal_address,
        "party_role": "PII controller",
    }


def _principal(person: RecipientRow, principal: str) -> dict[str, Any]:
    shown = masked(Address(person.kind, person.address)) if person.address else None
    return {"party_id": principal, "party_name": shown, "party_address": None, "party_role": "PII principal"}


def _event(entry: Entry, unit: BusinessUnit, principal: str) -> dict[str, Any]:
    event = entry.event
    own = event.origin.maker is Maker.RECIPIENT
    return {
        "event_time": _instant(event.occurred_at),
        "event_state": _state(event),
        "event_type": "act of the PII principal" if own else "noted by the PII controller",
        "validity_duration": _instant(event.paused_until) if event.paused_until else None,
        "entity_id": principal if own else unit.key,
        "sayso": {
            "recorded_at": _instant(event.recorded_at),
            "before": event.before.value,
            "after": event.after.value,
            "origin": event.origin.value,
            "superseded": event.superseded,
            "lawful_basis": event.legal_basis.value if event.legal_basis else None,
            "explanation": event.explanation,
            "page": entry.proof.url if entry.proof else None,
            "wording": _wording(entry),
        },
    }


def _state(event: EventRow) -> str:
    """Given, withdrawn, refused or reset; of a silence, paused or resumed."""
    if event.about_pause:
        return "paused" if event.paused_until else "resumed"
    if event.after is PreferenceStatus.OPTED_IN:
        return "given"
    if event.after is PreferenceStatus.OPTED_OUT:
        return "withdrawn" if event.before is PreferenceStatus.OPTED_IN else "refused"
    return "reset"


def _instant(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
