"""Bulk updates: one wish for many contacts, decided for each by the same rules (R8, R9, R13-R16)."""

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
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.filter_json import from_json, to_json
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger import record as ledger
from preference_center.ledger.record import Intent, Outcome, Provenance
from preference_center.ledger.refusal_messages import refusal_of
from preference_center.operations import operations
from preference_center.operations import selection as operation_contacts
from preference_center.operations.operations import Asked, OperationRow, RefusalRow
from preference_center.operations.runner import Done, Work
from preference_center.rules.types import (
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    OperationKind,
    PreferenceStatus,
)
from preference_center.storage import database
from preference_center.validation import check_text

PART = 2_000
"""How many contacts are done in one transaction."""
LONGEST_EXPLANATION = 2_000


@dataclass(frozen=True, slots=True)
class BulkUpdate:
    """What is to be done to every contact selected. `unit` is for opting out of all, or back."""

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
        return list(dict.fromkeys([*named, *(kind.business_unit for kind in self.types)]))


async def ask(update: BulkUpdate, actor: Actor) -> OperationRow:
    """Queue a bulk update. The selection is fixed when it starts, not now.

    Raises Invalid for a wish that says nothing or contradicts itself, and for the grounds that R14 asks for.
    """
    _check(update)
    explanation = check_text(update.explanation, "explanation", max_length=LONGEST_EXPLANATION)
    if not explanation:
        message = "A bulk update needs an explanation (R14)."
        raise Invalid(ErrorCode.EXPLANATION_REQUIRED, message, "explanation")
    if update.legal_basis is None and any(unit.data_privacy for unit in update.units):
        message = "Where a unit's privacy setting is on, a bulk update needs a legal basis (R14)."
        raise Invalid(ErrorCode.LEGAL_BASIS_REQUIRED, message, "legalBasis")
    parameters = {
        "selection": to_json(update.selection),
        "channel": update.channel.value,
        "types": [kind.key for kind in update.types],
        "status": update.status.value if update.status else None,
        "opt_out_of_all": update.opt_out_of_all,
        "remove_opt_out_of_all": update.remove_opt_out_of_all,
        "unit": update.unit.key if update.unit else None,
        "legal_basis": update.legal_basis.value if update.legal_basis else None,
        "processing_basis": update.processing_basis.value if update.processing_basis else None,
    }
    return await operations.create(
        Asked(
            kind=OperationKind.BULK_UPDATE,
            actor=actor,
            parameters=parameters,
            explanation=explanation,
            dry_run=update.dry_run,
            idempotency_key=update.idempotency_key,
        )
    )


def _check(update: BulkUpdate) -> None:
    def invalid(message: str, field: str) -> Invalid:
        return Invalid(ErrorCode.INVALID_VALUE, message, field)

    if update.opt_out_of_all and update.remove_opt_out_of_all:
        raise invalid("Opt out of all, or remove that: not both.", "removeOptOutOfAll")
    if update.opt_out_of_all and update.unit is None:
        raise invalid("Opting out of all needs a business unit.", "businessUnit")
    if update.remove_opt_out_of_all and not update.units:
        raise invalid("Removing opt-outs of all needs a business unit, or types.", "businessUnit")
    if update.status is not None and not update.types:
        raise invalid("A status needs at least one subscription type.", "subscriptionTypes")
    if update.status is None and update.types and not update.remove_opt_out_of_all:
        raise invalid("Subscription types need a status.", "status")
    if update.status is None and not update.opt_out_of_all and not update.remove_opt_out_of_all:
        raise invalid("Nothing is asked for: give a status, or opt out of all, or remove that.", "status")
    if update.opt_out_of_all and update.status is PreferenceStatus.OPTED_IN:
        raise invalid("Opting in and out of all at once contradict each other.", "optOutOfAll")


async def _prepare(operation: OperationRow) -> int:
    selection = from_json(operation.parameters["selection"], await exact_catalog())
    channel = Channel(operation.parameters["channel"])
    return await operation_contacts.fix(operation, [selection], channel, PART)


async def _run(operation: OperationRow, contact_ids: list[int]) -> Done:
    wish = _Wish(operation.parameters, await current_catalog())
    column = operation_contacts.recipient_column(wish.channel)
    rows = await database.fetch(
        f"SELECT c.id, {column} AS recipient_id FROM contacts c WHERE c.id {database.any_of(1)}", contact_ids
    )
    recipients: dict[int, int | None] = {row["id"]: row["recipient_id"] for row in rows}
    done = Done(processed=len(contact_ids))
    chosen = []
    for contact_id in contact_ids:
        recipient = recipients.get(contact_id)
        if recipient is None:
            done.refuse(operation_contacts.unreachable(contact_id, known=contact_id in recipients))
        else:
            chosen.append((contact_id, recipient))
    intents = [intent for _, recipient in chosen for intent in wish.intents(recipient)]
    outcomes = await ledger.apply(intents, wish.provenance(operation)) if intents else []
    width = len(intents) // len(chosen) if chosen else 0
    for place, (contact_id, recipient) in enumerate(chosen):
        _count_one(done, contact_id, recipient, outcomes[place * width : (place + 1) * width])
    return done


def _count_one(done: Done, contact_id: int, recipient: int, outcomes: Sequence[Outcome]) -> None:
    """A contact is changed where anything was, else refused where anything was, else unchanged."""
    refused = False
    for outcome in outcomes:
        refusal = refusal_of(outcome.decision)
        if refusal is None:
            continue
        refused = True
        code, message = refusal
        about = outcome.intent.type.key if outcome.intent.type else outcome.intent.unit.key
        done.refusals.append(
            RefusalRow(code.value, message, contact_id=contact_id, recipient_id=recipient, about=about)
        )
    if any(outcome.changed for outcome in outcomes):
        done.changed += 1
    elif refused:
        done.refused += 1
    else:
        done.unchanged += 1


class _Wish:
    """The parameters of a bulk update, read with the catalogue."""

    def __init__(self, parameters: dict[str, Any], catalog: Catalog) -> None:
        self.channel = Channel(parameters["channel"])
        self.types = [kind for key in parameters["types"] if (kind := catalog.type_by_key(key))]
        self.status = PreferenceStatus(parameters["status"]) if parameters["status"] else None
        unit = catalog.unit_by_key(parameters["unit"]) if parameters["unit"] else None
        self.opted_out_of = unit if parameters["opt_out_of_all"] else None
        units = [*([unit] if unit else []), *(kind.business_unit for kind in self.types)]
        self.removed_of = list(dict.fromkeys(units)) if parameters["remove_opt_out_of_all"] else []
        self.legal_basis = _basis(parameters["legal_basis"])
        self.processing_basis = _basis(parameters["processing_basis"])

    def intents(self, recipient: int) -> list[Intent]:
        """The changes of one recipient, in the order in which they are done; as many for everybody."""
        neither, out = PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
        changes = [Intent(recipient, self.channel, neither, unit) for unit in self.removed_of]
        if self.status is not None:
            changes += [
                Intent(recipient, self.channel, self.status, kind.business_unit, kind) for kind in self.types
            ]
        if self.opted_out_of is not None:
            changes.append(Intent(recipient, self.channel, out, self.opted_out_of))
        return changes

    def provenance(self, operation: OperationRow) -> Provenance:
        """Where the changes come from: this operation, on its grounds."""
        return Provenance(
            ConsentOrigin.BULK_UPDATE,
            operation.acting,
            legal_basis=self.legal_basis,
            processing_basis=self.processing_basis,
            explanation=operation.explanation,
            operation_id=operation.id,
        )


def _basis(value: str | None) -> LegalBasis | None:
    return LegalBasis(value) if value else None


WORK = Work(run=_run, prepare=_prepare)
