"""The encoding of a file: known from its byte order mark, or detected; and decoding it as it arrives."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import column_names
from preference_center.imports.encodings import detection
from preference_center.imports.encodings.detection import Unclear
from preference_center.imports.encodings.names import check_encoding, shown_name
from preference_center.imports.encodings.unreadable import ERRORS, UNREADABLE
from preference_center.rules.unicode_text import normalised

__all__ = ["Decoder", "check_encoding"]

_SAMPLE_BYTES: Final = 64 * 1024
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of utf-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_LONGEST_SIGNATURE: Final = 4
"""Bytes of the longest byte order mark or file signature."""
_SIGNATURES: Final = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
)
_NUL_TOLERANCE: Final = 100
"""One NUL in this many bytes may be a mistake; with more it is UTF-16, or not text."""
_UTF16_SHARE: Final = 10
"""In UTF-16, at least one character in this many has a NUL: delimiters, line ends, addresses."""
_BROKEN_TOLERANCE: Final = 10
"""Up to one broken character in this many is UTF-8 with mistakes; with more it is another encoding."""
_ESCAPED: Final = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp"))
"""Encodings of seven bits, and the sequences by which they are known."""
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROL_OR_ESCAPE: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_LAST_WORD: Final = re.compile(rb"[0-9@-~]{1,40}\Z")
_MAX_SHOWN: Final = 30


class Decoder:
    """Decodes bytes piece by piece. ASCII is returned at once, whatever comes later.

    When other characters arrive, the encoding is detected from the 64 KB that begin with them: UTF-8 if they
    are valid as that, else the older encoding whose words are by far the likeliest. As long as several
    encodings read everything alike ("é" is the same byte in many), the choice between them waits for a byte
    that they read differently. Raises Invalid for files that are not text, or whose encoding is unclear.
    """

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        self._decoder = _decoder(encoding) if encoding else None
        self._signature_checked = False
        self._buffer = b""
        self._word_before = b""
        """The end of what was returned as ASCII: the beginning of the first word with other characters."""
        self._alike: Sequence[str] = ()
        """Encodings that read everything alike so far, if there are several."""
        self._read_alike = b""
        """The bytes that all of them read as the same characters."""

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """Decode the next piece; bytes are held back until the encoding is known."""
        self._buffer += data
        if not self._signature_checked:
            if len(self._buffer) < _LONGEST_SIGNATURE and not final:
                return ""
            self._signature_checked = True
            self._check_signature()
        has_sample = final or len(self._buffer) >= _SAMPLE_BYTES
        if self._decoder is None and (final or (has_sample and not self._is_ascii())):
            self._detect(final=final)
        if self._decoder is None:
            return self._ascii()
        if self._alike and self._buffer.translate(None, self._read_alike):
            if not has_sample:
                return ""
            self._choose(self._buffer[: 2 * _SAMPLE_BYTES], self._alike, final=final)
        data, self._buffer = self._buffer, b""
        text = self._decoder.decode(data, final)
        return normalised("NFC", text) if self.encoding == "cp1258" else text

    def _check_signature(self) -> None:
        for signature, file_type in _SIGNATURES:
            if self._buffer.startswith(signature):
                raise _not_text(f"This is {file_type}, not CSV. Save it as CSV and try again.")
        for mark, encoding in _BYTE_ORDER_MARKS:
            if self._buffer.startswith(mark):
                self._use(encoding)
                return
        if self.encoding in ("utf-16", "utf-32"):
            self._use(_without_mark(self.encoding, self._buffer))
        elif self._decoder is None and _has_nuls(self._buffer):
            self._use(_utf16_without_mark(self._buffer))

    def _is_ascii(self) -> bool:
        """Whether the buffer is nothing but ASCII text. Controls may be halves of characters."""
        return self._buffer.isascii() and not _CONTROL_OR_ESCAPE.search(self._buffer)

    def _ascii(self) -> str:
        if not self._is_ascii():
            return ""
        data, self._buffer = self._buffer, b""
        last_word = _LAST_WORD.search(self._word_before + data[-40:])
        self._word_before = last_word[0] if last_word else b""
        return data.decode("ascii")

    def _detect(self, *, final: bool) -> None:
        sample = self._buffer[: 2 * _SAMPLE_BYTES]
        if _has_nuls(sample):
            self._use(_utf16_without_mark(sample))
        elif sample.isascii():
            self._use(next((encoding for mark, encoding in _ESCAPED if mark in sample), "utf-8"))
        elif _is_utf8(sample, final=final):
            self._use("utf-8")
        else:
            self._choose(self._word_before + sample, detection.ENCODINGS, final=final)

    def _choose(self, sample: bytes, encodings: Sequence[str], *, final: bool) -> None:
        """Use the likeliest encoding. Raises Invalid if it is unclear which one that is."""
        if _CONTROL.search(sample):
            raise _not_text("The file contains bytes that text does not have: it is not CSV.")
        words = detection.words_beyond_ascii(sample, final=final)
        words = words or detection.words_beyond_ascii(sample, final=True)
        try:
            alike = detection.detect(words, encodings, column_names.WORDS)
        except Unclear as unclear:
            raise _unclear(unclear) from None
        self._use(alike[0])
        # A choice that decides nothing is the last one: each takes a while.
        if 1 < len(alike) < len(encodings) and not detection.MULTIBYTE.intersection(alike):
            self._alike = alike
            self._read_alike = _bytes_read_alike(alike)

    def _use(self, encoding: str) -> None:
        self.encoding = encoding
        self._decoder = _decoder(encoding)
        self._alike = ()


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)(ERRORS)


def _is_utf8(sample: bytes, *, final: bool) -> bool:
    text = _decoder("utf-8").decode(sample, final)
    not_ascii = sum(not character.isascii() for character in text)
    return text.count(UNREADABLE) * _BROKEN_TOLERANCE <= not_ascii


def _bytes_read_alike(encodings: Sequence[str]) -> bytes:
    alike = bytearray(range(128))
    for byte in range(128, 256):
        if len({bytes([byte]).decode(encoding, "replace") for encoding in encodings}) == 1:
            alike.append(byte)
    return bytes(alike)


def _has_nuls(head: bytes) -> bool:
    return head.count(0) * _NUL_TOLERANCE > len(head)


def _without_mark(encoding: str, head: bytes) -> str:
    """The byte order of a file declared as UTF-16 or UTF-32: the one that makes more of it ASCII.

    Little-endian if neither does, which is what most programs write.
    """
    size = 2 if encoding == "utf-16" else 4
    units = [head[n : n + size] for n in range(0, len(head), size)]
    little = sum(not any(unit[1:]) for unit in units)
    big = sum(not any(unit[:-1]) for unit in units)
    return f"{encoding}-be" if big > little else f"{encoding}-le"


def _utf16_without_mark(head: bytes) -> str:
    """Which byte order: in UTF-16, Latin text has a NUL in every other byte. Raises Invalid."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    characters = len(head) // 2
    if odd * _UTF16_SHARE > characters and even * 10 <= odd:
        return "utf-16-le"
    if even * _UTF16_SHARE > characters and odd * 10 <= even:
        return "utf-16-be"
    raise _not_text("The file contains bytes that text does not have: it is not CSV.")


def _unclear(unclear: Unclear) -> Invalid:
    """The refusal: it shows a word of the file in each encoding that may be meant."""
    readings = unclear.readings
    indexes = range(len(readings[0].words))
    telling = max(indexes, key=lambda n: (len({r.words[n] for r in readings}), -len(readings[0].words[n])))
    shown = [f"{_shown(r.words[telling])} ({shown_name(r.encoding)})" for r in readings]
    message = (
        f"The file's encoding is unclear. A word in it may be {', '.join(shown)}."
        f" Name the encoding, for example `encoding={shown_name(readings[0].encoding)}`."
    )
    return Invalid(ErrorCode.INVALID_VALUE, message, "encoding")


def _shown(word: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in word[:_MAX_SHOWN])


def _not_text(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
