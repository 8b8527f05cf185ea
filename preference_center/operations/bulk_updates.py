"""Bulk updates: the same changes to many contacts, each decided by the rules (R8, R9, R13-R16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from preference_center.catalog.catalog import (
    BusinessUnit,
    Catalog,
    SubscriptionType,
    current_catalog,
    exact_catalog,
)
from preference_center.contacts.filter import ContactFilter, recipient_column
from preference_center.contacts.filter_json import from_json, to_json
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.refusals import refusal_of
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.ledger.undecided import record_undecided
from preference_center.legal_bases import check_legal_basis
from preference_center.operations import queue, selection
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow, Selection
from preference_center.operations.queue import NewOperation
from preference_center.operations.selection_text import describe_selection
from preference_center.rules.types import (
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    OperationKind,
    PreferenceStatus,
)
from preference_center.storage import database
from preference_center.validation import check_required_explanation

PART_SIZE = 2_000
"""Addresses whose contacts are changed in one transaction."""


@dataclass(frozen=True, slots=True)
class BulkUpdate:
    """The changes to make to every selected contact. `unit` is the one to opt out of all of, or back into."""

    selection: ContactFilter
    channel: Channel
    types: Sequence[SubscriptionType] = ()
    status: PreferenceStatus | None = None
    opt_out_of_all: bool = False
    remove_opt_out_of_all: bool = False
    unit: BusinessUnit | None = None
    explanation: str = ""
    legal_basis: LegalBasis | None = None
    processing_basis: LegalBasis | None = None
    dry_run: bool = False
    idempotency_key: str | None = None

    @property
    def units(self) -> list[BusinessUnit]:
        """The units whose opt-outs of all are removed, or whose types are set."""
        named = [self.unit] if self.unit else []
        return list(
            dict.fromkeys([*named, *(subscription_type.business_unit for subscription_type in self.types)])
        )


async def enqueue(update: BulkUpdate, actor: Actor) -> OperationRow:
    """Queue a bulk update. Its contacts are selected when it starts, not now.

    Raises Invalid, with all faults: INVALID_VALUE for an update that changes nothing or contradicts itself
    and for a legal basis that is none of its kind, EXPLANATION_REQUIRED and LEGAL_BASIS_REQUIRED (R14).
    """
    with Faults() as faults:
        faults.of(check_changes, update)
        explanation = faults.of(check_grounds, update)
    return await queue.enqueue(
        NewOperation(
            kind=OperationKind.BULK_UPDATE,
            actor=actor,
            parameters=(parameters := _parameters(update)),
            described=describe_selection(parameters["selection"]),
            explanation=explanation,
            dry_run=update.dry_run,
            idempotency_key=update.idempotency_key,
        )
    )


def check_grounds(update: BulkUpdate) -> str:
    """Return the explanation, trimmed. Raises Invalid for what is wrong with it, the bases and the key."""
    missing = "Give an explanation: every bulk update needs one."
    with Faults() as faults:
        explanation = faults.of(
            check_required_explanation, update.explanation, "explanation", missing=missing
        )
        faults.of(_check_legal_basis, update)
        faults.of(queue.check_idempotency_key, update.idempotency_key)
    return explanation


def _check_legal_basis(update: BulkUpdate) -> None:
    check_legal_basis(update.legal_basis, "legalBasis")
    strict = next((unit for unit in update.units if unit.data_privacy), None)
    if update.legal_basis is None and strict is not None:
        message = (
            "Give a legal basis to communicate: the privacy setting of the business unit"
            f" {strict.key!r} requires one for bulk updates."
        )
        raise Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, "legalBasis")


def check_changes(update: BulkUpdate) -> None:
    """Raise Invalid, with all faults, for an update that changes nothing or contradicts itself."""
    out, removed, status = update.opt_out_of_all, update.remove_opt_out_of_all, update.status
    opts_in = status is PreferenceStatus.OPTED_IN
    wrong = (
        (out and removed, "removeOptOutOfAll", "Set `optOutOfAll` or `removeOptOutOfAll`, not both."),
        (out and update.unit is None, "businessUnit", "`optOutOfAll` needs a `businessUnit`."),
        (
            removed and not update.units,
            "businessUnit",
            "`removeOptOutOfAll` needs a `businessUnit` or `subscriptionTypes`.",
        ),
        (
            status is not None and not update.types,
            "subscriptionTypes",
            "Name at least one subscription type: `status` is set for the types in `subscriptionTypes`.",
        ),
        (
            status is None and update.types and not removed,
            "status",
            "Give the `status` to set for the `subscriptionTypes`.",
        ),
        (
            status is None and not update.types and not out and not removed,
            "status",
            "This changes nothing. Give `status` with `subscriptionTypes`, `optOutOfAll` or"
            " `removeOptOutOfAll`.",
        ),
        (out and opts_in, "optOutOfAll", "Opt in or opt out of all, not both in one update."),
    )
    with Faults() as faults:
        for is_wrong, field, message in wrong:
            if is_wrong:
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, field))


def _parameters(update: BulkUpdate) -> dict[str, Any]:
    return {
        "selection": to_json(update.selection, "contacts"),
        "channel": update.channel.value,
        "types": [subscription_type.key for subscription_type in update.types],
        "status": update.status.value if update.status else None,
        "opt_out_of_all": update.opt_out_of_all,
        "remove_opt_out_of_all": update.remove_opt_out_of_all,
        "unit": update.unit.key if update.unit else None,
        "legal_basis": update.legal_basis.value if update.legal_basis else None,
        "processing_basis": update.processing_basis.value if update.processing_basis else None,
    }


class _Changes:
    """The changes of a bulk update, from its parameters."""

    def __init__(self, parameters: dict[str, Any], catalog: Catalog) -> None:
        self.channel = Channel(parameters["channel"])
        self.types = [
            subscription_type
            for key in parameters["types"]
            if (subscription_type := catalog.type_by_key(key))
        ]
        self.status = PreferenceStatus(parameters["status"]) if parameters["status"] else None
        unit = catalog.unit_by_key(parameters["unit"]) if parameters["unit"] else None
        self.opt_out_unit = unit if parameters["opt_out_of_all"] else None
        units = [
            *([unit] if unit else []),
            *(subscription_type.business_unit for subscription_type in self.types),
        ]
        self.removal_units = list(dict.fromkeys(units)) if parameters["remove_opt_out_of_all"] else []

    def intents(self, recipient_id: int) -> list[Intent]:
        """The changes to one recipient in the order they are made; the same number for every recipient."""
        intents = [
            Intent(recipient_id, self.channel, PreferenceStatus.NOT_OPTED, unit)
            for unit in self.removal_units
        ]
        if self.status is not None:
            intents += [
                Intent(
                    recipient_id,
                    self.channel,
                    self.status,
                    subscription_type.business_unit,
                    subscription_type,
                )
                for subscription_type in self.types
            ]
        if self.opt_out_unit is not None:
            intents.append(Intent(recipient_id, self.channel, PreferenceStatus.OPTED_OUT, self.opt_out_unit))
        return intents


async def _select(operation: OperationRow) -> Selection:
    contact_filter = from_json(operation.parameters["selection"], await exact_catalog())
    channel = Channel(operation.parameters["channel"])
    return await selection.select_contacts([contact_filter], channel, PART_SIZE)


async def _run_part(operation: OperationRow, contact_ids: list[int]) -> PartResult:
    changes = _Changes(operation.parameters, await current_catalog())
    recipient_ids = await _recipient_ids(contact_ids, changes.channel)
    result = PartResult(processed=len(contact_ids))
    reachable: list[tuple[int, int]] = []
    for contact_id in contact_ids:
        recipient_id = recipient_ids.get(contact_id)
        if recipient_id is not None:
            reachable.append((contact_id, recipient_id))
        elif contact_id in recipient_ids:
            result.refuse(selection.no_address(contact_id))
        else:
            result.refuse(selection.deleted(contact_id))
    reachable = await _record_undecided(operation, changes, reachable, result)
    intents = [intent for _, recipient_id in reachable for intent in changes.intents(recipient_id)]
    outcomes = await record_in_transaction(intents, _provenance(operation)) if intents else []
    each = len(intents) // len(reachable) if reachable else 0
    for place, (contact_id, _) in enumerate(reachable):
        _count(result, contact_id, outcomes[place * each : (place + 1) * each])
    return result


async def _record_undecided(
    operation: OperationRow, changes: _Changes, reachable: list[tuple[int, int]], result: PartResult
) -> list[tuple[int, int]]:
    """Change those who have decided nothing yet, all at once; return the contacts that are left.

    Of several contacts with one address the first is changed, and the others are among those left.
    """
    intents = changes.intents(reachable[0][1]) if reachable else []
    if len(intents) != 1:
        return reachable
    firsts = {recipient_id: contact_id for contact_id, recipient_id in reversed(reachable)}
    recorded = await record_undecided(firsts.keys(), intents[0], _provenance(operation))
    result.changed += len(recorded)
    done = {firsts[recipient_id] for recipient_id in recorded}
    return [each for each in reachable if each[0] not in done]


async def _recipient_ids(contact_ids: list[int], channel: Channel) -> dict[int, int | None]:
    """The recipient of each contact that still exists; None for one without an address on the channel."""
    rows = await database.fetch(
        f"SELECT c.id, {recipient_column(channel)} AS recipient_id FROM contacts c"
        f" WHERE c.id {database.any_of(1)}",
        contact_ids,
    )
    return {row["id"]: row["recipient_id"] for row in rows}


def _provenance(operation: OperationRow) -> Provenance:
    legal_basis = operation.parameters["legal_basis"]
    processing_basis = operation.parameters["processing_basis"]
    return Provenance(
        ConsentOrigin.BULK_UPDATE,
        operation.ledger_actor,
        legal_basis=LegalBasis(legal_basis) if legal_basis else None,
        processing_basis=LegalBasis(processing_basis) if processing_basis else None,
        explanation=operation.explanation,
        operation_id=operation.id,
    )


def _count(result: PartResult, contact_id: int, outcomes: Sequence[Outcome]) -> None:
    refusals = [refusal for outcome in outcomes if (refusal := _refusal(contact_id, outcome))]
    result.refusals += refusals
    result.count(changed=any(outcome.changed for outcome in outcomes), refused=bool(refusals))


def _refusal(contact_id: int, outcome: Outcome) -> RefusalRow | None:
    refusal = refusal_of(outcome.decision)
    if refusal is None:
        return None
    code, message = refusal
    intent = outcome.intent
    about = intent.subscription_type.key if intent.subscription_type else intent.business_unit.key
    return RefusalRow(
        code.value, message, contact_id=contact_id, recipient_id=intent.recipient_id, about=about
    )


HANDLER = OperationHandler(run_part=_run_part, select=_select)
