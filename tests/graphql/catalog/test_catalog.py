"""Business units and subscription types over GraphQL."""

from __future__ import annotations

import asyncio
from base64 import b64encode

import pytest

from preference_center.catalog import catalog as catalog_cache
from preference_center.catalog import changes as catalog_changes
from preference_center.catalog.catalog import exact_catalog
from tests.conftest import Brands
from tests.graphql.conftest import Api

UNIT = "businessUnit { key name dataPrivacy resubscribe defaultLocale colour postalAddress }"
TYPE = """subscriptionType { key name description purpose channels isPublic doubleOptIn archivedAt
  businessUnit { key } }"""


def mutation(name: str, shown: str) -> str:
    """`createBusinessUnit` takes a `CreateBusinessUnitInput`."""
    input = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation ($i: {input}) {{ {name}(input: $i) {{ {shown} userErrors {{ code field }} }} }}"


CREATE_UNIT, UPDATE_UNIT = mutation("createBusinessUnit", UNIT), mutation("updateBusinessUnit", UNIT)
CREATE_TYPE, UPDATE_TYPE = mutation("createSubscriptionType", TYPE), mutation("updateSubscriptionType", TYPE)
ARCHIVE = mutation("archiveSubscriptionType", TYPE)


async def test_a_business_unit_is_created_with_defaults_and_updated_field_by_field(api: Api) -> None:
    payload = await api.execute(CREATE_UNIT, i={"key": "coffee", "name": "Coffee", "colour": "#123abc"})
    assert payload["businessUnit"] == {
        "key": "coffee", "name": "Coffee", "dataPrivacy": True, "resubscribe": "WITH_LEGAL_BASIS",
        "defaultLocale": "en", "colour": "#123abc", "postalAddress": None,
    }  # fmt: skip
    changed = await api.execute(
        UPDATE_UNIT, i={"key": "coffee", "dataPrivacy": False, "postalAddress": "1 Bean St"}
    )
    assert changed["businessUnit"]["dataPrivacy"] is False
    assert (changed["businessUnit"]["name"], changed["businessUnit"]["postalAddress"]) == (
        "Coffee",
        "1 Bean St",
    )
    assert await api.execute('{ businessUnit(key: "coffee") { name dataPrivacy } }') == {
        "name": "Coffee",
        "dataPrivacy": False,
    }


async def test_a_type_has_names_in_several_languages(api: Api) -> None:
    input = {
        "key": "news", "businessUnit": "acme", "name": {"en": "News", "pl": "Wieści"},
        "description": {"en": "Once a week."}, "channels": ["SMS", "EMAIL"],
    }  # fmt: skip
    payload = await api.execute(CREATE_TYPE, i=input)
    assert payload["subscriptionType"] == {
        "key": "news", "name": "News", "description": "Once a week.", "purpose": "MARKETING",
        "channels": ["EMAIL", "SMS"], "isPublic": True, "doubleOptIn": False, "archivedAt": None,
        "businessUnit": {"key": "acme"},
    }  # fmt: skip
    names = await api.execute(
        '{ subscriptionType(key: "news") { pl: name(locale: "pl") fr: name(locale: "fr") id } }'
    )
    assert (names["pl"], names["fr"]) == ("Wieści", "News")
    changed = await api.execute(UPDATE_TYPE, i={"key": "news", "doubleOptIn": True})
    assert (changed["subscriptionType"]["doubleOptIn"], changed["subscriptionType"]["name"]) == (True, "News")


TRANSLATIONS = '{ subscriptionType(key: "news") { translations { locale name description } } }'


async def test_an_update_changes_the_languages_it_names_and_null_removes_one(api: Api) -> None:
    input = {
        "key": "news", "businessUnit": "acme", "name": {"en": "News", "pl": "Wieści", "pt_br": "Notícias"},
        "description": {"pl": "Raz w tygodniu.", "sv": "Varje vecka."},
    }  # fmt: skip
    assert (await api.execute(CREATE_TYPE, i=input))["userErrors"] == []
    change = {"key": "news", "name": {"pl": None, "de": "Neues", "PT-BR": "Novidades"},
              "description": {"en": "Once a week.", "sv": None, "fr": None}}  # fmt: skip
    assert (await api.execute(UPDATE_TYPE, i=change))["userErrors"] == []
    assert (await api.execute(TRANSLATIONS))["translations"] == [
        {"locale": "de", "name": "Neues", "description": None},
        {"locale": "en", "name": "News", "description": "Once a week."},
        {"locale": "pl", "name": "News", "description": "Raz w tygodniu."},
        {"locale": "pt-BR", "name": "Novidades", "description": None},
    ]
    for unchanged in ({"name": None, "description": None}, {"description": {}}, {"doubleOptIn": True}):
        assert (await api.execute(UPDATE_TYPE, i={"key": "news", **unchanged}))["userErrors"] == []
    assert len((await api.execute(TRANSLATIONS))["translations"]) == 4
    without = {"key": "news", "description": {"en": None, "pl": None}}
    assert (await api.execute(UPDATE_TYPE, i=without))["subscriptionType"]["description"] == ""


@pytest.mark.parametrize(
    "change",
    [
        {"name": {}},
        {"name": {"en": None}},
        {"name": {"en": ""}},
        {"name": {"en": "A", "EN": "B"}},
        {"name": {"en": "A", "EN": None}},
        {"name": ["News"]},
        {"name": {"not a language": None}},
        {"description": "Text"},
        {"description": {"en": 5}},
    ],
)
async def test_a_change_of_texts_that_cannot_be_made_leaves_all_as_they_are(
    api: Api, change: dict[str, object]
) -> None:
    input = {"key": "news", "businessUnit": "acme", "name": {"en": "News"}, "description": {"en": "Weekly."}}
    await api.execute(CREATE_TYPE, i=input)
    (error,) = (await api.execute(UPDATE_TYPE, i={"key": "news", **change}))["userErrors"]
    assert (error["code"], error["field"][0]) == ("INVALID_VALUE", next(iter(change)))
    assert (await api.execute(TRANSLATIONS))["translations"] == [
        {"locale": "en", "name": "News", "description": "Weekly."}
    ]


async def test_two_languages_changed_at_the_same_time_are_both_kept(api: Api) -> None:
    await api.execute(CREATE_TYPE, i={"key": "news", "businessUnit": "acme", "name": {"en": "News"}})
    languages = ["de", "fr", "pl", "sv"]
    changes = (api.execute(UPDATE_TYPE, i={"key": "news", "name": {tag: tag}}) for tag in languages)
    await asyncio.gather(*changes)
    kept = [each["locale"] for each in (await api.execute(TRANSLATIONS))["translations"]]
    assert kept == sorted([*languages, "en"])


async def test_an_archived_type_is_listed_on_request_and_can_be_restored(api: Api) -> None:
    archived = await api.execute(ARCHIVE, i={"key": "weekly-digest"})
    assert archived["subscriptionType"]["archivedAt"] is not None
    listed = '{ subscriptionTypes(businessUnit: "acme") { key } }'
    assert "weekly-digest" not in str(await api.execute(listed))
    assert "weekly-digest" in str(await api.execute(listed.replace('acme"', 'acme", includeArchived: true')))
    of_unit = """{ businessUnit(key: "acme") {
      now: subscriptionTypes { key } all: subscriptionTypes(includeArchived: true) { key } } }"""
    unit = await api.execute(of_unit)
    assert len(unit["all"]) == len(unit["now"]) + 1
    back = await api.execute(ARCHIVE, i={"key": "weekly-digest", "archived": False})
    assert back["subscriptionType"]["archivedAt"] is None


async def test_types_are_listed_by_business_unit_and_channel(api: Api) -> None:
    sms = await api.execute('{ subscriptionTypes(businessUnit: "bazaar", channel: SMS) { key } }')
    assert sms == [{"key": "alerts"}]
    assert await api.execute('{ subscriptionTypes(businessUnit: "no-such") { key } }') == []
    assert await api.execute('{ subscriptionType(key: "no-such") { key } }') is None
    assert await api.execute('{ businessUnit(key: "\\u0000") { key } }') is None


async def test_invalid_catalog_input_is_refused_and_the_error_names_the_field(api: Api) -> None:
    unit, type_ = {"key": "x", "name": "X"}, {"key": "x", "businessUnit": "acme", "name": {"en": "X"}}
    for document, input, code, field in (
        (CREATE_UNIT, {**unit, "key": "Not A Key"}, "INVALID_VALUE", "key"),
        (CREATE_UNIT, {**unit, "key": "acme"}, "ALREADY_EXISTS", "key"),
        (CREATE_UNIT, {**unit, "name": "\x00"}, "INVALID_VALUE", "name"),
        (CREATE_UNIT, {**unit, "colour": "red"}, "INVALID_VALUE", "colour"),
        (CREATE_UNIT, {**unit, "logo": "https://example.com/logo.png"}, "INVALID_VALUE", "logo"),
        (CREATE_UNIT, {**unit, "logo": "data:image/png;base64,AAAA="}, "INVALID_VALUE", "logo"),
        (CREATE_UNIT, {**unit, "logo": "data:image/png;base64,R0lGODlh"}, "INVALID_VALUE", "logo"),
        (CREATE_UNIT, {**unit, "logo": "data:text/html;base64,PHN2Zz4="}, "INVALID_VALUE", "logo"),
        (UPDATE_UNIT, {"key": "acme", "logo": _svg(16 * 1024 + 1)}, "INVALID_VALUE", "logo"),
        (UPDATE_UNIT, {"key": "no-such", "name": "X"}, "NOT_FOUND", "key"),
        (CREATE_TYPE, {**type_, "businessUnit": "no-such"}, "NOT_FOUND", "businessUnit"),
        (CREATE_TYPE, {**type_, "name": "X"}, "INVALID_VALUE", "name"),
        (CREATE_TYPE, {**type_, "name": {"en": "X", "pl": None}}, "INVALID_VALUE", "name"),
        (CREATE_TYPE, {**type_, "channels": []}, "INVALID_VALUE", "channels"),
        (CREATE_TYPE, {**type_, "key": "weekly-digest"}, "ALREADY_EXISTS", "key"),
        (UPDATE_TYPE, {"key": "no-such"}, "NOT_FOUND", "key"),
        (ARCHIVE, {"key": "no-such"}, "NOT_FOUND", "key"),
    ):
        (error,) = (await api.execute(document, i=input))["userErrors"]
        assert (input, error["code"], error["field"][0]) == (input, code, field)
    assert len(await api.execute("{ businessUnits { key } }")) == 2


async def test_a_change_of_the_catalog_by_another_process_takes_effect_at_once(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = """mutation ($key: Key!) { updatePreferences(input: {recipient: {email: "alice@example.com"},
      changes: [{subscriptionType: $key, status: OPTED_OUT}]})
      { outcomes { changed } userErrors { code } } }"""
    may = """{ eligibility(subscriptionType: "weekly-digest", channel: EMAIL, addresses: ["bob@x.com"]) {
      eligibility { reason } } }"""
    await exact_catalog()
    stale = catalog_cache._cached
    await catalog_changes.create_type(key="fresh", business_unit="acme", name={"en": "Fresh"})
    await catalog_changes.archive_type("weekly-digest")
    monkeypatch.setattr(catalog_cache, "_cached", stale)  # as it is in another process, for a second
    assert await api.execute(change, key="fresh") == {"outcomes": [{"changed": True}], "userErrors": []}
    monkeypatch.setattr(catalog_cache, "_cached", stale)
    assert await api.execute(may) == [{"eligibility": {"reason": "TYPE_UNAVAILABLE"}}]


async def test_a_logo_larger_than_16_kib_is_refused_with_its_size(api: Api) -> None:
    change = """mutation ($logo: String) { updateBusinessUnit(input: {key: "acme", logo: $logo}) {
      userErrors { message field } } }"""
    (refused,) = (await api.execute(change, logo=_svg(20 * 1024)))["userErrors"]
    assert refused["field"] == ["logo"]
    assert "at most 16 KiB, so that pages stay light, not 20" in refused["message"]
    assert (await api.execute(change, logo=_svg(16 * 1024)))["userErrors"] == []


def _svg(size: int) -> str:
    return "data:image/svg+xml;base64," + b64encode(b"<svg/>".ljust(size)).decode()
