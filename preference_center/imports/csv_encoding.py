"""The encoding of a file: known from its byte order mark, or detected; and decoding it as it arrives."""

from __future__ import annotations

import codecs
import re
from typing import Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.csv_legacy_encodings import likeliest

REPLACEMENT_CHARACTER: Final = "\ufffd"
"""In the place of bytes that cannot be decoded: only the row that has it is refused."""
_SAMPLE_BYTES: Final = 64 * 1024
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST_SIGNATURE: Final = 4
"""Bytes of the longest byte order mark or file signature."""
_SIGNATURES: Final = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
)
_NAMES: Final = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|(windows-|cp)125[0-8]|(iso-?8859-|latin-?)([1-9]|1[03-6])|cp85[025]|koi8-[ru]"
)
_NUL_TOLERANCE: Final = 100
"""One NUL in this many bytes may be a mistake; with more it is UTF-16, or not text."""
_BROKEN_TOLERANCE: Final = 10
"""Up to one broken character in this many is UTF-8 with mistakes; with more it is another encoding."""


def check_encoding(name: str | None) -> str | None:
    """Return the codec of an encoding that a file may be declared to have; None is to detect it.

    Raises Invalid.
    """
    if name is None or not name.strip():
        return None
    normalised = name.strip().lower().replace("_", "-")
    if not _NAMES.fullmatch(normalised):
        message = (
            f"{name[:40]!r} is not a supported encoding."
            " Supported are utf-8, utf-16, windows-1250, iso-8859-2 and others like these."
        )
        raise Invalid(ErrorCode.INVALID_VALUE, message, "encoding")
    return "utf-8-sig" if normalised in ("utf-8", "utf8") else normalised


class Decoder:
    """Decodes bytes piece by piece. ASCII is returned at once, whatever comes later.

    When other characters arrive, the encoding is detected from the 64 KB that begin with them: UTF-8 if they
    are valid as that, else the older encoding whose letters form the likelier words. Raises Invalid for
    files that are not text.
    """

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        self._decoder = _decoder(encoding) if encoding else None
        self._signature_checked = False
        self._buffer = b""
        self._byte_before = b""
        """The last byte that was returned as ASCII: the context of what follows."""

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """Decode the next piece; bytes are held back until the encoding is known."""
        self._buffer += data
        if not self._signature_checked:
            if len(self._buffer) < _LONGEST_SIGNATURE and not final:
                return ""
            self._signature_checked = True
            self._check_signature()
        if self._decoder is None and (final or self._has_sample()):
            self._detect(final=final)
        if self._decoder is None:
            return self._ascii()
        data, self._buffer = self._buffer, b""
        return self._decoder.decode(data, final)

    def _check_signature(self) -> None:
        for signature, file_type in _SIGNATURES:
            if self._buffer.startswith(signature):
                raise _not_text(f"This is {file_type}, not CSV. Save it as CSV and try again.")
        for mark, encoding in _BYTE_ORDER_MARKS:
            if self._buffer.startswith(mark):
                self._use(encoding)
                return
        if self._decoder is None and self._buffer.count(0) * _NUL_TOLERANCE > len(self._buffer):
            self._use(_utf16_without_mark(self._buffer))

    def _has_sample(self) -> bool:
        return not self._buffer.isascii() and len(self._buffer) >= _SAMPLE_BYTES

    def _ascii(self) -> str:
        if not self._buffer.isascii():
            return ""
        data, self._buffer = self._buffer, b""
        self._byte_before = data[-1:] or self._byte_before
        return data.decode("ascii")

    def _detect(self, *, final: bool) -> None:
        sample = self._buffer[: 2 * _SAMPLE_BYTES]
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample, final)
        not_ascii = sum(not character.isascii() for character in text)
        broken = text.count(REPLACEMENT_CHARACTER)
        is_utf8 = broken * _BROKEN_TOLERANCE <= not_ascii
        self._use("utf-8" if is_utf8 else likeliest(self._byte_before + sample))

    def _use(self, encoding: str) -> None:
        self.encoding = encoding
        self._decoder = _decoder(encoding)


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)("replace")


def _utf16_without_mark(head: bytes) -> str:
    """Which byte order: in UTF-16, Latin text has a NUL in every other byte. Raises Invalid."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd * 2 > len(head) // 2 and even * 10 <= odd:
        return "utf-16-le"
    if even * 2 > len(head) // 2 and odd * 10 <= even:
        return "utf-16-be"
    raise _not_text("The file contains bytes that text does not have: it is not CSV.")


def _not_text(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
