"""The preference page, and the one-click unsubscribe that a mail program posts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import asyncpg

from preference_center.links.maker import link_maker
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from tests.benchmarks.harness import filling, messages
from tests.benchmarks.harness.bare import SHOWN_PAGE
from tests.benchmarks.harness.databases import Installation, still_opted_in
from tests.benchmarks.harness.report import Line
from tests.benchmarks.harness.servers import BARE
from tests.benchmarks.harness.side_by_side import Bench, compare, spread

_TYPE = filling.TYPES[0][0]
_WRITTEN = """
SELECT to_jsonb(e) - '{id,recipient_id,occurred_at,recorded_at}'::text[],
  to_jsonb(v) - '{event_id,url}'::text[],
  to_jsonb(p) - '{id,recipient_id,event_id,occurred_at,changed_at}'::text[],
  (SELECT COUNT(*) FROM consent_events WHERE recipient_id = $1 AND subscription_type_id = 1)
FROM preferences p JOIN consent_events e ON e.id = p.event_id JOIN evidence v ON v.event_id = e.id
WHERE p.recipient_id = $1 AND p.subscription_type_id = 1
"""


def one_click(bench: Bench, of: Installation) -> list[Line]:
    """One-click unsubscribes of new recipients, against a handler that durably writes the same rows."""
    ours, bare = bench.ours(of), bare_server(bench, of)
    fresh = asyncio.run(still_opted_in(of))
    theirs, mine = fresh[0::2], fresh[1::2]
    asked = clicks(of, mine)
    plain = [_click(f"/u/{number}") for number in theirs]
    for port, request in ((ours, asked[0]), (bare, plain[0])):
        answer = messages.exchange(port, request)
        assert (answer.status, answer.body) == (200, b"You are unsubscribed\n")
    assert asyncio.run(_written(of, mine[0])) == asyncio.run(_written(of, theirs[0]))
    targets = bench.load.target(ours, asked[1:], once=True), bench.load.target(bare, plain[1:], once=True)
    result = compare(bench, "one-click", *targets)
    what = "one-click POST / the same rows written durably"
    return [result.line(what, at_least=0.75)]


def clicks(of: Installation, numbers: Iterable[int]) -> list[bytes]:
    """One-click unsubscribes of recipients of these numbers."""
    return [_click(f"/u/{withdraw_token(of, number)}") for number in numbers]


def page(bench: Bench, of: Installation) -> list[Line]:
    """The preference page, against the same template rendered from ready data."""
    ours, bare = bench.ours(of), bare_server(bench, of)
    opened = openings(of, spread(range(1, of.contacts + 1), 2000))
    shown = messages.exchange(ours, messages.get(_shown(of), messages.BROWSER))
    rendered = messages.exchange(bare, messages.get("/page", messages.BROWSER))
    assert all(f'labelledby="t-{key} '.encode() in shown.body for key, *_ in filling.TYPES)
    assert shown.body == rendered.body
    assert b'name="on"' in messages.exchange(ours, opened[0]).body
    plain = [messages.get("/page", messages.BROWSER)]
    result = compare(bench, "page", bench.load.target(ours, opened), bench.load.target(bare, plain))
    what = "preference page / its template rendered from ready data"
    return [result.line(what, at_least=0.6)]


def bare_server(bench: Bench, of: Installation) -> int:
    """The port of the bare server that renders a page of this installation."""
    return bench.server(BARE, of, **{SHOWN_PAGE: _shown(of)})


def openings(of: Installation, numbers: Iterable[int]) -> list[bytes]:
    """GETs of the preference pages of recipients of these numbers."""
    return [messages.get(f"/p/{manage_token(of, number)}", messages.BROWSER) for number in numbers]


def manage_token(of: Installation, number: int) -> str:
    """A manage link's token, issued when the benchmarks began."""
    maker = link_maker(of.settings)
    return maker.manage(fingerprint_of(of, number), RecipientKind.EMAIL, of.begun, filling.UNITS[0][0])


def withdraw_token(of: Installation, number: int) -> str:
    """A withdraw link's token for the first type."""
    return link_maker(of.settings).withdraw(fingerprint_of(of, number), Channel.EMAIL, _TYPE)


def fingerprint_of(of: Installation, number: int) -> bytes:
    """The fingerprint of a recipient in links."""
    return link_maker(of.settings).fingerprint(Address(RecipientKind.EMAIL, filling.email(number)))


def _shown(of: Installation) -> str:
    # Nobody who opted out of everything: the page that most people see.
    return f"/p/{manage_token(of, 1)}"


def _click(path: str) -> bytes:
    return messages.form(path, **{"List-Unsubscribe": "One-Click"})


async def _written(of: Installation, number: int) -> list[Any]:
    """The rows that a one-click wrote, without what differs between recipients."""
    db = await asyncpg.connect(of.dsn)
    try:
        event, evidence, preference, events = await db.fetchrow(_WRITTEN, number)
    finally:
        await db.close()
    return [event, evidence, preference, events]
