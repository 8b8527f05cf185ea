"""Mobile numbers that are written in several ways, and the one form that Sayso uses (R3).

Countries changed their numbering plans, put a digit before mobile numbers that is dialled from abroad only,
or have numbers that begin with a zero, which people take for a trunk prefix. WhatsApp and old address books
keep the old forms. Each row names its source; decision 0029 says which countries are left out, and why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

VERSION: Final = 1
"""Increase it with every change of the table: `sayso migrate` then merges the recipients that became one."""
_MAX_PASSES: Final = 3


@dataclass(frozen=True)
class Spelling:
    """Numbers `head` + `old` + `rest` are the same as `head` + `new` + `rest`, which is today's form."""

    old: str
    new: str
    rest: str
    """A pattern of the digits that follow, which are the same in both forms."""
    source: str
    head: str = ""
    """A pattern of what stands before, which is the same in both forms."""
    only_typed: bool = False
    """Whether it is a way to write a number that Sayso never stored."""

    @cached_property
    def _old_form(self) -> re.Pattern[str]:
        return re.compile(rf"({self.head}){re.escape(self.old)}({self.rest})")

    @cached_property
    def _new_form(self) -> re.Pattern[str]:
        return re.compile(rf"({self.head}){re.escape(self.new)}({self.rest})")

    def to_new(self, number: str) -> str | None:
        """Return today's form of a number that is written in the old form, else None."""
        match = self._old_form.fullmatch(number)
        return f"{match[1]}{self.new}{match[2]}" if match else None

    def to_old(self, number: str) -> str | None:
        """Return the old form of a number of today, else None."""
        match = self._new_form.fullmatch(number)
        return f"{match[1]}{self.old}{match[2]}" if match else None


_VIETNAM: Final = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",  # MobiFone
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",  # VinaPhone
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}  # fmt: skip
_VIETNAM_SOURCE: Final = "Ministry of Information and Communications, September 2018: 11 digits became 10."
_MEXICO_SOURCE: Final = "IFT, 3 August 2019: one way to dial. WhatsApp still sends 521 (chatwoot#14174)."
_ARGENTINA_SOURCE: Final = (
    "ENACOM: from abroad, 9 comes before mobile numbers; the ten digits are unique without it. WhatsApp has"
    " the 9, people leave it out (chatwoot#14264)."
)
_IVORY_COAST_SOURCE: Final = (
    "ARTCI, 31 January 2021: 01 (Moov), 05 (MTN) or 07 (Orange) before the 8 digits, whose second digit names"
    " the operator. WhatsApp keeps the old ids (waha#1894)."
)
_BENIN_SOURCE: Final = "ARCEP Benin, 30 November 2024: 01 before the 8 digits (telephone_number#138)."
_GABON_SOURCE: Final = (
    "ARCEP Gabon, 15 November 2019: 6 or 7 in place of the 0 (RFI); the operators as libphonenumber has them."
)
_CAMEROON_SOURCE: Final = "ART, 21 November 2014: 6 before the 8 digits of mobile numbers."
_GUINEA_BISSAU_SOURCE: Final = "ARN, 1 November 2015: 95 (Orange) or 96 (MTN) before the 7 digits (Lusa)."
_OVERSEAS_SOURCE: Final = (
    "Arcep: mobile numbers of the overseas departments have country codes of their own. 06 39, 06 90 to"
    " 06 94, 06 96 and 06 97 are not used on the mainland; at home, people dial them like any French number."
)
_ZERO_SOURCE: Final = "ITU: the first zero belongs to the number. People take it for a trunk prefix."

SPELLINGS: Final = (
    # Mexico: 1 before mobile numbers; 044, 045 and 01 were trunk prefixes.
    *(Spelling(f"+52{old}", "+52", r"[2-9]\d{9}", _MEXICO_SOURCE) for old in ("1", "044", "045", "01")),
    # Brazil: a ninth digit. Numbers that begin with 7 are left: trunked radio kept eight digits.
    Spelling("", "9", r"[689]\d{7}", "Anatel, 2012 to 2016: a 9 before mobiles.", head=r"\+55[1-9][1-9]"),
    # Argentina: the 9, also where both 9 and the 15 of national calls are written.
    Spelling("+54", "+549", r"(?:11|[23]\d)\d{8}", _ARGENTINA_SOURCE),
    Spelling("+549", "+54", r"0?(?:11|[23]\d)\d{10}", _ARGENTINA_SOURCE, only_typed=True),
    Spelling("+5490", "+549", r"(?:11|[23]\d)\d{8}", _ARGENTINA_SOURCE, only_typed=True),
    # Côte d'Ivoire. 80 and 90 were and are service numbers; fixed lines are left.
    Spelling("+225", "+22501", r"(?:0[1-3]|[4-7][0-3]|[89][1-3])\d{6}", _IVORY_COAST_SOURCE),
    Spelling("+225", "+22505", r"[04-9][4-6]\d{6}", _IVORY_COAST_SOURCE),
    Spelling("+225", "+22507", r"[04-9][7-9]\d{6}", _IVORY_COAST_SOURCE),
    Spelling("+225", "+2250", r"[157]\d{8}", _ZERO_SOURCE, only_typed=True),
    # Benin
    Spelling("+229", "+22901", r"[24-69]\d{7}", _BENIN_SOURCE),
    Spelling("+229", "+2290", r"1[24-69]\d{7}", _ZERO_SOURCE, only_typed=True),
    # Congo
    Spelling("+242", "+2420", r"[14-6]\d{7}", _ZERO_SOURCE, only_typed=True),
    # Gabon, with or without the zero of the old form
    *(
        Spelling(f"+241{zero}{old}", f"+241{new}{old}", r"\d{6}", _GABON_SOURCE)
        for zero in ("0", "")
        for old, new in (("2", "6"), ("5", "6"), ("6", "6"), ("4", "7"), ("7", "7"))
    ),
    Spelling("+241", "+2410", r"3\d{6}", _GABON_SOURCE),
    # Cameroon
    Spelling("+237", "+2376", r"[5679]\d{7}", _CAMEROON_SOURCE),
    # Mauritius. Seven digits that begin with 2, 4 or 6 are fixed lines of today.
    Spelling("+230", "+2305", r"[79]\d{6}", "ICTA, 1 September 2013: 5 before mobile numbers."),
    # Guinea-Bissau
    Spelling("+245", "+24595", r"5\d{6}", _GUINEA_BISSAU_SOURCE),
    Spelling("+245", "+24596", r"6\d{6}", _GUINEA_BISSAU_SOURCE),
    # Vietnam
    *(Spelling(f"+84{old}", f"+84{new}", r"\d{7}", _VIETNAM_SOURCE) for old, new in _VIETNAM.items()),
    # The French overseas departments
    Spelling("+33", "+262", r"(?:639|69[23])\d{6}", _OVERSEAS_SOURCE),
    Spelling("+33", "+590", r"69[01]\d{6}", _OVERSEAS_SOURCE),
    Spelling("+33", "+594", r"694\d{6}", _OVERSEAS_SOURCE),
    Spelling("+33", "+596", r"69[67]\d{6}", _OVERSEAS_SOURCE),
    # Kosovo had numbers of Slovenia and Monaco. Only 49 is nobody else's today.
    Spelling("+386", "+383", r"49\d{6}", "ITU, 15 December 2016: country code 383."),
    # Russia: 8 is the trunk prefix. No country code begins with 89.
    Spelling("+8", "+7", r"9\d{9}", "Green API: 8 in place of 7 reaches the same account.", only_typed=True),
)
_OLD_CODES: Final = re.compile(r"\+(?:22[59]|230|237|24[125]|33|386|5[245]|8[49])")
_NEW_CODES: Final = re.compile(r"\+(?:22[59]|230|237|24[125]|262|383|5[245]|59[046]|7|84)")
"""How old and new forms begin, so that other numbers are not compared with every row."""


def _by_code(codes: re.Pattern[str], *, old: bool) -> dict[str, list[Spelling]]:
    """The rows by how their old or new forms begin. Raises ValueError for a row that `codes` passes over."""
    found: dict[str, list[Spelling]] = {}
    for spelling in SPELLINGS:
        # A head begins with the country code; "9" may follow every form.
        begins = (spelling.head.replace("\\", "") or (spelling.old if old else spelling.new)) + "9"
        code = codes.match(begins)
        if code is None:
            raise ValueError(f"{codes.pattern} lacks {begins}")
        found.setdefault(code[0], []).append(spelling)
    return found


_BY_OLD_CODE: Final = _by_code(_OLD_CODES, old=True)
_BY_NEW_CODE: Final = _by_code(_NEW_CODES, old=False)


def todays_form(number: str) -> str:
    """Return the form in use today of a plus sign with digits; most numbers have only one form."""
    for _ in range(_MAX_PASSES):
        code = _OLD_CODES.match(number)
        newer = _newer_form(number, code[0]) if code else None
        if newer is None:
            return number
        number = newer
    return number


def older_forms(number: str) -> list[str]:
    """Return the forms under which an earlier version of Sayso may have stored a number of today."""
    code = _NEW_CODES.match(number)
    if code is None:
        return []
    rows = [spelling for spelling in _BY_NEW_CODE[code[0]] if not spelling.only_typed]
    return [older for spelling in rows if (older := spelling.to_old(number)) is not None]


def _newer_form(number: str, code: str) -> str | None:
    for spelling in _BY_OLD_CODE[code]:
        newer = spelling.to_new(number)
        if newer is not None:
            return newer
    return None
