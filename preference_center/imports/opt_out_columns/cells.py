"""Reading a cell of a consent column."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from preference_center.imports.cells.times import TimeError, times_in
from preference_center.imports.cells.yes_no import is_blank, yes_or_no
from preference_center.imports.opt_out_columns.folding import fold, folded_words
from preference_center.imports.opt_out_columns.headers import (
    KnownColumn,
    Reading,
    mentions_consent,
    mentions_preference,
)
from preference_center.imports.opt_out_columns.words import (
    SUBSCRIBED,
    Verdict,
    is_no_anywhere,
    verdict_of,
    verdict_of_beginning,
    verdict_of_number,
    verdict_of_state,
)

_EMPTY_LISTS: Final = frozenset({"[]", "{}", "()", '""', "''", "[ ]", '[""]'})
_NOT_ACTIVE: Final = folded_words("""
inactive / disabled / inaktiv / inactif / inactivo / inativo / inattivo / inactief / inaktivt / nieaktywny
off / unchecked / archived / deleted
""")
"""Words that do not tell whether the person said no."""
_BETWEEN_TAGS: Final = re.compile(r"[,;|/\n]")
_COUNT: Final = re.compile(r"\d{1,4}(?:[.,]0+)?")
_MARK_OF_BOUNCE: Final = re.compile("bounc|invalid|undeliver|nonexist|mailboxnotfound|nosuch")
_MARK_OF_NO: Final = re.compile("unsub|optout|optedout|spam|complain|abuse|manual|usersuppress")
_TEMPORARY: Final = re.compile("soft|temporar|transient|deferr")
_HAS_DATE: Final = re.compile(r"\d.*\d.*\d.*\d")
_UNREADABLE_TIME: Final = "The time of the opt-out cannot be read: it counts as now."


class CellMeaning(NamedTuple):
    """What a cell says about an address: never that it is opted in."""

    verdict: Verdict
    occurred_at: datetime | None = None
    """When the person said no; None for now."""
    problem: str | None = None
    """What is reported about the time."""


class AmbiguousCell(Exception):
    """A cell that may say no, or may not."""


_NO: Final = CellMeaning(Verdict.OPTED_OUT)
_UNUSABLE: Final = CellMeaning(Verdict.UNUSABLE)


def meaning_of(cell: str, column: KnownColumn, now: datetime) -> CellMeaning | None:
    """What a cell says; None if it says nothing against writing. Raises NotUnderstood."""
    text = cell.strip(" \t\r\n\u00a0'\"")
    if is_blank(text) or text in _EMPTY_LISTS:
        return None
    try:
        return _READERS[column.reading](text, now)
    except AmbiguousCell:
        if column.is_strict or _COUNT.fullmatch(text) or _has_tag_of_opt_out(text):
            raise
        return None


def is_unclear_no(cell: str, name: str) -> bool:
    """Whether a cell of a column that is not known says no, and its name is about consent."""
    text = cell.strip(" \t\r\n\u00a0'\"")
    if not mentions_consent(name):
        return False
    if is_blank(text):
        return text.lower() == "none" and mentions_preference(name)
    return verdict_of(text) is Verdict.OPTED_OUT or yes_or_no(text) is False


def _opt_out(text: str, now: datetime) -> CellMeaning | None:
    """A yes, a time, a count, or a word for a no."""
    verdict = verdict_of(text)
    if verdict in (Verdict.OPTED_OUT, Verdict.UNUSABLE):
        return CellMeaning(verdict)
    if fold(text) in SUBSCRIBED:
        return None
    answer = yes_or_no(text)
    if answer is None and _COUNT.fullmatch(text):
        answer = float(text.replace(",", ".")) > 0
    if answer is not None:
        return _NO if answer else None
    return _opt_out_at(text, now)


def _opt_out_at(text: str, now: datetime) -> CellMeaning | None:
    try:
        readings = times_in(text, now)
    except TimeError:
        if _HAS_DATE.search(text):
            return CellMeaning(Verdict.OPTED_OUT, problem=_UNREADABLE_TIME)
        raise AmbiguousCell from None
    if not readings:
        return None
    return CellMeaning(Verdict.OPTED_OUT, readings[-1]) if readings[-1] <= now else _NO


def _reason(text: str, now: datetime) -> CellMeaning | None:
    """Any text counts as an opt-out unless it means no."""
    key = fold(text)
    if _MARK_OF_BOUNCE.search(key) and not _MARK_OF_NO.search(key):
        return None if _TEMPORARY.search(key) else _UNUSABLE
    try:
        return _opt_out(text, now)
    except AmbiguousCell:
        return _NO


def _opt_out_time(text: str, now: datetime) -> CellMeaning | None:
    """A time, or any other text unless it means no: "yesterday" counts as now."""
    try:
        return _opt_out(text, now)
    except AmbiguousCell:
        return CellMeaning(Verdict.OPTED_OUT, problem=_UNREADABLE_TIME)


def _consent(text: str, now: datetime) -> CellMeaning | None:
    """A no, or a word for it. A time is when the person agreed."""
    verdict = verdict_of(text)
    answer = yes_or_no(text)
    if verdict is None and answer is None:
        try:
            times_in(text, now)
        except TimeError:
            raise AmbiguousCell from None
        return None
    return _meaning_of_verdict(verdict) if verdict else _no_unless(answer)


def _status(text: str, _now: datetime) -> CellMeaning | None:
    verdict = verdict_of(text) or verdict_of_number(text) or verdict_of_beginning(text)
    if verdict is not None:
        return _meaning_of_verdict(verdict)
    answer = yes_or_no(text)
    if answer is None or fold(text) in _NOT_ACTIVE or text.startswith("-"):
        raise AmbiguousCell
    return _no_unless(answer)


def _state(text: str, _now: datetime) -> CellMeaning | None:
    verdict = verdict_of_state(text)
    return CellMeaning(verdict) if verdict else None


def _tags(text: str, _now: datetime) -> None:
    """Tags of somebody who said no are not understood: they may be about one list of several."""
    if _has_tag_of_opt_out(text) or yes_or_no(text) is False:
        raise AmbiguousCell


def _has_tag_of_opt_out(text: str) -> bool:
    return any(map(is_no_anywhere, _BETWEEN_TAGS.split(text)))


def _bounce(text: str, now: datetime) -> CellMeaning | None:
    """Anything but a no, unless it says that the failure is temporary."""
    if verdict_of(text) is Verdict.OPTED_OUT:
        return _NO
    if _TEMPORARY.search(fold(text)) or fold(text) in SUBSCRIBED or yes_or_no(text) is False:
        return None
    try:
        return _UNUSABLE if times_in(text, now) else None
    except TimeError:
        return _UNUSABLE


def _of_one_type(text: str, now: datetime) -> CellMeaning | None:
    if _opt_out(text, now) is not None:
        raise AmbiguousCell
    return None


def _meaning_of_verdict(verdict: Verdict) -> CellMeaning | None:
    return None if verdict is Verdict.NO_OBJECTION else CellMeaning(verdict)


def _no_unless(answer: bool | None) -> CellMeaning | None:
    return None if answer else _NO


def _do_not_contact(text: str, now: datetime) -> CellMeaning | None:
    """Mautic's numbers: 1 and 3 are opt-outs, 2 is a bounce."""
    return _UNUSABLE if text == "2" else _opt_out(text, now)


_READERS: Final = {
    Reading.OPT_OUT: _opt_out,
    Reading.DO_NOT_CONTACT: _do_not_contact,
    Reading.TIME: _opt_out_time,
    Reading.REASON: _reason,
    Reading.CONSENT: _consent,
    Reading.STATUS: _status,
    Reading.STATE: _state,
    Reading.BOUNCE: _bounce,
    Reading.TAGS: _tags,
    Reading.OF_ONE_TYPE: _of_one_type,
    Reading.CALL: _opt_out,
}
