"""Lists of a million addresses over HTTP: eligibility against one SQL join, links against the library."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import asyncpg

from preference_center.links.batches import MessageScope, list_unsubscribe_headers
from preference_center.links.footers import FooterText
from preference_center.links.maker import link_maker
from preference_center.rules.addresses import keyed_fingerprint, parse_email
from preference_center.rules.types import Channel
from tests.benchmarks.harness import filling
from tests.benchmarks.harness.databases import Installation
from tests.benchmarks.harness.report import Line
from tests.benchmarks.harness.servers import OURS, Server, serving
from tests.benchmarks.harness.side_by_side import Bench

MOST_MEGABYTES = 300
_UNIT, _TYPE = filling.UNITS[0][0], filling.TYPES[0][0]
_WORDS = FooterText(why="", manage="Manage", unsubscribe="Unsubscribe", unsubscribe_all="All", sender="")
_ELIGIBILITY = f"/eligibility?subscription_type={_TYPE}&channel=EMAIL&format=csv"
_LINKS = f"/links?subscription_type={_TYPE}&campaign=2026-11&format=csv"
_PIECE_BYTES = 256 * 1024
_JOIN = """
SELECT a.place, a.address, reason IS NULL AS allowed, reason, CASE WHEN reason = 'PAUSED' THEN until END
FROM (SELECT asked.place, asked.address, s.until, CASE
  WHEN r.erased_at IS NOT NULL OR f.id IS NOT NULL THEN 'ADDRESS_UNUSABLE'
  WHEN o.id IS NOT NULL THEN 'OPTED_OUT_OF_ALL'
  WHEN p.status = 'OPTED_OUT' THEN 'OPTED_OUT'
  WHEN s.id IS NOT NULL THEN 'PAUSED'
  WHEN p.status = 'OPTED_IN' THEN NULL
  WHEN q.id IS NOT NULL THEN 'CONFIRMATION_PENDING'
  ELSE 'NOT_OPTED_IN' END AS reason
FROM asked JOIN subscription_types t ON t.key = 'weekly-digest'
LEFT JOIN recipients r ON r.kind = 'EMAIL' AND r.fingerprint = asked.fingerprint
LEFT JOIN address_refusals f ON f.recipient_id = r.id
LEFT JOIN preferences p ON p.recipient_id = r.id AND p.subscription_type_id = t.id AND p.channel = 'EMAIL'
LEFT JOIN opt_outs_of_all o ON o.recipient_id = r.id AND o.business_unit_id = t.business_unit_id
  AND o.channel = 'EMAIL' AND o.active
LEFT JOIN pauses s ON s.recipient_id = r.id AND s.business_unit_id = t.business_unit_id
  AND s.channel = 'EMAIL' AND s.until > now()
LEFT JOIN pending_opt_ins q ON q.recipient_id = r.id AND q.subscription_type_id = t.id
  AND q.channel = 'EMAIL' AND q.expires_at > now()
) AS a ORDER BY a.place
"""


def address_lists(bench: Bench, of: Installation) -> list[Line]:
    """Ask about as many addresses as a list may have, of which the installation knows its contacts'."""
    asked = 1_000_000 if not bench.effort.quick else 20_000
    # Two of three are known, in an order that no index has.
    typed = [filling.email(1 + number * 7919 % (of.contacts * 3 // 2)) for number in range(asked)]
    with serving(OURS, of.environ) as server:
        return asyncio.run(_measured(bench, of, typed, server))


@dataclass(frozen=True, slots=True)
class _Took:
    """How long an answer took, and how long its server was on a processor, in seconds."""

    seconds: float
    cpu: float


async def _measured(bench: Bench, of: Installation, typed: list[str], server: Server) -> list[Line]:
    rounds = range(1 if bench.effort.quick else 3)
    task = bench.progress.add_task(f"lists of {len(typed):,} addresses", total=2 * len(rounds))
    addresses = "".join(f"{text}\n" for text in typed).encode()
    joins, answers, made, alone = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in rounds:
            joins.append(await _joined(of, typed, Path(folder) / "answer"))
            answers.append((await _answered(server, of.token, _ELIGIBILITY, addresses)).seconds)
            bench.progress.advance(task)
            alone.append(await asyncio.to_thread(_in_the_library, of, typed))
            made.append((await _answered(server, of.token, _LINKS, addresses)).cpu)
            bench.progress.advance(task)
    lines = []
    for name, ours, theirs, at_most in (
        ("eligibility of {:,} addresses, streamed / one SQL join with COPY", answers, joins, 2.0),
        ("links of {:,} addresses, streamed, CPU / the library alone", made, alone, 1.5),
    ):
        ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
        mine, other = f"{median(ours):,.1f} s", f"{median(theirs):,.1f} s"
        lines.append(Line(name.format(len(typed)), mine, other, ratio, at_most=at_most))
    peak = _peak(server.pid)
    most = f"{MOST_MEGABYTES} MB"
    memory = Line("    memory of that server", f"{peak:,.0f} MB", most, peak / MOST_MEGABYTES, at_most=1)
    return [*lines, memory]


async def _joined(of: Installation, typed: list[str], output: Path) -> float:
    """Seconds of PostgreSQL alone: addresses are normalised and fingerprinted before."""
    key = of.settings.fingerprint_key
    records = [(place, text, keyed_fingerprint(parse_email(text), key)) for place, text in enumerate(typed)]
    db = await asyncpg.connect(of.dsn)
    try:
        begin = time.perf_counter()
        async with db.transaction():
            await db.execute(
                "CREATE TEMP TABLE asked (place int, address text, fingerprint bytea) ON COMMIT DROP"
            )
            await db.copy_records_to_table("asked", records=records)
            await db.execute("ANALYZE asked")
            with output.open("wb") as file:
                await db.copy_from_query(_JOIN, output=file, format="csv")
        took = time.perf_counter() - begin
    finally:
        await db.close()
    with output.open("rb") as file:
        assert sum(1 for _ in file) == len(typed)
    return took


async def _answered(asked: Server, token: str, path: str, addresses: bytes) -> _Took:
    """Send a list and read the answer at the same time, each as fast as the server takes and gives it."""
    before, begin = asked.cpu_seconds(), time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", asked.port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(addresses)}\r\nConnection: close\r\n\r\n"
    )

    async def send() -> None:
        writer.write(head.encode())
        for start in range(0, len(addresses), _PIECE_BYTES):
            writer.write(addresses[start : start + _PIECE_BYTES])
            await writer.drain()

    sending = asyncio.create_task(send())
    assert b" 200 " in await reader.readline()
    lines, last = 0, b""
    while piece := await reader.read(_PIECE_BYTES):
        lines += piece.count(b"\n") - piece.count(b"\r\n")
        last = (last + piece)[-5:]
    await sending
    writer.close()
    assert last == b"0\r\n\r\n", "the answer is not complete"
    assert lines == addresses.count(b"\n") + 1, lines
    return _Took(time.perf_counter() - begin, asked.cpu_seconds() - before)


def _in_the_library(of: Installation, typed: list[str]) -> float:
    """Seconds of CPU in which the library makes the same links and headers."""
    maker = link_maker(of.settings)
    batch = maker.batch(MessageScope(Channel.EMAIL, _TYPE, _UNIT, "2026-11"), _WORDS, datetime.now(UTC))
    begin = time.thread_time()
    for text in typed:
        _, type_url, _ = batch.urls(maker.fingerprint(parse_email(text)))
        list_unsubscribe_headers(type_url or "")
    return time.thread_time() - begin


def _peak(pid: int) -> float:
    """The most memory that a process used, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
