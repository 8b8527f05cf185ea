"""Business units and subscription types over GraphQL."""

from __future__ import annotations

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
    given = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation ($i: {given}) {{ {name}(input: $i) {{ {shown} userErrors {{ code field }} }} }}"


CREATE_UNIT, UPDATE_UNIT = mutation("createBusinessUnit", UNIT), mutation("updateBusinessUnit", UNIT)
CREATE_TYPE, UPDATE_TYPE = mutation("createSubscriptionType", TYPE), mutation("updateSubscriptionType", TYPE)
ARCHIVE = mutation("archiveSubscriptionType", TYPE)


async def test_a_unit_is_made_with_what_is_usual_and_changed_where_it_is_said(api: Api) -> None:
    made = await api.ask(CREATE_UNIT, i={"key": "coffee", "name": "Coffee", "colour": "#123abc"})
    assert made["businessUnit"] == {
        "key": "coffee", "name": "Coffee", "dataPrivacy": True, "resubscribe": "WITH_LEGAL_BASIS",
        "defaultLocale": "en", "colour": "#123abc", "postalAddress": None,
    }  # fmt: skip
    changed = await api.ask(
        UPDATE_UNIT, i={"key": "coffee", "dataPrivacy": False, "postalAddress": "1 Bean St"}
    )
    assert changed["businessUnit"]["dataPrivacy"] is False
    assert (changed["businessUnit"]["name"], changed["businessUnit"]["postalAddress"]) == (
        "Coffee",
        "1 Bean St",
    )
    assert await api.ask('{ businessUnit(key: "coffee") { name dataPrivacy } }') == {
        "name": "Coffee",
        "dataPrivacy": False,
    }


async def test_a_type_has_names_in_several_languages(api: Api) -> None:
    given = {
        "key": "news", "businessUnit": "acme", "name": {"en": "News", "pl": "Wieści"},
        "description": {"en": "Once a week."}, "channels": ["SMS", "EMAIL"],
    }  # fmt: skip
    made = await api.ask(CREATE_TYPE, i=given)
    assert made["subscriptionType"] == {
        "key": "news", "name": "News", "description": "Once a week.", "purpose": "MARKETING",
        "channels": ["EMAIL", "SMS"], "isPublic": True, "doubleOptIn": False, "archivedAt": None,
        "businessUnit": {"key": "acme"},
    }  # fmt: skip
    asked = await api.ask(
        '{ subscriptionType(key: "news") { pl: name(locale: "pl") fr: name(locale: "fr") id } }'
    )
    assert (asked["pl"], asked["fr"]) == ("Wieści", "News")
    changed = await api.ask(UPDATE_TYPE, i={"key": "news", "doubleOptIn": True})
    assert (changed["subscriptionType"]["doubleOptIn"], changed["subscriptionType"]["name"]) == (True, "News")


async def test_an_archived_type_is_shown_where_it_is_asked_for_and_can_come_back(api: Api) -> None:
    archived = await api.ask(ARCHIVE, i={"key": "weekly-digest"})
    assert archived["subscriptionType"]["archivedAt"] is not None
    listed = '{ subscriptionTypes(businessUnit: "acme") { key } }'
    assert "weekly-digest" not in str(await api.ask(listed))
    assert "weekly-digest" in str(await api.ask(listed.replace('acme"', 'acme", includeArchived: true')))
    of_unit = """{ businessUnit(key: "acme") {
      now: subscriptionTypes { key } all: subscriptionTypes(includeArchived: true) { key } } }"""
    unit = await api.ask(of_unit)
    assert len(unit["all"]) == len(unit["now"]) + 1
    back = await api.ask(ARCHIVE, i={"key": "weekly-digest", "archived": False})
    assert back["subscriptionType"]["archivedAt"] is None


async def test_types_are_listed_by_unit_and_channel(api: Api) -> None:
    sms = await api.ask('{ subscriptionTypes(businessUnit: "bazaar", channel: SMS) { key } }')
    assert sms == [{"key": "alerts"}]
    assert await api.ask('{ subscriptionTypes(businessUnit: "no-such") { key } }') == []
    assert await api.ask('{ subscriptionType(key: "no-such") { key } }') is None
    assert await api.ask('{ businessUnit(key: "\\u0000") { key } }') is None


async def test_what_cannot_be_kept_is_refused_by_field(api: Api) -> None:
    unit, kind = {"key": "x", "name": "X"}, {"key": "x", "businessUnit": "acme", "name": {"en": "X"}}
    for asked, given, code, field in (
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
        (CREATE_TYPE, {**kind, "businessUnit": "no-such"}, "NOT_FOUND", "businessUnit"),
        (CREATE_TYPE, {**kind, "name": "X"}, "INVALID_VALUE", "name"),
        (CREATE_TYPE, {**kind, "channels": []}, "INVALID_VALUE", "channels"),
        (CREATE_TYPE, {**kind, "key": "weekly-digest"}, "ALREADY_EXISTS", "key"),
        (UPDATE_TYPE, {"key": "no-such"}, "NOT_FOUND", "key"),
        (ARCHIVE, {"key": "no-such"}, "NOT_FOUND", "key"),
    ):
        (error,) = (await api.ask(asked, i=given))["userErrors"]
        assert (given, error["code"], error["field"][0]) == (given, code, field)
    assert len(await api.ask("{ businessUnits { key } }")) == 2


async def test_what_another_process_changed_just_now_counts_at_once(
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
    assert await api.ask(change, key="fresh") == {"outcomes": [{"changed": True}], "userErrors": []}
    monkeypatch.setattr(catalog_cache, "_cached", stale)
    assert await api.ask(may) == [{"eligibility": {"reason": "TYPE_UNAVAILABLE"}}]


async def test_a_logo_too_large_for_light_pages_is_refused_and_told_its_size(api: Api) -> None:
    change = """mutation ($logo: String) { updateBusinessUnit(input: {key: "acme", logo: $logo}) {
      userErrors { message field } } }"""
    (refused,) = (await api.ask(change, logo=_svg(20 * 1024)))["userErrors"]
    assert refused["field"] == ["logo"]
    assert "at most 16 KiB, so that pages stay light, not 20" in refused["message"]
    assert (await api.ask(change, logo=_svg(16 * 1024)))["userErrors"] == []


def _svg(size: int) -> str:
    return "data:image/svg+xml;base64," + b64encode(b"<svg/>".ljust(size)).decode()
