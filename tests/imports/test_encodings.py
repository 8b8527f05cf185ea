"""Detecting a file's encoding, by its byte order mark and by its first characters."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from encodings.aliases import aliases
from typing import TypeVar

import pytest

from preference_center.errors import Invalid
from preference_center.imports.csv_encoding import Decoder, check_encoding
from preference_center.imports.csv_reader import BLOCK_BYTES
from preference_center.imports.encodings.unreadable import UNREADABLE
from tests.imports.files import read

T = TypeVar("T")
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
OTHER_SCRIPTS = {
    "gb18030": "邮箱,姓名\na@example.com,张伟\nb@example.com,李娜\n",
    "gbk": "email,first_name,last_name\na@example.com,张伟,李娜\n",
    "big5": "email,first_name,last_name\na@example.com,張偉,李娜\n",
    "cp950": "電子郵件,姓名\na@example.com,陳怡君\n",
    "shift_jis": "email,名前\na@example.com,山田太郎\n",
    "cp932": "メールアドレス,氏名\na@example.com,髙橋花子\n",
    "euc_jp": "メールアドレス,氏名\na@example.com,鈴木一郎\n",
    "iso2022_jp": "メールアドレス,氏名\na@example.com,鈴木一郎\n",
    "euc_kr": "이메일,이름\na@example.com,김철수\n",
    "cp949": "email,name\na@example.com,박지성\nb@example.com,이영희\n",
    "windows-1251": "email,имя\na@example.com,Иван\nb@example.com,Наталья\n",
    "koi8-r": "email,имя\na@example.com,Иван Петров\nb@example.com,Наталья\n",
    "cp866": "email,имя\na@example.com,Иван Петров\nb@example.com,Наталья\n",
    "windows-1253": "email,όνομα\na@example.com,Γιώργος\nb@example.com,Ελένη\n",
    "windows-1254": "email,ad\na@example.com,Ayşe Yılmaz\nb@example.com,Gökhan Çelik\n",
    "windows-1255": "email,name\na@example.com,יוסף כהן\nb@example.com,מרים לוי\n",
    "windows-1256": "email,name\na@example.com,محمد أحمد\nb@example.com,فاطمة\n",
    "windows-1257": "email,vardas\na@example.com,Jānis Bērziņš\nb@example.com,Kęstutis Žukauskas\n",
    "cp874": "email,name\na@example.com,สมชาย\nb@example.com,สุดารัตน์\n",
    "cp737": "email,name\na@example.com,Γιώργος\nb@example.com,Ελένη Παπαδόπουλος\n",
    "cp857": "email,name\na@example.com,Şahin\nb@example.com,Gökhan Yılmaz\n",
    "cp862": "email,name\na@example.com,יוסף כהן\nb@example.com,מרים לוי\n",
    "iso8859_6": "email,name\na@example.com,محمد\nb@example.com,فاطمة\nc@example.com,أحمد\n",
    "cp775": "email,name\na@example.com,Žukauskas\nb@example.com,Kęstutis\nc@example.com,Eglė\n",
    "mac-roman": "email,prénom\na@example.com,François Lefèvre\nb@example.com,Hélène\n",
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


@pytest.mark.parametrize("encoding", OTHER_SCRIPTS)
@pytest.mark.parametrize("size", [1, BLOCK_BYTES])
def test_the_encoding_of_a_short_list_in_another_script_is_detected(encoding: str, size: int) -> None:
    text = OTHER_SCRIPTS[encoding]
    header, records = read(text.encode(encoding), size)
    assert [header, *(cells for _, cells in records)] == [line.split(",") for line in text.splitlines()]
    assert read(text.encode(encoding), size, check_encoding(encoding))[1] == records
    assert read(text.encode(), size)[1] == records


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
    broken = [line for line, cells in records if UNREADABLE in "".join(cells)]
    assert broken == [22]
    assert records[-1][1][1] == "Łukasz"


@pytest.mark.parametrize("size", [1, 1_000, BLOCK_BYTES])
@pytest.mark.parametrize(
    ("encoding", "name"), [("windows-1250", "Łukasz Żółciński"), ("windows-1252", "Åsa Ångström")]
)
def test_encodings_that_read_a_file_alike_are_told_apart_when_they_do_not(
    encoding: str, name: str, size: int
) -> None:
    """ "é" is the same byte in all of them: nothing of what comes after it is guessed."""
    text = "email;name\na@example.com;André\n" + "b@example.com;Jan\n" * 20_000 + f"c@example.com;{name}\n"
    _, records = read(text.encode(encoding), size if size > 1 else 777)
    assert (records[0][1][1], records[-1][1][1]) == ("André", name)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (
            "email,name\na@example.com,Mêda\n".encode("windows-1252"),
            ["Męda (windows-1250)", "Mêda (windows-1252)"],
        ),
        ("email,name\na@example.com,陈\n".encode("gb18030"), ["陈 (gb18030)", "냈 (euc-kr)"]),
        (
            "email,name\na@example.com,Tiếng Việt\n".encode("utf-7") + b"\xf0\xe1\xa0\xdd\n",
            ["(", "encoding="],
        ),
    ],
)
def test_a_file_whose_encoding_is_unclear_is_refused_with_the_candidates(
    content: bytes, shown: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        read(content)
    assert refused.value.field == ("encoding",)
    assert all(text in refused.value.message for text in shown)


def test_no_short_list_of_names_is_read_in_another_encoding_than_its_own() -> None:
    """Every list is read as it was written, or refused."""
    names = {
        "windows-1250": "Michał Paweł Łukasz Győző Jiří Dvořák Șerban Đorđe Košice Ľubomír Żaneta Ćwik",
        "windows-1252": "Jürgen José Zoë Åsa Søren João Niccolò Hélène François Íñigo Björk Siobhán",
        "windows-1251": "Иван Мария Сергей Ольга Петров Наталья Їжак Георги",
        "windows-1253": "Γιώργος Ελένη Παπαδόπουλος Μαρία Νίκος",
        "gb18030": "张伟 李娜 王芳 陈静 刘洋 赵敏 欧阳修 龚琳娜 马云 曾国藩",
        "big5": "張偉 陳怡君 林志玲 王小明 黃美惠 蔡依林 許功蓋",
        "shift_jis": "山田太郎 鈴木一郎 佐藤花子 高橋健 さくら ワタナベ",
        "euc-kr": "김철수 이영희 박지성 최민준 정다은 강호동",
    }
    refused = 0
    for encoding, name in ((encoding, name) for encoding, text in names.items() for name in text.split()):
        if not encodable(name, encoding):
            continue
        try:
            records = read(f"email,name\na@example.com,{name}\n".encode(encoding))[1]
        except Invalid:
            refused += 1
        else:
            assert records[0][1][1] == name
    assert refused <= 8


def test_vietnamese_accents_that_are_characters_of_their_own_are_composed() -> None:
    content = "email,name\na@example.com,Trâ\u0300n Thi\u0323 Bích\nb@example.com,Nguyê\u0303n Văn An\n"
    records = read(content.encode("cp1258"))[1]
    assert [cells[1] for _, cells in records] == ["Trần Thị Bích", "Nguyễn Văn An"]


def test_a_word_that_is_repeated_is_no_more_evidence_than_once() -> None:
    text = "email,name\n" + "".join(f"p{n}@example.com,Michał Żółć{n}\n" for n in range(5_000))
    assert read(text.encode("cp1250"), BLOCK_BYTES)[1][-1][1][1] == "Michał Żółć4999"


def test_ascii_is_decoded_at_once() -> None:
    decoder = Decoder()
    assert decoder.feed(b"email\nalice@") == "email\nalice@"
    assert decoder.feed("Zażółć".encode()) == ""
    assert decoder.feed(b"", final=True) == "Zażółć"


@pytest.mark.parametrize(
    "name",
    [
        "utf-8",
        "UTF8",
        "windows-1251",
        "cp1250",
        "ISO-8859-2",
        "iso_8859_2",
        "latin1",
        "gb18030",
        "gbk",
        "GB2312",
        "big5",
        "Big5-HKSCS",
        "shift_jis",
        "Shift-JIS",
        "cp932",
        "sjis",
        "euc-jp",
        "euc-kr",
        "cp949",
        "ks_c_5601-1987",
        "koi8-r",
        "macintosh",
        "mac_roman",
        "windows-1258",
        "iso-8859-15",
        "iso-2022-jp",
        "tis-620",
        "cp850",
        "ansi",
        "windows-31j",
        "x-gbk",
    ],
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


CODECS = sorted(
    {*aliases.values(), *aliases, "undefined", "unicode_escape", "idna", "punycode", "x", "ż\x00"}
)
BYTES = [
    b"",
    b"e",
    b"email\na@example.com\n",
    "email\na@example.com\n".encode("utf-16-be"),
    "email\na@example.com\n".encode("utf-32-be"),
    bytes(range(256)),
    b"\xff\xfe",
    b"\xff" * 1_001,
    b"\x1b$B\x1b$)C~{\n" * 50,
    b"\xd8\x00" * 100,
    b"email\n" + bytes(range(128, 256)) * 20,
]


@pytest.mark.parametrize("name", CODECS)
def test_no_encoding_and_no_bytes_do_anything_but_be_read_or_refused(name: str) -> None:
    encoding, field = outcome(lambda: check_encoding(name))
    assert field in (None, ("encoding",))
    if encoding is None:
        return
    for content in BYTES:
        found, field = outcome(lambda content=content: read(content, BLOCK_BYTES, encoding))  # type: ignore[misc]
        assert found or field in (("file",), ("encoding",))


def outcome(call: Callable[[], T]) -> tuple[T | None, tuple[str, ...] | None]:
    """What a call returns, or the field that it refuses."""
    try:
        return call(), None
    except Invalid as refused:
        return None, refused.field


@pytest.mark.parametrize("name", ["utf-16", "utf-32"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_a_file_that_is_said_to_be_utf_16_needs_no_byte_order_mark(name: str, order: str) -> None:
    content = POLISH.encode(f"{name}-{order}")
    assert read(content, 7, check_encoding(name)) == read(POLISH.encode())


def test_a_replacement_character_of_the_file_itself_is_a_character() -> None:
    _, records = read("email;name\na@example.com;\ufffd\n".encode(), 1_000)
    assert records == [(2, ["a@example.com", "\ufffd"])]
