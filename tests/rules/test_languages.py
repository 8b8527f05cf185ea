"""Language tags: who reads what, and which of the texts there are suits them."""

from __future__ import annotations

import pytest

from preference_center.rules.languages import matching, tongue


@pytest.mark.parametrize(
    ("tag", "read"),
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
def test_a_region_makes_no_other_language_but_chinese_is_told_by_its_script(tag: str, read: str) -> None:
    assert tongue(tag) == read


@pytest.mark.parametrize(
    ("tags", "wanted", "found"),
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
def test_the_nearest_text_suits(tags: list[str], wanted: str, found: str | None) -> None:
    assert matching(tags, wanted) == found
