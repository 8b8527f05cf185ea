"""A brand's own look over GraphQL: what is set is read back, what is refused names its field."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_type
from tests.conftest import Brands
from tests.graphql.conftest import Api


def image(text: str) -> str:
    """A small picture that differs by its text."""
    return "data:image/svg+xml;base64," + b64encode(f"<svg>{text}</svg>".encode()).decode()


LOOK = """appearance { primaryColour logo darkLogo favicon background darkBackground cornerRadius font
  footerLinks { kind url label } websiteUrl languages intro customTexts { key locale text } leavingReasons
  senderName senderAddress replyTo publicUrl preferencePageScope }"""
UPDATE = (
    "mutation ($i: UpdateBusinessUnitInput!) { updateBusinessUnit(input: $i)"
    f" {{ businessUnit {{ colour logo {LOOK} }} userErrors {{ code field message }} }} }}"
)
CREATE = UPDATE.replace("Update", "Create").replace("update", "create")
DEFAULTS: dict[str, Any] = {
    "primaryColour": "#3d5a80", "logo": None, "darkLogo": None, "favicon": None, "background": None,
    "darkBackground": None, "cornerRadius": None, "font": "SYSTEM", "footerLinks": [], "websiteUrl": None,
    "languages": [], "intro": None, "customTexts": [], "leavingReasons": True, "senderName": None,
    "senderAddress": None, "replyTo": None, "publicUrl": None, "preferencePageScope": "ALL_UNITS",
}  # fmt: skip
EVERYTHING: dict[str, Any] = {
    "primaryColour": "#ffcc00", "logo": image("logo"), "darkLogo": image("dark"), "favicon": image("icon"),
    "background": "#fffaf0", "darkBackground": "#101820", "cornerRadius": 0, "font": "BOOK",
    "footerLinks": [
        {"kind": "PRIVACY", "url": "https://coffee.example/privacy?lang=en", "label": None},
        {"kind": "OTHER", "url": "https://coffee.example", "label": {"en": "Shops", "pl": "Sklepy"}},
    ],
    "websiteUrl": "https://coffee.example/", "languages": ["en", "pl"],
    "intro": {"en": "Good to see you."},
    "customTexts": [
        {"key": "PREFERENCES_HEADING", "locale": "en", "text": "Your 100% <own> letters"},
        {"key": "CONFIRM_HEADING", "locale": "pl", "text": "Chcesz {type}?"},
    ],
    "leavingReasons": False, "senderName": "Coffee Club", "senderAddress": "club@coffee.example",
    "replyTo": "help@coffee.example", "publicUrl": "https://mail.coffee.example",
    "preferencePageScope": "OWN_UNIT",
}  # fmt: skip


async def test_everything_is_read_back_kept_by_later_changes_and_cleared_by_null(api: Api) -> None:
    unit = (await api.execute(CREATE, i={"key": "coffee", "name": "Coffee"}))["businessUnit"]
    assert unit["appearance"] == DEFAULTS
    payload = await api.execute(UPDATE, i={"key": "coffee", "appearance": EVERYTHING})
    assert payload == {
        "businessUnit": {"colour": "#ffcc00", "logo": EVERYTHING["logo"], "appearance": EVERYTHING},
        "userErrors": [],
    }
    # Lists are replaced as a whole; what is left out stays.
    fewer = {"footerLinks": EVERYTHING["footerLinks"][:1], "cornerRadius": None}
    changed = await api.execute(UPDATE, i={"key": "coffee", "colour": "#000000", "appearance": fewer})
    assert changed["userErrors"] == []
    assert changed["businessUnit"]["appearance"] == {**EVERYTHING, **fewer, "primaryColour": "#000000"}
    cleared = await api.execute(UPDATE, i={"key": "coffee", "appearance": dict.fromkeys(DEFAULTS)})
    assert cleared["businessUnit"] == {"colour": "#3d5a80", "logo": None, "appearance": DEFAULTS}


async def test_a_unit_is_created_with_its_look(api: Api) -> None:
    payload = await api.execute(CREATE, i={"key": "coffee", "name": "Coffee", "appearance": EVERYTHING})
    assert payload["businessUnit"]["appearance"] == EVERYTHING


def custom(key: str, text: str, locale: str = "en") -> dict[str, Any]:
    """An appearance with one own text."""
    return {"customTexts": [{"key": key, "locale": locale, "text": text}]}


def link(url: str, kind: str = "HELP", label: Any = None) -> dict[str, Any]:
    """An appearance with one footer link."""
    return {"footerLinks": [{"kind": kind, "url": url, "label": label}]}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"primaryColour": "red"}, "primaryColour"),
    ({"background": "#fff"}, "background"),
    ({"darkLogo": "https://elsewhere.example/logo.svg"}, "darkLogo"),
    ({"favicon": image("x" * 16 * 1024)}, "favicon"),
    ({"cornerRadius": 25}, "cornerRadius"),
    ({"cornerRadius": -1}, "cornerRadius"),
    ({"languages": ["en", "cs"]}, "languages.1"),
    ({"intro": {"en": "x" * 501}}, "intro.en"),
    ({"senderAddress": "nobody"}, "senderAddress"),
    ({"senderName": " \u200b"}, "senderName"),
    ({"replyTo": "kąt@acme.example"}, "replyTo"),
    ({"publicUrl": "https://mail.acme.example/path"}, "publicUrl"),
    ({"publicUrl": "https://a:b@mail.acme.example"}, "publicUrl"),
    ({"websiteUrl": "//acme.example"}, "websiteUrl"),
    (link("javascript:alert(1)"), "footerLinks.0.url"),
    (link("https://acme.example@evil.example/"), "footerLinks.0.url"),
    (link('https://acme.example/">'), "footerLinks.0.url"),
    (link("ftp://acme.example"), "footerLinks.0.url"),
    (link("https://acme.example", "OTHER"), "footerLinks.0.label"),
    (link("https://acme.example", label={"en": " "}), "footerLinks.0.label.en"),
    ({"footerLinks": link("https://acme.example")["footerLinks"] * 9}, "footerLinks"),
    # No text can be empty, or look as if it were: that would hide the way out.
    (custom("UNSUBSCRIBE_HEADING", " \u200b\u2060"), "customTexts.0.text"),
    (custom("UNSUBSCRIBE_HEADING", "\u3164"), "customTexts.0.text"),
    (custom("UNSUBSCRIBE_HEADING", "\u2800 …"), "customTexts.0.text"),
    (custom("STOP_ALL_SMS", "{unit}"), "customTexts.0.text"),
    (custom("STOP_ALL_SMS", "\u202eStop"), "customTexts.0.text"),
    (custom("UNSUBSCRIBE_HEADING", "x" * 301), "customTexts.0.text"),
    (custom("UNSUBSCRIBE_HEADING", "Leave {name}"), "customTexts.0.text"),
    (custom("CONFIRM_HEADING", "Do you want this?"), "customTexts.0.text"),
    (custom("UNSUBSCRIBE_HEADING", "Leave", "cs"), "customTexts.0.locale"),
    ({"customTexts": custom("LEAVING_REASON_THANKS", "Done")["customTexts"] * 2}, "customTexts.1"),
]


async def test_what_is_refused_names_its_field(api: Api) -> None:
    for look, field in REFUSED:
        payload = await api.execute(UPDATE, i={"key": "acme", "appearance": look})
        assert payload["businessUnit"] is None, look
        assert [error["field"] for error in payload["userErrors"]] == [["appearance", *field.split(".")]]


async def test_an_unknown_placeholder_is_answered_with_those_that_there_are(api: Api) -> None:
    payload = await api.execute(
        UPDATE, i={"key": "acme", "appearance": custom("CONFIRM_HEADING", "{brand}?")}
    )
    messages = " ".join(error["message"] for error in payload["userErrors"])
    assert "There is no placeholder {brand} in this text. It may have {type}." in messages
    assert "needs the placeholder {type}" in messages


async def test_a_colour_given_twice_must_be_the_same(api: Api) -> None:
    twice = {"key": "acme", "colour": "#111111", "appearance": {"primaryColour": "#222222"}}
    (refused,) = (await api.execute(UPDATE, i=twice))["userErrors"]
    assert refused["field"] == ["appearance", "primaryColour"]
    twice["appearance"] = {"primaryColour": "#111111"}
    assert (await api.execute(UPDATE, i=twice))["businessUnit"]["colour"] == "#111111"


async def test_the_texts_of_a_unit_are_its_own_or_those_of_sayso(api: Api) -> None:
    await api.execute(UPDATE, i={"key": "acme", "appearance": custom("CONFIRM_HEADING", "Want {type}?")})
    texts = await api.execute('{ businessUnit(key: "acme") { texts { key text custom placeholders } } }')
    by_key = {text.pop("key"): text for text in texts["texts"]}
    assert by_key["CONFIRM_HEADING"] == {"text": "Want {type}?", "custom": True, "placeholders": ["type"]}
    assert by_key["STOP_ALL_SMS"]["custom"] is False
    assert "{unit}" in by_key["STOP_ALL_SMS"]["text"]
    polish = await api.execute('{ businessUnit(key: "acme") { texts(locale: "pl") { key custom text } } }')
    assert not any(text["custom"] for text in polish["texts"])


TYPES = '{ businessUnit(key: "acme") { subscriptionTypes { key position } } }'
TYPE = 'subscriptionType { key position group polish: group(locale: "pl") frequency }'


async def test_types_have_an_order_groups_and_notes(api: Api, brands: Brands) -> None:
    create = (
        "mutation ($i: CreateSubscriptionTypeInput!) { createSubscriptionType(input: $i)"
        f" {{ {TYPE} userErrors {{ field }} }} }}"
    )
    update = create.replace("Create", "Update").replace("create", "update")
    order = (
        "mutation ($i: OrderSubscriptionTypesInput!) { orderSubscriptionTypes(input: $i)"
        " { businessUnit { subscriptionTypes { key } } userErrors { code field } } }"
    )

    async def keys() -> list[str]:
        return [type_["key"] for type_ in (await api.execute(TYPES))["subscriptionTypes"]]

    before = await keys()
    last_first = list(reversed(before))
    payload = await api.execute(order, i={"businessUnit": "acme", "subscriptionTypes": last_first[:2]})
    assert payload["userErrors"] == []
    reordered = last_first[:2] + [key for key in before if key not in last_first[:2]]
    assert await keys() == reordered
    news = {
        "key": "news", "businessUnit": "acme", "name": {"en": "News"},
        "group": {"en": "Letters", "pl": "Listy"}, "frequency": {"en": "about twice a month"},
    }  # fmt: skip
    made = (await api.execute(create, i=news))["subscriptionType"]
    assert await keys() == [*reordered, "news"], "a new type comes last"
    assert (made["group"], made["polish"], made["frequency"]) == ("Letters", "Listy", "about twice a month")
    changes = {"key": "news", "position": 0, "group": {}, "frequency": {"en": None}}
    changed = (await api.execute(update, i=changes))["subscriptionType"]
    assert changed == {"key": "news", "position": 0, "group": None, "polish": None, "frequency": None}
    assert await keys() == ["news", *reordered]
    catalog = await exact_catalog()
    assert [type_.key for type_ in catalog.types_of(catalog.unit_by_key("acme"))] == await keys()  # type: ignore[arg-type]


async def test_only_types_of_the_unit_can_be_ordered(api: Api, brands: Brands) -> None:
    order = (
        "mutation ($i: OrderSubscriptionTypesInput!) { orderSubscriptionTypes(input: $i)"
        " { businessUnit { key } userErrors { code field } } }"
    )
    await create_type("one", "acme", {"en": "One"})
    other = next(t.key for t in (await exact_catalog()).types if t.business_unit.key != "acme")
    payload = await api.execute(
        order, i={"businessUnit": "acme", "subscriptionTypes": ["one", other, "one", "x"]}
    )
    assert payload["businessUnit"] is None
    assert [error["field"][-1] for error in payload["userErrors"]] == ["1", "2", "3"]
