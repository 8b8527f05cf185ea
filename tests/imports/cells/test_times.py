"""Times that mean one thing are read, whoever wrote them; of ambiguous ones every reading is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from babel.dates import format_datetime
from hypothesis import given
from hypothesis import strategies as st

from preference_center.imports.cells.times import TimeError, times_in

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MOMENTS = st.integers(1_000_100_000, int(NOW.timestamp()) - 86_400).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
DAY = "2022-12-31T00:00:00+00:00"
MINUTE = "2022-12-31T10:05:00+00:00"
SECOND = "2022-12-31T10:05:06+00:00"
READ = {
    DAY: """
        2022-12-31|2022/12/31|2022.12.31|2022. 12. 31.|20221231|31.12.2022|31/12/2022|12/31/2022
        31-12-2022|12-31-2022
        12.31.2022|31.12.22|31/12/22|12/31/22|22-12-31|31-Dec-2022|31-Dec-22|2022-Dec-31|Dec 31, 2022
        Dec. 31, 2022
        31 December 2022|December 31st, 2022|Saturday, December 31, 2022|31 de diciembre de 2022
        31. Dezember 2022
        31 grudnia 2022|31 déc. 2022|31 dicembre 2022|2022年12月31日|2022년 12월 31일|44926|44926.0
        2022-W52-6|31.12.2022 г.
    """,
    MINUTE: """
        2022/12/31 10:05|2022.12.31 10:05|31.12.2022 10:05|31.12.2022, 10:05 Uhr|31.12.2022 10.05
        12/31/2022 10:05 AM
        12/31/2022 10:05 a.m.|2022-12-31T10:05|2022-12-31 10h05|Dec 31, 2022 10:05 AM
        Dec 31, 2022, 10:05\u202fAM
        31 December 2022 at 10:05|2022/12/31 上午10:05|2022年12月31日 10:05
        2022-12-31 12:05 Europe/Helsinki|202212311005
        ２０２２/１２/３１　１０:０５
    """,
    SECOND: """
        2022-12-31 10:05:06 UTC|2022-12-31 10:05:06 GMT|2022-12-31T10:05:06Z|2022-12-31 10:05:06Z
        20221231100506
        2022-12-31T11:05:06+0100|2022-12-31T11:05:06+01:00|2022-12-31 05:05:06 -05:00
        2022-12-31 10:05:06 +0000 UTC
        Sat, 31 Dec 2022 10:05:06 GMT|Sat, 31 Dec 2022 11:05:06 +0100|Sat Dec 31 10:05:06 2022
        2022-12-31T05:05:06−05:00
        Sat Dec 31 2022 11:05:06 GMT+0100 (Central European Standard Time)|1672481106|1672481106000
        1672481106000000
        2022-12-31T11:05:06+01:00[Europe/Warsaw]|12/31/2022 05:05:06 EST|2022. 12. 31. 오전 10:05:06
        1672481106.0
        2022-12-31 10:05:06.000000|"2022-12-31 10:05:06"
    """,
}
NONE = (
    r"|-|NULL|\N|never|0|N/A|0000-00-00|0000-00-00 00:00:00|00/00/0000|0001-01-01T00:00:00"
    "|1970-01-01 00:00:00"
)
UNREADABLE = "yesterday|32/13/2022|2022-13-45|12:30|2022|soon|2022-12-31 10:05:06 XYZ|1.44E+09|x"


def pieces(text: str) -> list[str]:
    return [piece for line in text.strip().splitlines() for piece in line.strip().split("|")]


@pytest.mark.parametrize(
    ("cell", "expected"), [(cell, expected) for expected, text in READ.items() for cell in pieces(text)]
)
def test_a_time_that_means_one_thing_is_read(cell: str, expected: str) -> None:
    assert [time.isoformat() for time in times_in(cell, NOW)] == [expected]


@pytest.mark.parametrize("cell", NONE.split("|"))
def test_what_databases_write_for_none_is_no_time(cell: str) -> None:
    assert times_in(cell, NOW) == []


@pytest.mark.parametrize("cell", UNREADABLE.split("|"))
def test_anything_else_is_refused(cell: str) -> None:
    with pytest.raises(TimeError):
        times_in(cell, NOW)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("03/04/2022", ["2022-03-04", "2022-04-03"]),
        ("03-04-2022", ["2022-03-04", "2022-04-03"]),
        ("03.04.2022", ["2022-04-03"]),
        ("05/05/2022", ["2022-05-05"]),
        ("10/11/12", ["2010-11-12", "2012-10-11", "2012-11-10"]),
        ("11/12/2026", ["2026-11-12"]),
        ("3 listopada 2022", ["2022-10-03", "2022-11-03"]),  # Croatian or Polish
    ],
)
def test_an_ambiguous_date_has_every_reading_that_is_not_later_than_now(
    cell: str, expected: list[str]
) -> None:
    assert [time.date().isoformat() for time in times_in(cell, NOW)] == expected


@given(MOMENTS)
def test_a_time_written_in_any_of_these_formats_is_among_its_readings(moment: datetime) -> None:
    expected = moment.replace(second=0)
    formats = ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M"]
    formats += ["%d-%b-%Y %H:%M", "%b %d, %Y %I:%M %p", "%a, %d %b %Y %H:%M:00 GMT", "%Y%m%d%H%M"]
    for form in formats:
        assert expected in times_in(expected.strftime(form), NOW), form
    assert times_in(str(int(expected.timestamp())), NOW) == [expected]


@given(
    MOMENTS,
    st.sampled_from(["en", "de", "fr", "es", "pt", "it", "nl", "pl", "sv", "da", "cs", "zh", "ja", "ko"]),
)
def test_a_date_written_in_full_in_any_of_these_languages_is_read(moment: datetime, language: str) -> None:
    day = moment.replace(hour=0, minute=0, second=0)
    assert times_in(format_datetime(day, "d MMMM y", locale="en"), NOW) == [day]
    written = format_datetime(
        day,
        {"zh": "y年M月d日", "ja": "y年M月d日", "ko": "y년 M월 d일"}.get(language, "d MMMM y"),
        locale=language,
    )
    assert day in times_in(written, NOW)


@given(st.text(max_size=40))
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    try:
        readings = times_in(text, NOW)
    except TimeError:
        return
    assert readings == sorted(readings)
    assert all(reading.utcoffset() == timedelta() for reading in readings)
