"""The names that encodings have: those of Python, of the web (WHATWG), and of spreadsheet programs."""

from __future__ import annotations

import codecs
import re
from typing import Final

from preference_center.errors import ErrorCode, Invalid

_CODECS: Final = {
    "utf-8-sig": "utf-8 utf8 utf-8-sig unicode-1-1-utf-8 cp65001",
    "utf-16": "utf-16 utf16 unicode ucs-2 iso-10646-ucs-2 csunicode",
    "utf-16-le": "utf-16-le utf-16le utf16le unicodefeff",
    "utf-16-be": "utf-16-be utf-16be utf16be unicodefffe",
    "utf-32": "utf-32 utf32 ucs-4",
    "utf-32-le": "utf-32-le utf-32le",
    "utf-32-be": "utf-32-be utf-32be",
    "cp1250": "windows-1250 cp1250 x-cp1250 win-1250 1250",
    "cp1251": "windows-1251 cp1251 x-cp1251 win-1251 1251",
    "cp1252": "windows-1252 cp1252 x-cp1252 win-1252 1252 ansi ascii us-ascii iso-8859-1 iso8859-1 latin-1"
    " latin1 l1",
    "cp1253": "windows-1253 cp1253 x-cp1253 win-1253 1253",
    "cp1254": "windows-1254 cp1254 x-cp1254 win-1254 1254 iso-8859-9 iso8859-9 latin-5 latin5 l5",
    "cp1255": "windows-1255 cp1255 x-cp1255 win-1255 1255",
    "cp1256": "windows-1256 cp1256 x-cp1256 win-1256 1256",
    "cp1257": "windows-1257 cp1257 x-cp1257 win-1257 1257",
    "cp1258": "windows-1258 cp1258 x-cp1258 win-1258 1258",
    "iso8859_2": "iso-8859-2 iso8859-2 latin-2 latin2 l2",
    "iso8859_3": "iso-8859-3 iso8859-3 latin-3 latin3 l3",
    "iso8859_4": "iso-8859-4 iso8859-4 latin-4 latin4 l4",
    "iso8859_5": "iso-8859-5 iso8859-5 cyrillic",
    "iso8859_6": "iso-8859-6 iso8859-6 arabic asmo-708 ecma-114",
    "iso8859_7": "iso-8859-7 iso8859-7 greek greek8 elot-928 ecma-118",
    "iso8859_8": "iso-8859-8 iso8859-8 iso-8859-8-i hebrew visual logical",
    "iso8859_10": "iso-8859-10 iso8859-10 latin-6 latin6 l6",
    "iso8859_13": "iso-8859-13 iso8859-13 latin-7",
    "iso8859_14": "iso-8859-14 iso8859-14 latin-8",
    "iso8859_15": "iso-8859-15 iso8859-15 latin-9 latin9 l9",
    "iso8859_16": "iso-8859-16 iso8859-16 latin-10",
    "cp874": "windows-874 cp874 tis-620 tis620 iso-8859-11 iso8859-11 dos-874",
    "koi8_r": "koi8-r koi8 koi koi8r",
    "koi8_u": "koi8-u koi8-ru koi8u",
    "mac_roman": "mac-roman macroman macintosh mac x-mac-roman",
    "mac_latin2": "mac-latin2 maclatin2 mac-centeuro mac-ce x-mac-ce",
    "mac_cyrillic": "mac-cyrillic maccyrillic x-mac-cyrillic x-mac-ukrainian",
    "mac_greek": "mac-greek macgreek",
    "mac_turkish": "mac-turkish macturkish",
    "cp437": "cp437 ibm437 437 dos-437",
    "cp737": "cp737 ibm737 737",
    "cp775": "cp775 ibm775 775",
    "cp850": "cp850 ibm850 850 dos-850",
    "cp852": "cp852 ibm852 852 dos-852",
    "cp855": "cp855 ibm855 855",
    "cp857": "cp857 ibm857 857",
    "cp858": "cp858 ibm858 858",
    "cp862": "cp862 ibm862 862",
    "cp866": "cp866 ibm866 866 dos-866",
    "gb18030": "gb18030 gb-18030 gbk gb2312 gb-2312 euc-cn cp936 windows-936 936 ms936 x-gbk chinese"
    " gb-2312-80",
    "big5hkscs": "big5 big-5 big5-hkscs big5hkscs cp950 windows-950 950 ms950 x-x-big5 cn-big5 big5-tw",
    "cp932": "shift-jis shiftjis sjis s-jis cp932 windows-932 932 ms932 ms-kanji windows-31j x-sjis mskanji",
    "euc_jp": "euc-jp eucjp ujis x-euc-jp",
    "iso2022_jp": "iso-2022-jp iso2022-jp jis csiso2022jp",
    "cp949": "euc-kr euckr cp949 windows-949 949 ms949 uhc ks-c-5601-1987 ks-c-5601 ksc5601 korean"
    " iso-ir-149",
    "johab": "johab cp1361 1361",
    "iso2022_kr": "iso-2022-kr iso2022-kr",
    "hz": "hz-gb-2312 hz hzgb",
}
_BY_NAME: Final = {
    name: codec for codec, names in _CODECS.items() for name in [codec.replace("_", "-"), *names.split()]
}
_SHOWN: Final = {
    **{f"cp{number}": f"windows-{number}" for number in (874, *range(1250, 1259))},
    **{
        "utf-8-sig": "utf-8",
        "big5hkscs": "big5",
        "cp932": "shift_jis",
        "cp949": "euc-kr",
        "euc_jp": "euc-jp",
    },
    **{"koi8_r": "koi8-r", "koi8_u": "koi8-u", "mac_roman": "macintosh", "iso2022_jp": "iso-2022-jp"},
}
_SEPARATORS: Final = re.compile(r"[\s_:]+")


def check_encoding(name: str | None) -> str | None:
    """Return the codec of an encoding that a file may be declared to have; None is to detect it.

    Raises Invalid.
    """
    if name is None or not name.strip():
        return None
    codec = _BY_NAME.get(_SEPARATORS.sub("-", name.strip().strip("\"'").lower()))
    if codec is None:
        message = (
            f"{name[:40]!r} is not a supported encoding. Supported are utf-8, utf-16, windows-1250 to"
            " windows-1258, iso-8859-1 to iso-8859-16, koi8-r, macintosh, gb18030, big5, shift_jis, euc-jp"
            " and euc-kr."
        )
        raise Invalid(ErrorCode.INVALID_VALUE, message, "encoding")
    codecs.lookup(codec)
    return codec


def shown_name(codec: str) -> str:
    """The name under which people know a codec, which `check_encoding` accepts."""
    return _SHOWN.get(codec, codec.replace("iso8859_", "iso-8859-").replace("_", "-"))
