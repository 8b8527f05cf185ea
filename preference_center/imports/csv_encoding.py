"""Which encoding a file is in: its mark says, or what its beginning reads like; decoded as it comes."""

from __future__ import annotations

import codecs
import re
from typing import Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.csv_code_pages import likeliest

UNREADABLE: Final = "\ufffd"
"""Stands where bytes were no text: the row that has it says so, the other rows are none the worse."""
_SAMPLE: Final = 64 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST_MARK: Final = 4
_OTHER_FILES: Final = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
)
_NAMES: Final = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|(windows-|cp)125[0-8]|(iso-?8859-|latin-?)([1-9]|1[03-6])|cp85[025]|koi8-[ru]"
)
_SELDOM: Final = 100
"""One NUL in so many characters is a slip; more are no text of one byte a character."""
_MOSTLY: Final = 10
"""UTF-8 with fewer broken characters than one in so many is UTF-8 with mistakes in it."""


def check_encoding(name: str | None) -> str | None:
    """The name of an encoding that files may be said to be in; None is: find out. Raises Invalid."""
    if name is None or not name.strip():
        return None
    wanted = name.strip().lower().replace("_", "-")
    if not _NAMES.fullmatch(wanted):
        message = f"{name[:40]!r} is no encoding known here: utf-8, utf-16, windows-1250, iso-8859-2 … are."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "encoding")
    return "utf-8-sig" if wanted in ("utf-8", "utf8") else wanted


class Decoder:
    """Bytes in, text out, in pieces. What is plain ASCII passes at once, whatever comes later.

    Only when other characters come is the encoding judged, from the 64 KB that begin with them: UTF-8 where
    they are valid as that, else the one of three older ones whose letters make the better words.
    Raises Invalid for files that are no text.
    """

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        self._decoder = _decoder(encoding) if encoding else None
        self._begun = False
        self._held = b""
        self._before = b""

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """Decode the next piece; what is not sure yet is held back."""
        self._held += data
        if not self._begun:
            if len(self._held) < _LONGEST_MARK and not final:
                return ""
            self._begun = True
            self._begin()
        if self._decoder is None and (final or self._is_sure()):
            self._decide(final=final)
        if self._decoder is None:
            return self._ascii()
        held, self._held = self._held, b""
        return self._decoder.decode(held, final)

    def _begin(self) -> None:
        for magic, what in _OTHER_FILES:
            if self._held.startswith(magic):
                raise _no_text(f"This is {what}, not CSV. Save it as CSV and try again.")
        for mark, encoding in _MARKS:
            if self._held.startswith(mark):
                self._settle(encoding)
                return
        if self._decoder is None and self._held.count(0) * _SELDOM > len(self._held):
            self._settle(_unmarked_utf16(self._held))

    def _is_sure(self) -> bool:
        return not self._held.isascii() and len(self._held) >= _SAMPLE

    def _ascii(self) -> str:
        if not self._held.isascii():
            return ""
        held, self._held = self._held, b""
        self._before = held[-1:] or self._before
        return held.decode("ascii")

    def _decide(self, *, final: bool) -> None:
        sample = self._held[: 2 * _SAMPLE]
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample, final)
        foreign = sum(not character.isascii() for character in text)
        broken = text.count(UNREADABLE)
        self._settle("utf-8" if broken * _MOSTLY <= foreign else likeliest(self._before + sample))

    def _settle(self, encoding: str) -> None:
        self.encoding = encoding
        self._decoder = _decoder(encoding)


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)("replace")


def _unmarked_utf16(head: bytes) -> str:
    """Latin text in UTF-16 has a NUL in every other byte: which ones tells the order."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd * 2 > len(head) // 2 and even * 10 <= odd:
        return "utf-16-le"
    if even * 2 > len(head) // 2 and odd * 10 <= even:
        return "utf-16-be"
    raise _no_text("The file has bytes in it that no text has: it is no CSV.")


def _no_text(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
