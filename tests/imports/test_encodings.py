"""Detecting a file's encoding, by its byte order mark and by its first characters."""

from __future__ import annotations

import codecs

import pytest

from preference_center.errors import Invalid
from preference_center.imports.csv_encoding import REPLACEMENT_CHARACTER, Decoder, check_encoding
from preference_center.imports.csv_reader import BLOCK_BYTES
from tests.imports.files import read

POLISH = "email;imię\nzoja@example.com;Żółcińska Małgorzata\nadam@example.com;Śliwiński\n"
TEXTS = {
    "Polish": POLISH,
    "one Polish letter": "email;name\na@example.com;Michał\n",
    "Wroński alone": "email;name\na@example.com;Wroński\n",
    "Czech": "email;jméno\na@example.com;Jiří Dvořák\nb@example.com;Tomáš Kučera\n",
    "Slovak": "email;meno\na@example.com;Ľubomír Šťastný\n",
    "Hungarian": "email;név\na@example.com;Kovács Győző\n",
    "Romanian": "email;nume\na@example.com;Ştefan Ţăndărică\n",
    "Croatian": "email;ime\na@example.com;Đorđe Ivanović\n",
    "German": "email;Name\na@example.com;Jürgen Weiß\n",
    "French": "email;prénom\na@example.com;François Lefèvre\nb@example.com;Hélène\n",
    "Michèle alone": "email;name\na@example.com;Michèle\n",
    "Spanish": "email;nombre\na@example.com;Íñigo Muñoz\n",
    "Portuguese": "email;nome\na@example.com;João Conceição\n",
    "Italian": "email;nome\na@example.com;Niccolò\n",
    "Swedish": "email;namn\na@example.com;Åsa Öberg\n",
    "Danish": "email;navn\na@example.com;Søren Kjær\n",
    "several western languages": "email;n\na@x.com;Muñoz\nb@x.com;Lefèvre\nc@x.com;Søren\nd@x.com;“Zoë”\n",
}
LEGACY = ["windows-1250", "windows-1252", "iso-8859-2"]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


def encodable(text: str, encoding: str) -> bool:
    try:
        return bool(text.encode(encoding))
    except UnicodeEncodeError:
        return False


CASES = [
    pytest.param(text, encoding, id=f"{name} in {encoding}")
    for name, text in TEXTS.items()
    for encoding in (*UNICODE, *LEGACY)
    if encodable(text, encoding)
]


@pytest.mark.parametrize(("text", "encoding"), CASES)
@pytest.mark.parametrize("size", [1, BLOCK_BYTES])
def test_the_encoding_of_a_short_list_is_detected(text: str, encoding: str, size: int) -> None:
    header, records = read(text.encode(encoding), size)
    lines = [line.split(";") for line in text.splitlines()]
    assert [header, *(cells for _, cells in records)] == lines


@pytest.mark.parametrize("encoding", [*UNICODE, "windows-1250", "iso-8859-2"])
def test_the_encoding_is_detected_even_after_a_million_ascii_characters(encoding: str) -> None:
    text = "email;name\n" + "someone@example.com;Jan\n" * 50_000 + "last@example.com;Małgorzata Śliwińska\n"
    _, records = read(text.encode(encoding), BLOCK_BYTES)
    assert (len(records), records[-1][1][1]) == (50_001, "Małgorzata Śliwińska")


def test_utf_8_characters_split_between_pieces_are_decoded() -> None:
    content = POLISH.encode()
    for size in range(1, 20):
        assert read(content, size)[1][0][1][1] == "Żółcińska Małgorzata"


def test_a_broken_utf_8_character_affects_only_its_row() -> None:
    good = "".join(f"p{n}@example.com;Łukasz\n" for n in range(20)).encode()
    _, records = read(b"email;name\n" + good + b"x@example.com;Micha\xb3\n" + good)
    broken = [line for line, cells in records if REPLACEMENT_CHARACTER in "".join(cells)]
    assert broken == [22]
    assert records[-1][1][1] == "Łukasz"


def test_ascii_is_decoded_at_once() -> None:
    decoder = Decoder()
    assert decoder.feed(b"email\nalice@") == "email\nalice@"
    assert decoder.feed("Zażółć".encode()) == ""
    assert decoder.feed(b"", final=True) == "Zażółć"


@pytest.mark.parametrize(
    "name", ["utf-8", "UTF8", "windows-1251", "cp1250", "ISO-8859-2", "iso_8859_2", "latin1"]
)
def test_an_encoding_can_be_given(name: str) -> None:
    checked = check_encoding(name)
    assert checked is not None
    assert codecs.lookup(checked)
    assert read(b"email\na@example.com\n", encoding=checked)[1]


def test_a_given_encoding_is_used() -> None:
    text = "email;имя\na@example.com;Иван\n"
    assert read(text.encode("windows-1251"), encoding=check_encoding("windows-1251"))[1][0][1][1] == "Иван"


@pytest.mark.parametrize(
    "name", ["rot13", "base64", "idna", "utf-7", "no such", "unicode_escape", "iso-8859-12"]
)
def test_an_unsupported_encoding_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_encoding(name)
    assert refused.value.field == ("encoding",)
