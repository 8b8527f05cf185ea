"""What a file may take: time that grows with its size, whatever it contains, and none of the event loop's."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from preference_center.catalog.catalog import Catalog
from preference_center.errors import Invalid
from preference_center.imports import contacts as contact_imports
from preference_center.imports import upload
from preference_center.imports.cells.emails import emails_in
from preference_center.imports.cells.phones import phones_in
from preference_center.imports.cells.times import TimeError, times_in
from preference_center.imports.cells.yes_no import yes_or_no
from preference_center.imports.contact_file import ContactLayout, ContactReading
from preference_center.imports.contact_file import is_column_name as is_contact_column
from preference_center.imports.csv_encoding import Decoder
from preference_center.imports.csv_reader import BLOCK_BYTES, CsvReader, Record
from preference_center.imports.opt_out_columns.folding import fold
from preference_center.imports.opt_out_file import is_column_name
from preference_center.rules.unicode_text import normalised
from preference_center.storage import database
from tests.conftest import TEAM, Brands
from tests.imports.files import REASONS, contacts_from, finished, numbers, opt_outs, refusals
from tests.imports.files import upload as file_of

SECONDS = 2.0
"""For 128 KB of anything: on a busy machine ten times of what is needed. What is quadratic takes minutes."""
CELL = 128 * 1024
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
EMPTY, READING = Catalog(1, (), ()), ContactReading(NOW)
MARKS = "a" + "\u0301\u0316" * (CELL // 2)
CELLS = [
    "a" * CELL,
    " " * CELL + "x",
    "a" + " " * CELL + "b",
    "1" + "a" * CELL + "1" + "a" * CELL,
    "'" * CELL,
    "(" * CELL,
    "@" * CELL,
    "a@" * (CELL // 2),
    "a@b.c;" * (CELL // 6),
    "mailto:" * (CELL // 7),
    "+48601" * (CELL // 6),
    "1;" * (CELL // 2),
    "1:11 " * (CELL // 5),
    "AA/" * (CELL // 3),
    ".0" * (CELL // 2),
    "0" * CELL,
    "½" * CELL,
    "\ufdfa" * (CELL // 8),
    MARKS,
]
READERS: list[Callable[[str], object]] = [
    emails_in,
    phones_in,
    yes_or_no,
    fold,
    lambda cell: phones_in(cell, "PL"),
    lambda cell: times_in(cell, NOW),
    lambda cell: normalised("NFKC", cell),
    is_column_name,
    is_contact_column,
]


def quickly(run: Callable[[], object]) -> None:
    began = time.process_time()
    with suppress(Invalid, TimeError):
        run()
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: repr(cell[:12]))
def test_a_cell_is_read_in_a_time_that_grows_with_its_length(cell: str) -> None:
    for read in READERS:
        quickly(lambda read=read: read(cell))  # type: ignore[misc]


HEADERS = [
    "\n" * 400_000 + "email\n",
    " \r\n" * 200_000 + "email\n",
    ",".join(["email"] + ["a"] * 499) + "\n",
    "email" + "," * 60_000 + "\n",
    "a," * 100_000 + "\n",
    "email," + "(required) " * 20_000 + "\n",
    "email,a" + " " * 200_000 + "b\n",
    "email," + "memberlist" * 20_000 + "status\n",
    "email," + "ismarketingemail" * 10_000 + "x\n",
    "email," + "\u0301\u0316" * 60_000 + "\n",
    "sep=;" + " " * 400_000 + "\nemail\n",
    "email\n" + "\n" * 400_000,
    'email\n"' + "\n" * 100_000 + '"\n',
    'email\n"' + '""' * 60_000 + '"\n',
    "email\n" + "," * 400_000 + "\n",
]


@pytest.mark.parametrize("text", HEADERS, ids=lambda text: repr(text[:16]))
@pytest.mark.parametrize("known", [is_column_name, is_contact_column])
def test_a_header_is_read_in_a_time_that_grows_with_its_length(
    text: str, known: Callable[[str], bool]
) -> None:
    quickly(lambda: rows_of(text, known))


def rows_of(text: str, known: Callable[[str], bool] = is_contact_column) -> list[object]:
    """The rows of a contact file, read in blocks as uploads are."""
    reader, content = CsvReader(known), text.encode()
    records = []
    for start in range(0, len(content), BLOCK_BYTES):
        records += reader.feed(content[start : start + BLOCK_BYTES])
    records += reader.close()
    return list(ContactLayout(reader.header or [], EMPTY, READING).rows(records))


WIDE = [
    "email," + ",".join(["city"] * 499) + "\n" + ("a@example.com," + "x," * 499 + "\n") * 60,
    "email,"
    + ",".join(f"unsubscribed{' ' * n}" for n in range(99))
    + "\n"
    + ("a@b.co," + "1," * 99 + "\n") * 300,
    "email,"
    + ",".join(f"UNSUB_TIME{' ' * n}" for n in range(99))
    + "\n"
    + ("a@b.co," + "1," * 99 + "\n") * 300,
    "email\n" + ("a@b.co" + "," * 60_000 + "\n") * 5,
    "email,email,email\n" + ("a@b.co;" * 3_000 + "," + "x@" * 10_000 + "\n") * 3,
]


@pytest.mark.parametrize("text", WIDE, ids=lambda text: repr(text[:24]))
def test_rows_of_many_columns_are_read_in_a_time_that_grows_with_their_length(text: str) -> None:
    quickly(lambda: rows_of(text))


def test_a_file_of_too_many_columns_that_say_no_is_refused() -> None:
    text = "email," + ",".join(f"unsubscribed{' ' * n}." for n in range(101)) + "\na@example.com\n"
    with pytest.raises(Invalid, match="100 columns that say no"):
        rows_of(text)


def test_doubled_columns_have_different_names() -> None:
    columns = ContactLayout(["email", "a", "a_2", "a", "a", "A"], EMPTY, READING).columns
    assert [use["as"] for use in columns["used"]][1:] == [
        f"property:{name}" for name in ("a", "a_2", "a_3", "a_4", "A")
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\xe9" * CELL,
        b"\xe9\xb3\x81 " * (CELL // 4),
        b"".join(b"%d\xe9%c " % (n, 128 + n % 128) for n in range(CELL // 8)),
        b"email\n" + b"\xcc\xf2" * (CELL // 2),
    ],
    ids=lambda content: repr(content[:8]),
)
def test_an_encoding_is_detected_in_a_time_that_grows_with_the_sample(content: bytes) -> None:
    quickly(lambda: decoded(content, None))
    quickly(lambda: decoded(content, "cp1258"))


def decoded(content: bytes, encoding: str | None) -> str:
    decoder = Decoder(encoding)
    pieces = [content[n : n + BLOCK_BYTES] for n in range(0, len(content), BLOCK_BYTES)]
    return "".join([*map(decoder.feed, pieces), decoder.feed(b"", final=True)])


async def test_the_event_loop_goes_on_while_a_file_is_parsed(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a block takes, a request that arrives meanwhile is served."""
    parsing, served = threading.Event(), threading.Event()
    feed = CsvReader.feed

    def slow(reader: CsvReader, block: bytes) -> list[Record]:
        parsing.set()
        assert served.wait(10), "the event loop waits for the parser"
        return feed(reader, block)

    monkeypatch.setattr(CsvReader, "feed", slow)

    async def request() -> None:
        await asyncio.to_thread(parsing.wait, 10)
        served.set()

    serving = asyncio.create_task(request())
    done = await opt_outs("email\na@example.com\n", brands)
    await serving
    assert numbers(done)[:1] == (1,)


async def test_rows_that_are_long_make_parts_that_are_small(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "_MAX_PART_LENGTH", 10_000)
    text = "email,note\n" + "".join(f"p{n}@example.com,{'x' * 3_000}\n" for n in range(20))
    queued = await contact_imports.receive(REASONS, file_of(text), TEAM)
    rows = await database.fetch("SELECT payload FROM operation_parts")
    assert sum(len(json.loads(row["payload"])) for row in rows) == queued.total == 20
    assert max(len(row["payload"]) for row in rows) < 20_000
    assert numbers(await finished(queued)) == (20, 0, 0, {})


async def test_a_row_with_more_properties_than_a_contact_may_have_is_not_kept(brands: Brands) -> None:
    done = await contacts_from(
        "email,a,b\na@example.com," + "x" * 40_000 + "," + "y" * 40_000 + "\nb@example.com,,\n"
    )
    assert await refusals(done) == [(2, "INVALID_VALUE", "properties")]
