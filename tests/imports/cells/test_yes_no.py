"""Yes and no in many languages, and cells without a value."""

from __future__ import annotations

import pytest

from preference_center.imports.cells.yes_no import is_blank, is_blank_name, yes_or_no

YES = """
1|1.0|1,0|true|TRUE|Yes|y|x|on|✓|✔️|☑|WAHR|VRAI|VERDADERO|VERDADEIRO|VERO|PRAWDA|WAAR|SANT|SAND|SANN|TOSI
IGAZ|ADEVĂRAT
PRAVDA|ИСТИНА|ІСТИНА|ΑΛΗΘΗΣ|DOĞRU|是|真|はい|참|예|有|ja|oui|sí|si|sim|tak|ano|да|так|ναι|evet|kyllä|igen
כן|نعم
Active|Confirmed|subscribed|Opted in|opted-in|OPTED_IN|"Yes"|=TRUE()|TRUE()|accepted|Ｙｅｓ
"""
NO = """
0|0.0|0,0|false|No|n|off|FALSCH|FAUX|FALSO|FAŁSZ|ONWAAR|FALSKT|FALSK|EPÄTOSI|HAMIS|FALS|NEPRAVDA|ЛОЖЬ
ХИБНІСТЬ
ΨΕΥΔΗΣ|YANLIŞ|否|假|偽|いいえ|거짓|아니오|nein|non|não|nie|ne|нет|ні|όχι|HAYIR|hayır|ei|nem|לא|لا|inactive
unsubscribed|Opted out
not_opted|=FALSE()|✗|❌|×
"""


def cells(text: str) -> list[str]:
    return [cell for line in text.strip().splitlines() for cell in line.split("|")]


@pytest.mark.parametrize("cell", cells(YES))
def test_a_yes_of_any_language_is_a_yes(cell: str) -> None:
    assert yes_or_no(cell) is True


@pytest.mark.parametrize("cell", cells(NO))
def test_a_no_of_any_language_is_a_no(cell: str) -> None:
    assert yes_or_no(cell) is False


@pytest.mark.parametrize("cell", ["", "perhaps", "10", "00", "2", "101", "yes or no", "ноль", "名", "-"])
def test_anything_else_is_neither(cell: str) -> None:
    assert yes_or_no(cell) is None


@pytest.mark.parametrize("cell", ["", " ", "-", "--", "N/A", "#N/A", "#NV", "null", "\\N", "None", "(null)"])
def test_a_cell_can_say_that_there_is_no_value(cell: str) -> None:
    assert is_blank(cell)


def test_people_may_have_names_that_mean_no_value() -> None:
    assert not any(map(is_blank_name, ["Null", "None", "Na", "Nan", "Nil"]))
    assert all(map(is_blank_name, ["", "-", "N/A", "\\N"]))
