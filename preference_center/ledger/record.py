"""The door: every consent change of every way in passes through here, one or ten thousand at a time.

In one transaction: lock the recipients in id order, read what holds, ask the rules, append events
and evidence, write the new state and what goes out (R18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from preference_center import triggers
from preference_center.catalog.catalog import catalog_at_version
from preference_center.ledger import current_state
from preference_center.ledger import write as ledger_rows
from preference_center.ledger.confirmations import SENDING_AGAIN
from preference_center.ledger.current_state import CurrentState, HeldRow, Waiting
from preference_center.ledger.types import Event, EvidenceFacts, Intent, Key, Outcome, PendingRow, Provenance
from preference_center.ledger.write import Writes
from preference_center.recipients import recipients
from preference_center.rules.consent import decide
from preference_center.rules.decisions import (
    Accepted,
    Change,
    Decision,
    Pending,
    PriorState,
    Superseded,
    Unchanged,
    timing_of,
)
from preference_center.rules.types import ConsentOrigin, Maker, PreferenceStatus, RecipientKind
from preference_center.storage import database, transactions

__all__ = [
    "EvidenceFacts",
    "Intent",
    "Outcome",
    "Provenance",
    "apply",
    "listeners",
    "record",
    "record_for",
    "tell",
]

_IN, _NEITHER, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


async def record(intents: Iterable[Intent], provenance: Provenance) -> list[Outcome]:
    """Decide each change in the order given, write what takes effect, and answer one outcome for each.

    Durable when it returns. A refusal is an outcome; an exception is misuse or a fault, and then
    nothing was written. Runs again on deadlocks and the like.
    """
    wanted = list(intents)
    if not wanted:
        return []

    async def once() -> list[Outcome]:
        async with transactions.write_transaction():
            return await apply(wanted, provenance)

    return await transactions.retried(once)


async def record_for(
    kind: RecipientKind, fingerprint: bytes, aims: Callable[[int], Sequence[Intent]], provenance: Provenance
) -> list[Outcome]:
    """`record` for whom a link names: `aims` gives the changes for the recipient's id.

    Whom nobody has spoken of yet is made known in the same transaction (R32).
    """

    async def once() -> list[Outcome]:
        async with transactions.write_transaction():
            return await apply(aims(await recipients.ensure_fingerprint(kind, fingerprint)), provenance)

    return await transactions.retried(once)


async def apply(intents: Sequence[Intent], provenance: Provenance) -> list[Outcome]:
    """`record` inside a transaction that the caller holds, and may run again as a whole."""
    if not intents:
        return []
    standing = await current_state.lock_and_read(intents, provenance)
    catalog = await catalog_at_version(standing.catalog_version)
    batch = _Batch(standing, provenance, database.now())
    outcomes = [batch.take(intent.bound_to(catalog)) for intent in intents]
    with_basis = await ledger_rows.write(batch.writes, standing, provenance)
    if with_basis:
        changed = dict.fromkeys(with_basis, frozenset({triggers.OWN_FIELDS["processing_basis"]}))
        await triggers.contacts_updated(changed, catalog)
    if batch.writes.events and catalog.workflows:
        path = provenance.workflow_path
        await triggers.preferences_changed(batch.writes.events, path, catalog, batch.at)
    tell(provenance.origin, sum(outcome.event is not None for outcome in outcomes))
    return outcomes


listeners: list[Callable[[ConsentOrigin, int], None]] = []
"""Told, after the commit, how many changes of which origin the ledger took in: for those who count."""


def tell(origin: ConsentOrigin, written: int) -> None:
    """Let the listeners know, once the open transaction is committed, what it wrote."""
    if written:
        transactions.after_commit(lambda: [listener(origin, written) for listener in listeners])


class _Batch:
    """One transaction's changes, taken one after the other, each seeing those before it."""

    def __init__(self, standing: CurrentState, provenance: Provenance, at: datetime) -> None:
        self.standing = standing
        self.provenance = provenance
        self.at = at
        self.writes = Writes(at)
        self.decided: dict[tuple[object, ...], Decision] = {}
        """The answers to questions asked before in this batch."""

    def take(self, intent: Intent) -> Outcome:
        """Decide one change and note what it does."""
        key = intent.key
        held = self.standing.rows.get(key)
        decision = self._decide(intent, key, held)
        event = None
        if isinstance(decision, Accepted):
            event = self._accept(intent, key, held, lifts_all=decision.lifts_all)
            held = self.standing.rows.get(key)
        elif isinstance(decision, Superseded):
            event = self._append(intent, key, held, superseded=True)
        elif isinstance(decision, Pending):
            self._wait(intent)
        elif isinstance(decision, Unchanged) and intent.status is _OUT:
            self._forget_pending(intent)
        elif isinstance(decision, Unchanged) and intent.status is _IN:
            self._ask_again(key)
        return Outcome(intent, decision, held.status if held else _NEITHER, event)

    def _decide(self, intent: Intent, key: Key, held: HeldRow | None) -> Decision:
        occurred = intent.occurred_at or self.provenance.occurred_at
        everything = self.standing.rows.get(intent.key_of_all) if intent.type else None
        if everything is not None and everything.status is not _OUT:
            everything = None
        own_opt_in = self.standing.newest_own_opt_in(intent) if occurred and not intent.type else None
        facts = (
            held.status if held else _NEITHER,
            held.origin.maker if held else Maker.NOBODY,
            timing_of(occurred, held.occurred_at if held else None),
            everything.origin.maker if everything else Maker.NOBODY,
            timing_of(occurred, everything.occurred_at if everything else None),
            timing_of(occurred, own_opt_in),
            self.standing.waits(key, self.at),
            intent.recipient_id in self.standing.with_processing_basis,
        )
        in_future = occurred is not None and occurred > self.at
        asked = (intent.type, intent.unit, intent.channel, intent.status, intent.own_link)
        question = (*asked, in_future, facts)
        decision = self.decided.get(question)
        if decision is None:
            change = self._change(intent, in_future=in_future)
            decision = self.decided[question] = decide(change, PriorState(*facts), intent.unit.facts)
        return decision

    def _change(self, intent: Intent, *, in_future: bool) -> Change:
        p = self.provenance
        return Change(
            status=intent.status,
            origin=p.origin,
            facts=intent.type.facts(intent.channel) if intent.type else None,
            has_legal_basis=p.legal_basis is not None,
            has_processing_basis=p.processing_basis is not None,
            has_explanation=bool(p.explanation),
            in_future=in_future,
            through_own_link=intent.own_link,
        )

    def _accept(self, intent: Intent, key: Key, held: HeldRow | None, *, lifts_all: bool) -> Event:
        event = None
        if held is None or held.status is not intent.status or intent.status is _OUT:
            event = self._append(intent, key, held)
        if lifts_all:
            everything = intent.lifting_all()
            lifted = self._append(everything, everything.key, self.standing.rows.get(everything.key))
            event = event or lifted
        if intent.status is not _NEITHER and self.standing.pending:
            self._forget_pending(intent)
        if event is None:
            raise RuntimeError("a change was accepted that changes nothing")
        return event

    def _append(self, intent: Intent, key: Key, held: HeldRow | None, *, superseded: bool = False) -> Event:
        """Note the event and, unless it came too late, the state that it leaves."""
        occurred = self._occurred(intent, held)
        event = Event(intent, held.status if held else _NEITHER, superseded, occurred)
        self.writes.events.append(event)
        if not superseded:
            latest = max(occurred, held.occurred_at) if held else occurred
            self.standing.rows[key] = HeldRow(intent.status, self.provenance.origin, latest)
            self.writes.newest[key] = event
        return event

    def _occurred(self, intent: Intent, held: HeldRow | None) -> datetime:
        """The time given; else now, or what is held where another machine's clock was ahead."""
        given = intent.occurred_at or self.provenance.occurred_at
        if given is not None:
            return given
        return max(self.at, held.occurred_at) if held else self.at

    def _wait(self, intent: Intent) -> None:
        if intent.type is None:
            raise RuntimeError("only an opt-in to one type waits for confirmation")
        self.writes.pending[intent.key] = PendingRow(intent, intent.type)
        self.standing.pending[intent.key] = Waiting(self.at + ledger_rows.CONFIRMATION_DAYS)

    def _ask_again(self, key: Key) -> None:
        """Who asks for what waits already gets another message to confirm it by, within limits (R19)."""
        waiting = self.standing.pending.get(key)
        if waiting is not None and waiting.id is not None and self.provenance.origin in SENDING_AGAIN:
            self.writes.asked_again.append(waiting.id)

    def _forget_pending(self, intent: Intent) -> None:
        """An opt-in, or an opt-out of the type or of all of its unit, ends what waits to be confirmed."""
        for key in [intent.key] if intent.type else self.standing.covered(intent):
            gone = self.standing.pending.pop(key, None)
            self.writes.pending.pop(key, None)
            if gone is not None and gone.id is not None:
                self.writes.forgotten.append(gone.id)
