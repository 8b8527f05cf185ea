"""Files as spreadsheet programs write them are read back equal, or refused with a reason."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from preference_center.errors import Invalid
from preference_center.imports.cells.emails import emails_in
from preference_center.imports.cells.phones import phones_in
from preference_center.imports.cells.times import times_in
from preference_center.imports.cells.yes_no import yes_or_no
from preference_center.imports.column_names import EMAIL, normalised
from preference_center.imports.csv_encoding import check_encoding
from preference_center.imports.csv_reader import clean
from tests.imports.files import read

NOW = datetime(2026, 11, 30, tzinfo=UTC)
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


class Country(NamedTuple):
    """What people write in a country, and the encodings that spreadsheets there had before Unicode."""

    encodings: list[str]
    headers: list[str]
    names: list[str]
    yes: str
    no: str


COUNTRIES = [
    Country(
        ["cp1250", "iso8859_2"], ["Adres e-mail"], ["Michał Żółciński", "Łucja", "Jo Doe"], "PRAWDA", "FAŁSZ"
    ),
    Country(["cp1252"], ["E-Mail-Adresse"], ["Jürgen Groß", 'Al "Bo" Doe', "a,b|c\td"], "WAHR", "FALSCH"),
    Country(["cp1252", "mac_roman"], ["Adresse électronique"], ["François; Jr.", "Hélène"], "VRAI", "FAUX"),
    Country(
        ["cp1252"], ["Correo electrónico", "EMAIL*"], ["Íñigo Muñoz", "O'Brien", ""], "VERDADERO", "FALSO"
    ),
    Country(["cp1251", "koi8_r"], ["Электронная почта"], ["Иван Петров", "Наталья"], "ИСТИНА", "ЛОЖЬ"),
    Country(["cp1253"], ["email (required)"], ["Γιώργος Παπαδόπουλος", "Ελένη"], "ΑΛΗΘΗΣ", "ΨΕΥΔΗΣ"),
    Country(["gb18030"], ["邮箱", "电子邮件"], ["张伟", "李娜", "欧阳修"], "是", "否"),
    Country(["big5hkscs"], ["電子郵件", "EMAIL_ADDRESS"], ["張偉", "許功蓋"], "是", "否"),
    Country(["cp932", "euc_jp"], ["メールアドレス"], ["山田 太郎", "さくら"], "はい", "いいえ"),
    Country(["cp949"], ["이메일 주소", "email"], ["김철수", "박지성"], "예", "아니오"),
]
TIMES = [
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%d-%b-%Y %H:%M:%S",
]


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """How a program writes a file."""

    encoding: str
    delimiter: str
    line_end: str
    quoting: int
    has_separator_line: bool
    empty_columns: int

    def write(self, header: str, rows: list[list[str]]) -> bytes:
        out = io.StringIO()
        quoting = csv.QUOTE_ALL if self.line_end == "\r" else self.quoting
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end, quoting=quoting)  # type: ignore[arg-type]
        padding = [""] * self.empty_columns
        writer.writerows([row + padding for row in [[header, "name", "subscribed", "time"], *rows]])
        first = f"sep={self.delimiter}{self.line_end}" if self.has_separator_line else ""
        return (first + out.getvalue()).encode(self.encoding)


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["{}", "<{}>", "Jo <{}>", "mailto:{}", "{};", " {} "]),
        st.integers(0, 2),
        st.booleans(),
        st.integers(1_000_100_000, int(NOW.timestamp()) - 1).map(lambda n: datetime.fromtimestamp(n, UTC)),
    ),
    min_size=1,
    max_size=6,
)


@st.composite
def files(draw: st.DrawFn) -> tuple[Spreadsheet, str, list[list[str]], list[tuple[str, bool, datetime]]]:
    """A program, and what it writes: a header and rows, with what they mean."""
    country = draw(st.sampled_from(COUNTRIES))
    program = Spreadsheet(
        draw(st.sampled_from([*UNICODE, *country.encodings])),
        draw(st.sampled_from([",", ";", "\t", "|"])),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        draw(st.booleans()),
        draw(st.integers(0, 3)),
    )
    form, rows, meanings = draw(st.sampled_from(TIMES)), [], []
    for n, (wrapped, name_index, answer, time) in enumerate(draw(PEOPLE)):
        name = country.names[name_index % len(country.names)]
        answer_text = country.yes if answer else country.no
        rows.append([wrapped.format(f"p{n}@example.com"), name, answer_text, time.strftime(form)])
        meanings.append((name, answer, time))
    return program, draw(st.sampled_from(country.headers)), rows, meanings


@settings(deadline=None, max_examples=100)
@given(files(), st.booleans(), st.integers(1, 300))
def test_what_a_spreadsheet_writes_is_read_back_or_refused(
    file: tuple[Spreadsheet, str, list[list[str]], list[tuple[str, bool, datetime]]],
    is_named: bool,
    size: int,
) -> None:
    program, header, rows, meanings = file
    content = program.write(header, rows)
    try:
        columns, records = read(content, size, check_encoding(program.encoding) if is_named else None)
    except Invalid as refused:
        if is_named or refused.field != ("encoding",):
            raise
        return
    assert normalised(columns[0]) in EMAIL
    for n, ((_, cells), (name, answer, time)) in enumerate(zip(records, meanings, strict=True)):
        assert emails_in(cells[0]) == ([f"p{n}@example.com"], None)
        assert cells[1] == name
        assert yes_or_no(clean(cells[2])) is answer
        assert time in times_in(clean(cells[3]), NOW)


@given(st.text(max_size=40), st.sampled_from([None, "FR", "US"]))
def test_any_cell_is_read_or_has_a_problem_that_does_not_repeat_it(cell: str, country: str | None) -> None:
    for found in (emails_in(cell), phones_in(cell, country)):
        assert found.addresses or found.problem
        assert len(cell.strip()) < 4 or cell.strip() not in (found.problem or "")
