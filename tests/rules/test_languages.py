"""Language tags: which written language a tag stands for, and which text fits a reader best."""

from __future__ import annotations

import pytest

from preference_center.rules.languages import best_match, written_language


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("pl", "pl"),
        ("pl-PL", "pl"),
        ("pt_BR", "pt"),
        ("sr-Latn-RS", "sr"),
        ("zh", "zh-hans"),
        ("zh-CN", "zh-hans"),
        ("zh-SG", "zh-hans"),
        ("zh-TW", "zh-hant"),
        ("zh-HK", "zh-hant"),
        ("zh-MO", "zh-hant"),
        ("zh-Hant-MY", "zh-hant"),
        ("zh-Hans-TW", "zh-hans"),
    ],
)
def test_a_region_makes_no_difference_except_for_the_script_of_chinese(tag: str, expected: str) -> None:
    assert written_language(tag) == expected


@pytest.mark.parametrize(
    ("tags", "wanted", "expected"),
    [
        (["en", "pl"], "pl", "pl"),
        (["en", "pl"], "PL_pl", "pl"),
        (["pt-PT", "pt-BR"], "pt-BR", "pt-BR"),
        (["pt-BR", "pt"], "pt-PT", "pt"),
        (["en", "pt-BR"], "pt", "pt-BR"),
        (["zh", "zh-TW"], "zh-Hant", "zh-TW"),
        (["zh-HK", "zh-Hant"], "zh-TW", "zh-Hant"),
        (["zh-CN", "en"], "zh-Hans", "zh-CN"),
        (["en", "zh"], "zh-Hant", "zh"),
        (["en", "zh-Hans"], "zh-Hant", None),
        (["zh-Hant"], "zh-CN", None),
        (["en", "nn"], "no", None),
        ([], "en", None),
    ],
)
def test_the_best_match_of_several_texts(tags: list[str], wanted: str, expected: str | None) -> None:
    assert best_match(tags, wanted) == expected
