"""Opt-out lists from files: every address in it is opted out of all of a business unit, on one channel.

No contacts are made, nobody is opted in, and an opt-out that stands stays as it is (R2, R9, R11, R16).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from preference_center.catalog.catalog import BusinessUnit, current_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import column_names as import_columns
from preference_center.imports import opt_outs_known as opt_out_history
from preference_center.imports import reception
from preference_center.imports.csv_encoding import UNREADABLE
from preference_center.imports.csv_reader import Record, plain
from preference_center.imports.reception import Upload
from preference_center.imports.rows import Row, refused, unreadable
from preference_center.ledger import record as ledger
from preference_center.ledger.record import Intent, Outcome, Provenance
from preference_center.ledger.refusals import refusal_of
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.operations.runner import OperationHandler, PartResult
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.decisions import Decision, Superseded, Unchanged
from preference_center.rules.types import (
    Actor,
    Channel,
    ConsentOrigin,
    OperationKind,
    PreferenceStatus,
    RecipientKind,
)
from preference_center.storage import database
from preference_center.validation import check_text

LONGEST_EXPLANATION = 2_000
_KNOWN = frozenset(
    [*import_columns.EMAIL, *import_columns.PHONE, *import_columns.ANY_ADDRESS, *import_columns.WHEN]
)


@dataclass(frozen=True, slots=True)
class OptOutImport:
    """What the addresses of a file are to be opted out of, and why."""

    unit: BusinessUnit
    channel: Channel
    explanation: str
    dry_run: bool = False


async def receive(wish: OptOutImport, upload: Upload, actor: Actor) -> OperationRow:
    """Receive a file completely and queue the operation that takes it in.

    Raises Invalid: EXPLANATION_REQUIRED; and for files as `import_reception.receive` does.
    """
    asked = NewOperation(
        OperationKind.IMPORT_OPT_OUTS,
        actor,
        {"business_unit": wish.unit.key, "channel": wish.channel.value},
        checked_explanation(wish.explanation),
        wish.dry_run,
    )

    def layout_of(header: list[str]) -> _Layout:
        return _Layout(header, wish.channel, database.now())

    return await reception.receive(asked, upload, is_known, layout_of)


def checked_explanation(text: str) -> str:
    """The words that go with every change of an import. Raises Invalid where there are none."""
    explanation = check_text(text, "explanation", max_length=LONGEST_EXPLANATION)
    if not explanation:
        message = "An explanation is needed: where does the file come from?"
        raise Invalid(ErrorCode.EXPLANATION_REQUIRED, message, "explanation")
    return explanation


def is_known(name: str) -> bool:
    """Whether a word names a column that means something here."""
    return import_columns.folded(name) in _KNOWN


class _Layout:
    """Where the address stands in each row, and the time where there is one (R17)."""

    def __init__(self, header: list[str], channel: Channel, received_at: datetime) -> None:
        by_email = channel is Channel.EMAIL
        what, names = ("an email address", import_columns.EMAIL) if by_email else _PHONES
        self._address = import_columns.needed(header, what, names, import_columns.ANY_ADDRESS)
        self._when = import_columns.position(header, import_columns.WHEN)
        self._parse: Callable[[str], Address] = addresses.parse_email if by_email else addresses.parse_phone
        self._name = header[self._address]
        self._received_at = received_at

    @property
    def parameters(self) -> dict[str, Any]:
        """Nothing more: what is needed is in the rows."""
        return {}

    @property
    def together(self) -> bool:
        """Of several times for one address the newest counts, so all of them have to be seen."""
        return self._when is not None

    def row(self, record: Record) -> Row:
        """[line, address] or [line, address, time]."""
        line, cells = record
        text = cells[self._address] if self._address < len(cells) else ""
        if UNREADABLE in text:
            message = "The address has a character that could not be read in the file's encoding."
            return unreadable(line, ErrorCode.INVALID_ADDRESS, message, self._name)
        try:
            address = self._parse(plain(text))
        except AddressError as error:
            code = ErrorCode.INVALID_ADDRESS if text.strip() else ErrorCode.ADDRESS_MISSING
            return unreadable(line, code, str(error), self._name)
        if self._when is None or self._when >= len(cells) or not cells[self._when].strip():
            return [line, address.value]
        return self._timed(line, address, plain(cells[self._when]))

    def _timed(self, line: int, address: Address, text: str) -> Row:
        try:
            given = datetime.fromisoformat(text)
            at = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
        except (ValueError, OverflowError):
            message = "This is no time such as 2024-05-31 or 2024-05-31T14:30:00+02:00."
            return unreadable(line, ErrorCode.INVALID_VALUE, message, "occurred_at")
        if at > self._received_at:
            message = "The time is later than now (R17)."
            return unreadable(line, ErrorCode.OCCURRED_IN_FUTURE, message, "occurred_at")
        return [line, address.value, at.isoformat()]


_PHONES = ("a phone number", import_columns.PHONE)


async def _run(operation: OperationRow, rows: list[Row]) -> PartResult:
    """Opt out the addresses of one part; of several rows about one the newest speaks."""
    done = PartResult(processed=len(rows))
    newest: dict[str, Row] = {}
    for row in sorted(rows):
        refusal = refused(row)
        if refusal is not None:
            done.refuse(refusal)
            continue
        said = newest.get(row[1])
        if said is not None:
            done.unchanged += 1
        if said is None or _time(row) > _time(said):
            newest[row[1]] = row
    if newest:
        await _opt_out(operation, list(newest.values()), done)
    return done


def _time(row: Row) -> str:
    """A row without a time speaks of now. Times are in UTC and sort as text."""
    return row[2] if len(row) > 2 else "now"


async def _opt_out(operation: OperationRow, rows: list[Row], done: PartResult) -> None:
    channel = Channel(operation.parameters["channel"])
    unit = (await current_catalog()).unit_by_key(operation.parameters["business_unit"])
    if unit is None:
        raise RuntimeError("the business unit of an import is gone")
    kind = RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE
    named = [Address(kind, row[1]) for row in rows]
    ids = await recipients.ensure(named)
    times = {ids[a]: datetime.fromisoformat(r[2]) for a, r in zip(named, rows, strict=True) if len(r) > 2}
    known = await opt_out_history.known(times, unit, channel)
    asked: list[Row] = []
    intents: list[Intent] = []
    for address, row in zip(named, rows, strict=True):
        number = ids[address]
        if number in known.out_since:
            done.unchanged += 1
        elif number in known.superseded:
            done.refuse(_refusal(row, number, Superseded()))
        else:
            asked.append(row)
            out = PreferenceStatus.OPTED_OUT
            intents.append(Intent(number, channel, out, unit, occurred_at=times.get(number)))
    for row, outcome in zip(asked, await _applied(operation, intents), strict=True):
        _count(done, row, outcome)


async def _applied(operation: OperationRow, intents: list[Intent]) -> Sequence[Outcome]:
    if not intents:
        return []
    provenance = Provenance(
        ConsentOrigin.IMPORT,
        operation.ledger_actor,
        explanation=operation.explanation,
        operation_id=operation.id,
    )
    return await ledger.apply(intents, provenance)


def _count(done: PartResult, row: Row, outcome: Outcome) -> None:
    if outcome.changed:
        done.changed += 1
    elif isinstance(outcome.decision, Unchanged):
        done.unchanged += 1
    else:
        done.refuse(_refusal(row, outcome.intent.recipient_id, outcome.decision))


def _refusal(row: Row, recipient_id: int, decision: Decision) -> RefusalRow:
    refusal = refusal_of(decision)
    if refusal is None:
        raise RuntimeError(f"{decision} is no refusal")
    code, message = refusal
    return RefusalRow(code.value, message, line=row[0], recipient_id=recipient_id)


HANDLER = OperationHandler(run_part=_run)
