"""Recipients in a statement: what is read of an address and what is current for it, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from json.encoder import encode_basestring as quoted
from typing import Any, Final

from preference_center.recipients import compact_states
from preference_center.recipients.compact_states import CompactState, state_of
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.storage.compact import Kind
from schema.catalog.view import catalog_view
from schema.contract.ids import global_id
from schema.engine.context import Context
from schema.engine.plans import Plan, Step
from schema.engine.statements.columns import Fields, NotByStatement, Row, Write, at, dumped
from schema.engine.statements.memo import Remembering
from schema.engine.statements.objects import selection, write_object
from schema.ledger.columns import Owner, history
from schema.recipients.by_statement.preferences import (
    BY_TEMPLATE,
    REPEATED,
    Address,
    by_template,
    check_types,
)
from schema.recipients.preferences import deliverability_of
from schema.recipients.types import Recipient, to_recipient

_FROM_RULES: Final = frozenset({"eligibility", "pendingOptIn"})
_OTHERS: Final = ("opt_outs_of_all", "pauses", "pending_opt_ins", "refusal")
_WHOLE: Final = ("preferences", *_OTHERS)
_STATUSES: Final = ("statuses", *_OTHERS)
"""The whole state without times and texts of what was decided."""
_FIELDS: Final = {"statuses": "preferences", "explained_opt_outs": "opt_outs_of_all"}
"""The fields of a compact state that are named otherwise than its parts."""


def read_state(address: Address, *parts: str) -> Callable[[Row], CompactState]:
    """Read parts of what is current for an address; returns what takes them from a row."""
    columns, of, among = address.columns, address.id, address.among
    sql: dict[str, Callable[[], str]] = {
        "preferences": lambda: compact_states.preferences_sql(of),
        "statuses": lambda: compact_states.statuses_sql(of),
        "opt_outs_of_all": lambda: compact_states.opt_outs_of_all_sql(among),
        "explained_opt_outs": lambda: compact_states.explained_opt_outs_sql(among),
        "pauses": lambda: compact_states.pauses_sql(among, columns.now()),
        "pending_opt_ins": lambda: compact_states.pending_opt_ins_sql(among, columns.now()),
        "refusal": lambda: compact_states.refusal_sql(among),
    }
    places = {_FIELDS.get(part, part): columns.place(sql[part]()) for part in parts}
    return lambda row: CompactState(**{part: row[place] for part, place in places.items()})


def to_object(address: Address) -> Callable[[Row, Context], Recipient | None]:
    """Return what makes the recipient of a row, without its state; None if the row has no such address."""
    columns = address.columns
    id_place, value = address.id_place(), columns.place(address.address)
    erased = columns.place(address.erased_at, Kind.INSTANT) if address.erased_at else None

    def made(row: Row, context: Context) -> Recipient | None:
        if row[id_place] is None:
            return None
        erased_at = database.optional_instant(row[erased]) if erased is not None else None
        return to_recipient(
            RecipientRow(row[id_place], address.kind, b"", row[value], None, erased_at), context
        )

    return made


Objects = Callable[[Recipient], Any]
"""Returns the objects of a recipient whose state is set."""


def completed(plan: Plan | None, address: Address, objects: Objects, parts: Sequence[str]) -> Write:
    """Return what writes objects that follow from the state of an address, joined by commas, by their plan.

    Raises NotByStatement if more has to be loaded for them.
    """
    selection(plan)
    if plan is None or plan.complete is None or plan.loads:
        raise NotByStatement
    complete, state, make = plan.complete, read_state(address, *parts), to_object(address)

    def write(row: Row, context: Context) -> str:
        recipient, compact = make(row, context), state(row)
        if recipient is None or (len(parts) < len(_WHOLE) and compact == _EMPTY):
            return ""
        recipient.held, recipient.held_whole = state_of(compact, recipient.row.id), True
        _check_catalog(recipient, context)
        return ",".join([dumped(complete(each)) for each in objects(recipient)])

    return write


_EMPTY = CompactState()


def _check_catalog(recipient: Recipient, context: Context) -> None:
    view, state = catalog_view(context), recipient.state
    check_types(view, (type_id for type_id, _ in state.preferences))
    if not all(unit_id in view.units for unit_id, _ in (*state.opt_outs_of_all, *state.pauses)):
        raise NotByStatement


def preferences(step: Step, address: Address) -> Write:
    """Plan the preferences of an address: what writes them, joined by commas. Raises NotByStatement."""
    selected = {each.field for each in selection(step.below)}
    if selected <= BY_TEMPLATE:
        return by_template(step, address, lambda plan: write_object(plan, RECIPIENT, address))
    of = partial(_preferences, step.arguments)
    if selected <= REPEATED | _FROM_RULES:
        return _remembered(completed(step.below, address, of, _STATUSES), address)
    return completed(step.below, address, of, _WHOLE)


def _preferences(arguments: Any, recipient: Recipient) -> Any:
    return recipient.each_preference(arguments.get("business_unit"), arguments.get("channel"))


def _remembered(write: Write, address: Address) -> Write:
    """Write preferences once for all addresses for which the same holds."""
    state, id_place = read_state(address, *_STATUSES), address.id_place()
    erased = address.columns.place(address.erased_at, Kind.INSTANT) if address.erased_at else id_place
    remembering = Remembering()

    def write_once(row: Row, context: Context) -> str:
        key = (state(row), row[id_place] is None, erased != id_place and row[erased])
        return remembering.text(catalog_view(context), key, lambda: write(row, context))

    return write_once


def opt_outs_of_all(step: Step, address: Address) -> Write:
    """Plan the opt-outs of all of an address: what writes them, joined by commas. Raises NotByStatement."""
    explained = any(each.field == "explanation" for each in selection(step.below))
    part = "explained_opt_outs" if explained else "opt_outs_of_all"
    return completed(step.below, address, Recipient.each_opt_out, (part,))


def pauses(step: Step, address: Address) -> Write:
    """Plan the pauses of an address: what writes them, joined by commas. Raises NotByStatement."""
    return completed(step.below, address, Recipient.each_pause, ("pauses",))


def _in_list(plan: Callable[[Step, Address], Write]) -> Callable[[Step, Address], Write]:
    def read(step: Step, address: Address) -> Write:
        write = plan(step, address)
        return lambda row, context: f"[{write(row, context)}]"

    return read


def _id(step: Step, address: Address) -> Write:
    return at(address.id_place(), lambda value: f'"{global_id("Recipient", value)}"', nullable=False)


def _kind(step: Step, address: Address) -> Write:
    text = dumped(address.kind)
    return lambda row, _: text


def _address(step: Step, address: Address) -> Write:
    return at(address.columns.place(address.address), quoted, nullable=True)


def owner_of(address: Address) -> Owner:
    """Return the recipient as the owner of its history."""
    spelled = address.kind is RecipientKind.PHONE
    return Owner(address.id, spelled, lambda plan: write_object(plan, RECIPIENT, address))


def _history(step: Step, address: Address) -> Write:
    return history(step, address.columns, [owner_of(address)])


def _deliverability(step: Step, address: Address) -> Write:
    plan, make, state = step.below, to_object(address), read_state(address, "refusal")
    selection(plan)

    def write(row: Row, context: Context) -> str:
        recipient = make(row, context)
        if plan is None or plan.complete is None or recipient is None:
            raise NotByStatement
        return dumped(plan.complete(deliverability_of(recipient.row, state_of(state(row), recipient.row.id))))

    return write


RECIPIENT: Final[Fields] = {
    "id": _id,
    "kind": _kind,
    "address": _address,
    "preferences": _in_list(preferences),
    "optOutsOfAll": _in_list(opt_outs_of_all),
    "pauses": _in_list(pauses),
    "deliverability": _deliverability,
    "history": _history,
}
