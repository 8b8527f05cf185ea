"""Times as systems and spreadsheets write them; several readings if they can mean several things."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from preference_center.imports.cells.month_names import HALVES, months, weekdays
from preference_center.imports.cells.yes_no import is_blank
from preference_center.validation import is_accepted_instant

_LONGEST: Final = 200
"""Characters of a cell with a time: the search for one takes longer than the cell is long."""
_NEVER: Final = frozenset(
    ("never", "0", "nie", "nigdy", "jamais", "nunca", "mai", "nooit", "aldrig", "false")
)
_NO_DATES: Final = frozenset(
    date(*day)
    for day in ((1, 1, 1), (1601, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1))
) | {date(1970, 1, 1)}
"""Dates that databases and spreadsheets write for "none"."""
_ISO: Final = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_ZERO: Final = re.compile(r"0{1,4}[-/.]00?[-/.]0{1,4}\b.*")
_UNITS_OF_UNIX_TIME: Final = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""The parts of a second that a Unix time counts, by its number of digits, between 2001 and 2286."""
_NUMBER: Final = re.compile(r"(\d+)(?:[.,](\d+))?")
_COMPACT: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_EXCEL_EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)
_EXCEL_DAYS: Final = range(20_000, 80_000)
"""Spreadsheets count days: 44926 is 2022-12-31. The range is 1954 to 2119."""
_TIME: Final = re.compile(
    r"(?P<before>[^\W\d_]{2}\s*)?(?<!\d)(?P<hour>\d{1,2})[:h](?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?(?!\d)"
    r"(?:\s*(?P<after>[ap]\.?m\b\.?))?",
    re.IGNORECASE,
)
_HOUR_ONLY: Final = re.compile(r"(?<![\d:.])(?P<hour>1?\d)\s*(?P<after>[ap]\.?m\b\.?)", re.IGNORECASE)
_ZONES: Final = {
    **dict.fromkeys(("z", "utc", "gmt", "ut", "zulu", "wet"), 0),
    **{"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7},  # RFC 5322
    **{
        "cet": 1,
        "mez": 1,
        "cest": 2,
        "mesz": 2,
        "eet": 2,
        "eest": 3,
        "west": 1,
        "msk": 3,
        "jst": 9,
        "kst": 9,
    },
}
_OFFSET: Final = re.compile(
    r"\s*(?:utc|gmt)?\s*([+\-\u2212])(\d{1,2})(?::?([0-5]\d))?(?![\d\-/])", re.IGNORECASE
)
_UTC_AFTER_OFFSET: Final = re.compile(r"\b(?:UTC|GMT|[A-Z]{3,4})\b")
_LAST_FILLER: Final = re.compile(r"\s*\b(?:uhr|г|o'clock)\b\.?\s*$", re.IGNORECASE)
_DOTTED_TIME: Final = re.compile(
    r"(?<=\d{4})[, ]+(?P<hour>\d{1,2})\.(?P<minute>\d{2})(?:\.(?P<second>\d{2}))?$"
)
_ZONE_ID: Final = re.compile(r"\[?\b([A-Z][A-Za-z]+/[A-Za-z_/+\-]+)\b\]?")
_COMMENT: Final = re.compile(r"\([^()]*\)$")
_YEAR_FIRST: Final = re.compile(r"(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[日일.]?")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?")
_WORDS: Final = re.compile(r"\d+|[^\W\d_]+")
_FILLERS: Final = frozenset(
    "de del di du of the den der le la el a á à às at um om kl klo o ob ore ora alle st nd rd th t r".split()  # noqa: SIM905
)
_CENTURY_TURNS: Final = 70
"""Two-digit years from here on are of the last century."""


class TimeError(ValueError):
    """The cell is no time that can be read."""


def times_in(cell: str, now: datetime) -> list[datetime]:
    """Return the times that a cell can mean, earliest first, in UTC: none for "never", two for 03/04/2022.

    Times without a zone are in UTC. A reading later than `now` is left out if there is another.
    Raises TimeError, also for a time that is out of the accepted range.
    """
    if _ISO.match(cell):
        try:
            return [_in_utc(datetime.fromisoformat(cell))]  # almost all cells
        except ValueError:
            pass
    if len(cell) > _LONGEST:
        raise TimeError
    text = _plain(cell)
    if is_blank(text) or text.casefold() in _NEVER or _ZERO.fullmatch(text):
        return []
    readings = _all_readings(text)
    if readings and readings[0].date() in _NO_DATES:
        return []
    accepted = [reading for reading in readings if is_accepted_instant(reading)]
    if not accepted:
        raise TimeError
    return [reading for reading in accepted if reading <= now] or accepted


def _all_readings(text: str) -> list[datetime]:
    """The different times that a text can mean, earliest first."""
    try:
        return sorted(set(_readings(text)))
    except (ValueError, OverflowError):
        return []


def _plain(cell: str) -> str:
    if not cell.isascii():
        visible = "".join(char for char in cell if unicodedata.category(char) != "Cf")
        cell = unicodedata.normalize("NFKC", visible)
    return " ".join(cell.split()).strip(" '\"`")


def _readings(text: str) -> Iterable[datetime]:
    number = _NUMBER.fullmatch(text)
    if number:
        return [_of_number(number[1], number[2] or "")]
    try:
        return [_in_utc(datetime.fromisoformat(text))]
    except ValueError:
        return _written(text)


def _in_utc(parsed: datetime) -> datetime:
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _of_number(digits: str, fraction: str) -> datetime:
    """A Unix time, the day of a spreadsheet, or a date without separators. Raises ValueError."""
    if len(digits) in _UNITS_OF_UNIX_TIME:
        return datetime.fromtimestamp(int(digits) / _UNITS_OF_UNIX_TIME[len(digits)], UTC)
    if len(digits) in _COMPACT and not fraction:
        return datetime.strptime(digits, _COMPACT[len(digits)]).replace(tzinfo=UTC)
    if int(digits) in _EXCEL_DAYS:
        seconds = round(float(f"0.{fraction or 0}") * 86_400)
        return _EXCEL_EPOCH + timedelta(days=int(digits), seconds=seconds)
    raise ValueError(digits)


def _written(text: str) -> Iterator[datetime]:
    """The readings of a date with separators or a month's name, with a time and a zone or without."""
    before, clock, after = _split_at_time(_COMMENT.sub("", text).strip())
    after, zone = _take_zone(after)
    day_text = _LAST_FILLER.sub("", f"{before.rstrip(' ,;-T')} {after}").strip(" ,;-")
    for day in _dates(day_text):
        yield _at(day, clock, zone)


def _at(day: date, clock: timedelta, zone: tzinfo) -> datetime:
    midnight = datetime.combine(day, time())
    return (midnight + clock).replace(tzinfo=zone).astimezone(UTC)


def _split_at_time(text: str) -> tuple[str, timedelta, str]:
    """What is before the time of day, the time, and what is after it. Raises ValueError."""
    found = _TIME.search(text) or _DOTTED_TIME.search(text) or _HOUR_ONLY.search(text)
    if not found:
        return text, timedelta(), ""
    parts = found.groupdict()
    half = (parts.get("before") or "").strip().casefold()
    start = found.start() if half in HALVES else found.start("hour")
    mark = (parts.get("after") or "").casefold().replace(".", "") or (half if half in HALVES else "")
    seconds = int(parts.get("second") or 0) + float(f"0.{parts.get('fraction') or 0}")
    clock = timedelta(
        hours=_hour(int(parts["hour"]), mark), minutes=int(parts.get("minute") or 0), seconds=seconds
    )
    if clock > timedelta(days=1) or seconds >= 61:
        raise ValueError(text)
    return text[:start], clock, text[found.end() :]


def _hour(hour: int, mark: str) -> int:
    if not mark:
        return hour
    if not 1 <= hour <= 12:
        return hour  # "13:05 PM": the clock has 24 hours
    return hour % 12 + HALVES[mark]


def _take_zone(text: str) -> tuple[str, tzinfo]:
    """The text after a time without its zone, and the zone; UTC if there is none. Raises ValueError."""
    zone_id = _ZONE_ID.search(text)
    if zone_id:
        text = text.replace(zone_id[0], " ")
    offset = _OFFSET.match(text)
    if offset:
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return _UTC_AFTER_OFFSET.sub(" ", text[offset.end() :]), timezone(
            -shift if offset[1] != "+" else shift
        )
    if zone_id:
        return text, _zone(zone_id[1])
    name = next((word for word in re.findall(r"[A-Za-z]+", text) if word.casefold() in _ZONES), None)
    if name is None:
        return text, UTC
    return re.sub(rf"\b{name}\b", " ", text), timezone(timedelta(hours=_ZONES[name.casefold()]))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(name) from None


def _dates(text: str) -> Iterator[date]:
    """The dates that a text can mean."""
    year_first = _YEAR_FIRST.fullmatch(text)
    if year_first:
        yield date(int(year_first[1]), int(year_first[2]), int(year_first[3]))
        return
    year_last = _YEAR_LAST.fullmatch(_without_weekday(text))
    if year_last:
        first, separator, second, last = year_last.groups()
        yield from _possible(_orders(int(first), int(second), last, separator))
    else:
        yield from _possible(_with_month_name(text))


def _orders(first: int, second: int, last: str, separator: str) -> Iterator[tuple[int, int, int]]:
    """Year, month and day in each order in which people write three numbers."""
    day_first = (_year(last), second, first)
    yield day_first
    if separator != "." or not list(_possible([day_first])):  # dots are for day, month and year
        yield _year(last), first, second
    if len(last) == 2 and separator != ".":
        yield _year(f"{first:02}"), second, int(last)


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= _CENTURY_TURNS else 2000)


def _possible(orders: Iterable[tuple[int, int, int]]) -> Iterator[date]:
    for year, month, day in orders:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _without_weekday(text: str) -> str:
    first, _, rest = text.partition(" ")
    return rest if first.casefold().rstrip(".,") in weekdays() else text


def _with_month_name(text: str) -> Iterator[tuple[int, int, int]]:
    """`31 Dec 2022`, `Dec 31, 2022`, `Sat Dec 31 2022`, `31-Dec-22`, `2022-Dec-31`."""
    words = [word.casefold() for word in _WORDS.findall(text)]
    named = [months()[word] for word in words if word in months()]
    numbers = [word for word in words if word.isdigit()]
    others = {word for word in words if not word.isdigit() and word not in months()} - weekdays() - _FILLERS
    if len(named) != 1 or len(numbers) != 2 or others:
        return
    day, year = (numbers[1], numbers[0]) if len(numbers[0]) == 4 else (numbers[0], numbers[1])
    if len(day) <= 2 and len(year) in (2, 4):
        yield from ((_year(year), month, int(day)) for month in named[0])
