"""Links over GraphQL: for a message's recipients, by mail, and revoked (R31-R35)."""

from __future__ import annotations

from typing import Any

from preference_center.config.settings import Settings
from preference_center.links.maker import link_maker
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.references import unit_reference
from preference_center.storage import database
from schema.contract.ids import global_id
from tests.conftest import ALICE, ALICE_PHONE, BOB, PUBLIC_URL, Clock
from tests.graphql.conftest import Api, token

CREATE = """mutation ($i: CreatePreferenceLinksInput!) { createPreferenceLinks(input: $i) {
  links { manageUrl unsubscribeUrl unsubscribeAllUrl listUnsubscribe listUnsubscribePost
    footerHtml footerText }
  userErrors { code field } } }"""


async def contact(api: Api, **given: Any) -> str:
    made = await api.ask(
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }", i=given
    )
    found: str = made["contact"]["id"]
    return found


async def test_a_message_gets_its_links_headers_and_footers(api: Api, db: Settings) -> None:
    """R31, R32: no address stands in a link, and each kind does its own."""
    made = await api.ask(
        CREATE,
        i={
            "recipients": [{"email": " ALICE@example.com"}],
            "subscriptionType": "weekly-digest",
            "campaign": "may",
        },
    )
    (links,) = made["links"]
    maker, alice = link_maker(db), recipients.fingerprint_of(parse(ALICE))
    out = maker.read_withdraw(links["unsubscribeUrl"].removeprefix(f"{PUBLIC_URL}/u/"))
    assert (out.fingerprint, out.campaign) == (alice, "may")
    claim = maker.read_manage(links["manageUrl"].removeprefix(f"{PUBLIC_URL}/p/"), database.now())
    assert claim.fingerprint == alice
    assert links["unsubscribeAllUrl"] != links["unsubscribeUrl"]
    assert links["listUnsubscribe"] == f"<{links['unsubscribeUrl']}>"
    assert links["listUnsubscribePost"] == "List-Unsubscribe=One-Click"
    assert links["manageUrl"] in links["footerText"]
    assert "Weekly digest" in links["footerHtml"]
    assert "alice" not in str(links).lower()


async def test_the_footer_speaks_the_recipients_language_unless_the_message_has_one(api: Api) -> None:
    await contact(api, email=ALICE, locale="pl")
    given = {"recipients": [{"email": ALICE}, {"email": BOB}], "subscriptionType": "weekly-digest"}
    alice, bob = (await api.ask(CREATE, i=given))["links"]
    assert "Przegląd tygodnia" in alice["footerText"]
    assert "Weekly digest" in bob["footerText"]
    alice, _ = (await api.ask(CREATE, i={**given, "locale": "en"}))["links"]
    assert "Weekly digest" in alice["footerText"]


async def test_a_thousand_recipients_are_answered_in_their_order_with_the_bad_ones_left_null(
    api: Api,
) -> None:
    known = await contact(api, email=ALICE, phone=ALICE_PHONE)
    only_phone = await contact(api, phone="+48602345678")
    refs: list[dict[str, str]] = [{"email": f"person{n}@example.com"} for n in range(996)]
    refs[3:3] = [
        {"contact": known},
        {"contact": only_phone},
        {"email": "nobody"},
        {"contact": global_id("Contact", 999)},
    ]
    made = await api.ask(CREATE, i={"recipients": refs})
    assert [n for n, links in enumerate(made["links"]) if links is None] == [4, 5, 6]
    assert made["userErrors"] == [
        {"code": "ADDRESS_MISSING", "field": ["recipients", "4"]},
        {"code": "INVALID_ADDRESS", "field": ["recipients", "5", "email"]},
        {"code": "NOT_FOUND", "field": ["recipients", "6", "contact"]},
    ]
    assert len({links["manageUrl"] for links in made["links"] if links}) == 997


async def test_what_does_not_fit_together_is_refused_by_field(api: Api) -> None:
    one = {"recipients": [{"email": ALICE}]}
    for given, code, field in (
        ({"recipients": [{"email": ALICE}] * 1_001}, "INVALID_VALUE", ["recipients"]),
        ({**one, "subscriptionType": "no-such"}, "NOT_FOUND", ["subscriptionType"]),
        ({**one, "businessUnit": "no-such"}, "NOT_FOUND", ["businessUnit"]),
        ({**one, "businessUnit": "bazaar", "subscriptionType": "offers"}, "INVALID_VALUE", ["businessUnit"]),
        ({**one, "subscriptionType": "offers", "channel": "SMS"}, "CHANNEL_NOT_OFFERED", ["channel"]),
        ({**one, "campaign": "x" * 65}, "INVALID_VALUE", ["campaign"]),
        ({**one, "campaign": "\x00"}, "INVALID_VALUE", ["campaign"]),
    ):
        made = await api.ask(CREATE, i=given)
        assert made == {"links": [], "userErrors": [{"code": code, "field": field}]}
    sms = await api.ask(CREATE, i={**one, "channel": "SMS"})
    assert sms["userErrors"] == [{"code": "ADDRESS_MISSING", "field": ["recipients", "0"]}]


SEND = """mutation ($i: SendPreferenceLinkInput!) { sendPreferenceLink(input: $i) {
  sent userErrors { code field } } }"""


async def test_a_link_is_mailed_to_whom_somebody_spoke_of(api: Api) -> None:
    alice = {"recipient": {"email": ALICE}, "businessUnit": "acme"}
    refused = await api.ask(SEND, i=alice)
    assert refused == {"sent": False, "userErrors": [{"code": "NOT_FOUND", "field": ["recipient"]}]}
    await contact(api, email=ALICE, phone=ALICE_PHONE)
    assert await api.ask(SEND, i=alice) == {"sent": True, "userErrors": []}
    rows = await database.fetch("SELECT kind, address FROM outgoing_mails")
    assert [tuple(row) for row in rows] == [("LINK", ALICE)]


async def test_a_link_goes_to_a_phone_number_by_sms(api: Api) -> None:
    await contact(api, phone=ALICE_PHONE)
    alice = {"recipient": {"phone": ALICE_PHONE}, "businessUnit": "acme"}
    assert await api.ask(SEND, i=alice) == {"sent": True, "userErrors": []}
    rows = await database.fetch("SELECT kind, channel, address FROM outgoing_mails")
    assert [tuple(row) for row in rows] == [("LINK", "SMS", ALICE_PHONE)]


async def test_no_link_goes_to_whom_nobody_knows_the_address_of_any_more(api: Api) -> None:
    """R36."""
    await contact(api, email=ALICE)
    gone = {"recipient": {"email": ALICE}}
    erase = "mutation ($i: EraseRecipientInput!) { eraseRecipient(input: $i) { userErrors { code } } }"
    await api.ask(erase, i=gone)
    refused = await api.ask(SEND, i={**gone, "businessUnit": "acme"})
    assert refused == {"sent": False, "userErrors": [{"code": "ADDRESS_MISSING", "field": ["recipient"]}]}


async def test_revoking_makes_manage_links_worthless(api: Api) -> None:
    """R31."""
    await contact(api, email=ALICE)
    revoke = """mutation ($i: RevokePreferenceLinksInput!) { revokePreferenceLinks(input: $i) {
      recipient { address } userErrors { code } } }"""
    made = await api.ask(revoke, i={"recipient": {"email": ALICE}})
    assert made == {"recipient": {"address": ALICE}, "userErrors": []}
    row = await recipients.find(parse(ALICE))
    assert row is not None
    assert row.links_revoked_at is not None
    # Links are made for addresses that nobody spoke of (R32): they can be made worthless like others.
    unknown = await api.ask(revoke, i={"recipient": {"email": BOB}})
    assert unknown == {"recipient": {"address": BOB}, "userErrors": []}
    bob = await recipients.find(parse(BOB))
    assert bob is not None
    assert bob.links_revoked_at is not None


async def test_an_empty_key_is_an_unknown_one_and_not_a_link_out_of_everything(api: Api) -> None:
    make = """mutation ($i: CreatePreferenceLinksInput!) { createPreferenceLinks(input: $i) {
      links { unsubscribeUrl } userErrors { code field } } }"""
    for name in ("subscriptionType", "businessUnit"):
        made = await api.ask(make, i={"recipients": [{"email": ALICE}], name: ""})
        assert made == {"links": [], "userErrors": [{"code": "NOT_FOUND", "field": [name]}]}


PREVIEW = '{ businessUnit(key: "acme") { key previewUrl inPolish: previewUrl(locale: "pl") } }'


async def test_any_token_gets_a_preview_of_a_units_page_which_is_made_anew_each_time(
    api: Api, db: Settings, clock: Clock
) -> None:
    maker, reader = link_maker(db), api.using(await token("preferences:read"))
    for _ in range(2):
        unit = await reader.ask(PREVIEW)
        made = unit["previewUrl"].removeprefix(f"{PUBLIC_URL}/v/")
        assert maker.read_preview(made, database.now()).unit_reference == unit_reference("acme")
        assert unit["inPolish"] == f"{unit['previewUrl']}?lang=pl"
        clock.forward(hours=30)
