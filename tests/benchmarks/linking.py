"""Making links: in the library, and a thousand sets of them over GraphQL."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from preference_center.links.batches import MessageScope
from preference_center.links.footers import FooterText
from preference_center.links.maker import link_maker
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse_email
from preference_center.rules.types import Channel
from tests.benchmarks.harness import filling, messages
from tests.benchmarks.harness.databases import Installation, opened
from tests.benchmarks.harness.report import Line, milliseconds, rate
from tests.benchmarks.harness.servers import CORES, SERVER_CORE, pin
from tests.benchmarks.harness.side_by_side import Bench, spread
from tests.benchmarks.recipient_pages import fingerprint_of

LINKS = """
mutation Links($input: CreatePreferenceLinksInput!) { createPreferenceLinks(input: $input) {
  links {
    manageUrl unsubscribeUrl unsubscribeAllUrl listUnsubscribe listUnsubscribePost footerHtml footerText }
  userErrors { code message field } } }
"""
ONCE = 1000
_AT_A_TIME = 50_000
_WANTED = 150_000
_UNIT, _TYPE = filling.UNITS[0][0], filling.TYPES[0][0]
_WORDS = FooterText(
    why="You get this because you subscribed to Weekly digest.",
    manage="Manage preferences",
    unsubscribe="Unsubscribe",
    unsubscribe_all="Unsubscribe from all of Acme",
    sender="Acme",
    postal_address="Acme Ltd\n1 High Street",
)


def linking(bench: Bench, of: Installation) -> list[Line]:
    """Links a second on one core, and createPreferenceLinks against the library and one look-up."""
    return [_library(bench, of), _a_thousand(bench, of)]


def _library(bench: Bench, of: Installation) -> Line:
    maker, prints = link_maker(of.settings), [fingerprint_of(of, n) for n in range(1, 1001)]

    def make() -> None:
        for _ in range(_AT_A_TIME // len(prints)):
            for fingerprint in prints:
                maker.withdraw_url(maker.withdraw(fingerprint, Channel.EMAIL, _TYPE))

    # Time of the processor, so that whoever else uses the core takes nothing away.
    each = median(_seconds(make, time.process_time) for _ in range(bench.effort.rounds)) / _AT_A_TIME
    return Line(
        "links in the library, on one core", rate(1 / each), rate(_WANTED), 1 / each / _WANTED, at_least=1
    )


def _a_thousand(bench: Bench, of: Installation) -> Line:
    ours, once = bench.ours(of), min(ONCE, of.contacts)
    typed = [filling.email(number) for number in spread(range(1, of.contacts + 1), once)]
    given = {
        "recipients": [{"email": text} for text in typed],
        "businessUnit": _UNIT,
        "subscriptionType": _TYPE,
    }
    asked = messages.graphql(LINKS, {"input": given}, of.token)
    made = messages.data(ours, asked)["createPreferenceLinks"]
    assert made["userErrors"] == []
    assert len({links["manageUrl"] for links in made["links"]}) == once
    target = bench.load.target(ours, [asked])
    with_library, over_graphql = asyncio.run(_in_turns(bench, of, typed, target))
    ratio = median(mine / theirs for mine, theirs in zip(over_graphql, with_library, strict=True))
    what = f"createPreferenceLinks of {once:,} / the library and one look-up"
    mine, theirs = median(over_graphql), median(with_library)
    return Line(what, milliseconds(mine), milliseconds(theirs), ratio, at_most=3)


async def _in_turns(
    bench: Bench, of: Installation, typed: list[str], target: int
) -> tuple[list[float], list[float]]:
    """Seconds for all sets: in the library, on the idle server's core, and over GraphQL."""
    with_library, over_graphql = [], []
    pin(SERVER_CORE)
    async with opened(of.settings):
        await _sets(of, typed)
        for _ in range(bench.effort.rounds):
            begin = time.perf_counter()
            for _ in range(3):
                await _sets(of, typed)
            with_library.append((time.perf_counter() - begin) / 3)
            over_graphql.append(1 / bench.load.run(target, 1, bench.effort.seconds).rate)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(CORES))
    return with_library, over_graphql


async def _sets(of: Installation, typed: list[str]) -> None:
    """What a program with the library does: one look-up, and the links of each recipient found."""
    wanted = [parse_email(text) for text in typed]
    found = await recipients.find_many(wanted)
    batch = link_maker(of.settings).batch(
        MessageScope(Channel.EMAIL, _TYPE, _UNIT), _WORDS, datetime.now(UTC)
    )
    sets = [batch.links(found[address].fingerprint) for address in wanted]
    assert len(sets) == len(typed)


def _seconds(act: Callable[[], None], clock: Callable[[], float]) -> float:
    begin = clock()
    act()
    return clock() - begin
