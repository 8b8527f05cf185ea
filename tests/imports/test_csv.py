"""CSV files: delimiters, quotes, line ends, pieces of any size, and files that are not CSV."""

from __future__ import annotations

import csv
import io
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preference_center.errors import Invalid
from preference_center.imports.csv_reader import BLOCK_BYTES, CsvReader, blocks, clean
from preference_center.imports.opt_out_file import is_column_name
from tests.imports.files import pieces, read

DELIMITERS = [",", ";", "\t", "|"]
LINE_ENDS = ["\n", "\r\n", "\r"]


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL  # Python's writer does not quote \n then
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(("delimiter", "end"), list(product(DELIMITERS, LINE_ENDS)))
@pytest.mark.parametrize("size", [1, 7, BLOCK_BYTES])
def test_every_delimiter_and_line_end_gives_the_same_rows(delimiter: str, end: str, size: int) -> None:
    rows = [
        ["email", "name, of the person; or firm", "note|tab\t"],
        ["alice@example.com", 'Alice "Al" Doe', "two\nlines"],
        ["bob@example.com", "Bob; Bobby, | \t", ""],
        ["charlie@example.com", "", "last"],
    ]
    header, records = read(written(rows, delimiter, end).encode(), size)
    assert header == [cell.strip() for cell in rows[0]]
    assert [cells for _, cells in records] == rows[1:]
    assert [line for line, _ in records] == [2, 4, 5]


def test_a_record_has_the_number_of_the_line_it_begins_in() -> None:
    text = 'email,note\n\na@example.com,"one\ntwo\nthree"\n;;\n,\nb@example.com,x\n'
    _, records = read(text.encode())
    assert [(line, cells[0]) for line, cells in records] == [
        (3, "a@example.com"),
        (6, ";;"),
        (8, "b@example.com"),
    ]


def test_blank_lines_and_lines_of_delimiters_are_skipped() -> None:
    _, records = read(b"\n\r\n email;name\n\n;\n;;;\na@example.com;A\n\n\n")
    assert [cells for _, cells in records] == [["a@example.com", "A"]]


def test_a_sep_line_for_excel_sets_the_delimiter() -> None:
    header, records = read(b"sep=;\r\nemail;name, first\r\na@example.com;A\r\n")
    assert (header, records) == (["email", "name, first"], [(3, ["a@example.com", "A"])])


def test_a_known_column_name_decides_the_delimiter() -> None:
    header, _ = read(b"E-mail;surname, first name, second name\na@example.com;Doe, A, B\n")
    assert header == ["E-mail", "surname, first name, second name"]


def test_a_last_line_without_a_line_end_is_a_record() -> None:
    _, records = read(b"email,name\na@example.com,A")
    assert records == [(2, ["a@example.com", "A"])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n \r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b'email,name\na@example.com,"A\nb@example.com,B\n', "Line 2 opens a quote that is not closed"),
        (b'email,name\na@example.com,A\nb@example.com,"B', "Line 3 opens a quote"),
        (b"email,name\na@example.com,A\nb@exam", "Line 3 ends in the middle"),
        (b'email\n"' + b"a@example.com\n" * 100_000, "Line 2 opens a quote"),
        (b"email\n" + b"a" * 2_000_000, "Line 2 is too long"),
        (b"e" * 2_000_000, "Line 1 is too long"),
        (b"email\n" + b"a" * 200_000 + b"\n", "Line 2 .* longer than 128 KB"),
        (b",".join(b"c%d" % n for n in range(600)) + b"\n", "500 columns"),
        (b"PK\x03\x04" + bytes(100), "Excel"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "Excel"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip"),
        (b"%PDF-1.7\n", "PDF"),
        (b"email\na@example.com\n\x00\x01\x02\n", "not (a )?CSV"),
        (bytes(range(256)) * 20, "not (a )?CSV"),
    ],
)
def test_a_file_that_is_not_csv_is_refused_with_a_reason(content: bytes, message: str) -> None:
    with pytest.raises(Invalid, match=message) as refused:
        read(content, BLOCK_BYTES)
    assert refused.value.field == ("file",)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r")), min_size=2, max_size=2)
    ),
    st.integers(1, 50),
)
def test_a_file_written_by_python_is_read_back(rows: list[list[str]], size: int) -> None:
    kept = [row for row in rows if any(cell.lstrip(" ") for cell in row)]
    header, records = read(written([["email", "b"], *rows]).encode(), size, "utf-8")
    assert header == ["email", "b"]
    # Space before a quote is skipped: the writer quotes only cells that need it.
    assert [[cell.lstrip(" ") for cell in cells] for _, cells in records if any(cells)] == [
        [cell.lstrip(" ") for cell in row] for row in kept
    ]


async def test_pieces_of_any_size_are_read_in_blocks() -> None:
    content = bytes(range(256)) * 1_000
    for size in (1_000, len(content)):
        got = [block async for block in blocks(pieces(content, size))]
        assert b"".join(got) == content
        assert {len(block) for block in got[:-1]} == {BLOCK_BYTES}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (" alice@example.com\u00a0", "alice@example.com"),
        ("'+48 601 234 567", "+48 601 234 567"),
        ("'=1+1", "=1+1"),
        ("''=1+1", "'=1+1"),
        ("'tis", "'tis"),
        ("'", "'"),
    ],
)
def test_the_apostrophe_before_a_formula_is_removed(cell: str, expected: str) -> None:
    assert clean(cell) == expected


def test_memory_does_not_grow_with_the_file() -> None:
    reader = CsvReader(is_column_name)
    reader.feed(b"email\n")
    for _ in range(200):
        reader.feed(b"someone@example.com\n" * 3_000)
    assert len(reader._lines) < 2
    assert len(reader._text) < BLOCK_BYTES
