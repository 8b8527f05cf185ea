"""Preferences, opt-outs of all and pauses in a statement: what is read of them, and how they are written.

A preference that consists of columns and of the catalog is written by a template, one for each type and
channel. One with fields that follow from rules is completed by its plan, from the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring as quoted
from typing import Any, Final, NamedTuple

from graphql import is_non_null_type

from preference_center.recipients import compact_states
from preference_center.recipients.compact_states import EXPLANATION, TYPE_AND_CHANNEL
from preference_center.rules.types import Channel, PreferenceStatus, RecipientKind
from preference_center.storage.compact import Kind, rows_of
from schema.catalog.types import SubscriptionType
from schema.catalog.view import CatalogView, catalog_view
from schema.contract.ids import state_identity
from schema.engine.context import Context
from schema.engine.plans import Complete, Plan, Step
from schema.engine.statements.columns import (
    NULL,
    Columns,
    Encode,
    NotByStatement,
    Row,
    Write,
    dumped,
    id_json,
    instant_json,
)
from schema.engine.statements.memo import memo
from schema.engine.statements.objects import selection, type_name

WriteRecipient = Callable[[Plan | None], Write]


@dataclass(slots=True)
class Address:
    """A recipient that a statement reads, or an address of a contact: SQL expressions, and its kind."""

    columns: Columns
    kind: RecipientKind
    id: str
    address: str
    among: str
    """SQL that compares the id of a recipient with those of all addresses that are read: "= r.id"."""
    erased_at: str | None = None
    """None for an address of a contact, which is not erased."""

    def id_place(self) -> int:
        """Read the id of the recipient, which is null if the contact has no such address."""
        return self.columns.place(self.id, Kind.NUMBER)


class _Held(NamedTuple):
    """A column of a preference, and what a preference without any decision has in its place."""

    sql: str
    kind: Kind
    encode: Encode
    undecided: str = NULL


_HELD: Final = {
    "status": _Held("p.status", Kind.WORD, quoted, f'"{PreferenceStatus.NOT_OPTED.value}"'),
    "origin": _Held("p.origin", Kind.WORD, quoted),
    "legalBasis": _Held("p.legal_basis", Kind.WORD, quoted),
    "explanation": _Held(EXPLANATION, Kind.TEXT, quoted),
    "changedAt": _Held("p.changed_at", Kind.INSTANT, instant_json),
}
_OF_CATALOG: Final = frozenset({"__typename", "subscriptionType", "channel"})
BY_TEMPLATE: Final = frozenset({*_HELD, *_OF_CATALOG, "id", "recipient"})
_ANY: Final = 9_999_999_999
"""Stands for the id of a recipient."""
REPEATED: Final = frozenset({*_OF_CATALOG, "status", "origin", "legalBasis"})
"""The fields that many preferences share the values of."""


@dataclass(slots=True)
class _Offer:
    """A type on a channel, with the template of its preferences."""

    key: tuple[int, str]
    is_archived: bool
    template: str
    id_of: Callable[[int], str]


@dataclass(slots=True)
class _Offers:
    """The offers of a catalog that a selection is about. `owner`: that of the remembered texts."""

    view: CatalogView
    offers: list[_Offer]
    owner: int = field(default_factory=memo.owner)


WriteHeld = Callable[[Any, _Offer, int, str], str]
"""Writes a field from the compact preference or None, its offer, the recipient's id and its JSON."""


@dataclass(slots=True)
class _Templates:
    """Writes preferences that consist of columns and of the catalog."""

    step: Step
    kind: RecipientKind
    id_place: int
    held_place: int
    writers: Sequence[WriteHeld]
    recipient: Write | None
    remembered: bool
    offers: _Offers | None = None

    def write(self, row: Row, context: Context) -> str:
        """Write the preferences of a row's address; nothing if the row has none."""
        recipient_id, held = row[self.id_place], row[self.held_place]
        if recipient_id is None:
            return ""
        view, offers = catalog_view(context), self.offers
        if offers is None or offers.view is not view:
            offers = self.offers = _Offers(view, list(self._offers(view)))
        if not self.remembered:
            return self._written(offers, held, recipient_id, self._recipient(row, context))
        key = (offers.owner, held)
        text = memo.get(key)
        if text is None:
            text = self._written(offers, held, recipient_id, NULL)
            memo.keep(key, text)
        return text

    def _recipient(self, row: Row, context: Context) -> str:
        return NULL if self.recipient is None else self.recipient(row, context)

    def _written(self, offers: _Offers, text: str | None, recipient_id: int, recipient: str) -> str:
        by_key = {(row[0], row[1]): row for row in rows_of(text)}
        check_types(offers.view, (type_id for type_id, _ in by_key))
        texts = []
        for offer in offers.offers:
            held = by_key.get(offer.key)
            if held is not None or not offer.is_archived:
                values = [write(held, offer, recipient_id, recipient) for write in self.writers]
                texts.append(offer.template % tuple(values))
        return ",".join(texts)

    def _offers(self, view: CatalogView) -> Iterator[_Offer]:
        for type_, channel in offered(view, self.kind, self.step):
            key = (type_.row.id, channel.value)
            parts = [_template(each, type_, channel) for each in selection(self.step.below)]
            yield _Offer(key, type_.archived_at is not None, "{" + ",".join(parts) + "}", _id_of(*key))


def offered(view: CatalogView, kind: RecipientKind, step: Step) -> list[tuple[SubscriptionType, Channel]]:
    """Return the types and channels that the arguments of a field with preferences admit."""
    unit, channel = step.arguments.get("business_unit"), step.arguments.get("channel")
    return [
        (type_, on)
        for type_, on in view.offers[kind]
        if (channel is None or on is channel) and (unit is None or type_.business_unit.key == unit)
    ]


def _template(step: Step, type_: SubscriptionType, channel: Channel) -> str:
    if step.field not in _OF_CATALOG:
        return f'"{step.name}":%s'
    if step.field == "__typename":
        text = type_name(step)
    else:
        text = dumped(channel) if step.field == "channel" else dumped(_complete(step.below)(type_))
    return f'"{step.name}":{text}'.replace("%", "%%")


def _complete(plan: Plan | None) -> Complete:
    if plan is None or plan.complete is None:
        raise NotByStatement
    return plan.complete


def _id_of(type_id: int, channel: str) -> Callable[[int], str]:
    before, _, after = state_identity("Preference", _ANY, type_id, Channel(channel)).partition(str(_ANY))
    return lambda recipient_id: id_json(f"{before}{recipient_id}{after}")


def by_template(step: Step, address: Address, write_recipient: WriteRecipient) -> Write:
    """Plan the preferences of an address: what writes them, joined by commas. Raises NotByStatement."""
    selected = {each.field for each in selection(step.below)}
    if not selected <= BY_TEMPLATE:
        raise NotByStatement
    inner = address.columns.inside()
    for column in TYPE_AND_CHANNEL:
        inner.add(column)
    writers: list[WriteHeld] = []
    recipient: dict[str, Write] = {}
    for each in selection(step.below):
        if each.field == "recipient":
            recipient[each.name] = write_recipient(each.below)
        if each.field == "subscriptionType":
            _complete(each.below)
        if each.field not in _OF_CATALOG:
            writers.append(_writing(each, inner))
    if len(recipient) > 1:  # different selections under different names
        raise NotByStatement
    held = address.columns.place(compact_states.preferences_sql(address.id, inner.read))
    only = next(iter(recipient.values()), None)
    remembered = selected <= REPEATED
    return _Templates(step, address.kind, address.id_place(), held, writers, only, remembered).write


def _writing(step: Step, inner: Columns) -> WriteHeld:
    if step.field == "recipient":
        return lambda held, offer, recipient_id, recipient: recipient
    if step.field == "id":
        return lambda held, offer, recipient_id, recipient: offer.id_of(recipient_id)
    sql, kind, encode, undecided = _HELD[step.field]
    place = inner.place(sql, kind, nullable=not is_non_null_type(step.definition.type))

    def write(held: Any, offer: _Offer, recipient_id: int, recipient: str) -> str:
        if held is None:
            return undecided
        value = held[place]
        return NULL if value is None else encode(value)

    return write


def check_types(view: CatalogView, type_ids: Iterator[int]) -> None:
    """Raise NotByStatement for a type that another process has just created: the catalog has to be read."""
    if not all(type_id in view.types for type_id in type_ids):
        raise NotByStatement
