"""CSV as people have it: delimiters, quotes, line ends, pieces of any size, and files that are none."""

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
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL  # the writer forgets \n there
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(("delimiter", "end"), list(product(DELIMITERS, LINE_ENDS)))
@pytest.mark.parametrize("size", [1, 7, BLOCK_BYTES])
def test_any_delimiter_and_line_end_gives_the_same_rows(delimiter: str, end: str, size: int) -> None:
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


def test_a_line_number_is_that_of_the_line_in_which_a_row_begins() -> None:
    text = 'email,note\n\na@example.com,"one\ntwo\nthree"\n;;\n,\nb@example.com,x\n'
    _, records = read(text.encode())
    assert [(line, cells[0]) for line, cells in records] == [
        (3, "a@example.com"),
        (6, ";;"),
        (8, "b@example.com"),
    ]


def test_blank_lines_and_lines_of_delimiters_are_no_rows() -> None:
    _, records = read(b"\n\r\n email;name\n\n;\n;;;\na@example.com;A\n\n\n")
    assert [cells for _, cells in records] == [["a@example.com", "A"]]


def test_the_line_that_tells_excel_the_separator_is_understood() -> None:
    header, records = read(b"sep=;\r\nemail;name, first\r\na@example.com;A\r\n")
    assert (header, records) == (["email", "name, first"], [(3, ["a@example.com", "A"])])


def test_a_name_that_is_known_decides_between_delimiters() -> None:
    header, _ = read(b"E-mail;surname, first name, second name\na@example.com;Doe, A, B\n")
    assert header == ["E-mail", "surname, first name, second name"]


def test_a_last_line_without_an_end_is_a_row() -> None:
    _, records = read(b"email,name\na@example.com,A")
    assert records == [(2, ["a@example.com", "A"])]


@pytest.mark.parametrize(
    ("content", "words"),
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
def test_what_is_no_csv_says_what_is_wrong_with_it(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        read(content, BLOCK_BYTES)
    assert refused.value.field == ("file",)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r")), min_size=2, max_size=2)
    ),
    st.integers(1, 50),
)
def test_whatever_pythons_writer_writes_is_read_back(rows: list[list[str]], size: int) -> None:
    kept = [row for row in rows if any(cell.lstrip(" ") for cell in row)]
    header, records = read(written([["email", "b"], *rows]).encode(), size, "utf-8")
    assert header == ["email", "b"]
    # Space before a quote is not the cell's: the writer quotes only where it must.
    assert [[cell.lstrip(" ") for cell in cells] for _, cells in records if any(cells)] == [
        [cell.lstrip(" ") for cell in row] for row in kept
    ]


async def test_pieces_of_any_size_are_read_by_the_block() -> None:
    content = bytes(range(256)) * 1_000
    for size in (1_000, len(content)):
        got = [block async for block in blocks(pieces(content, size))]
        assert b"".join(got) == content
        assert {len(block) for block in got[:-1]} == {BLOCK_BYTES}


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (" alice@example.com\u00a0", "alice@example.com"),
        ("'+48 601 234 567", "+48 601 234 567"),
        ("'=1+1", "=1+1"),
        ("''=1+1", "'=1+1"),
        ("'tis", "'tis"),
        ("'", "'"),
    ],
)
def test_the_apostrophe_that_defuses_a_formula_is_taken_off(cell: str, meant: str) -> None:
    assert clean(cell) == meant


def test_memory_does_not_grow_with_the_file() -> None:
    reader = CsvReader(is_column_name)
    reader.feed(b"email\n")
    for _ in range(200):
        reader.feed(b"someone@example.com\n" * 3_000)
    assert len(reader._lines) < 2
    assert len(reader._text) < BLOCK_BYTES
