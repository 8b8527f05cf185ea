"""Links over GraphQL: created for messages, sent, and revoked (R31-R35)."""

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


async def create_contact(api: Api, **input: Any) -> str:
    payload = await api.execute(
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }", i=input
    )
    found: str = payload["contact"]["id"]
    return found


async def test_a_message_gets_links_headers_and_footers(api: Api, db: Settings) -> None:
    """R31, R32: the links contain no address, and each does what it is for."""
    payload = await api.execute(
        CREATE,
        i={
            "recipients": [{"email": " ALICE@example.com"}],
            "subscriptionType": "weekly-digest",
            "campaign": "may",
        },
    )
    (links,) = payload["links"]
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


async def test_the_footer_is_in_the_recipients_language_unless_the_message_has_its_own(api: Api) -> None:
    await create_contact(api, email=ALICE, locale="pl")
    input = {"recipients": [{"email": ALICE}, {"email": BOB}], "subscriptionType": "weekly-digest"}
    alice, bob = (await api.execute(CREATE, i=input))["links"]
    assert "Przegląd tygodnia" in alice["footerText"]
    assert "Weekly digest" in bob["footerText"]
    alice, _ = (await api.execute(CREATE, i={**input, "locale": "en"}))["links"]
    assert "Weekly digest" in alice["footerText"]


async def test_links_for_a_thousand_recipients_are_in_their_order_with_null_for_invalid_ones(
    api: Api,
) -> None:
    known = await create_contact(api, email=ALICE, phone=ALICE_PHONE)
    only_phone = await create_contact(api, phone="+48602345678")
    refs: list[dict[str, str]] = [{"email": f"person{n}@example.com"} for n in range(996)]
    refs[3:3] = [
        {"contact": known},
        {"contact": only_phone},
        {"email": "nobody"},
        {"contact": global_id("Contact", 999)},
    ]
    payload = await api.execute(CREATE, i={"recipients": refs})
    assert [n for n, links in enumerate(payload["links"]) if links is None] == [4, 5, 6]
    assert payload["userErrors"] == [
        {"code": "ADDRESS_MISSING", "field": ["recipients", "4"]},
        {"code": "INVALID_ADDRESS", "field": ["recipients", "5", "email"]},
        {"code": "NOT_FOUND", "field": ["recipients", "6", "contact"]},
    ]
    assert len({links["manageUrl"] for links in payload["links"] if links}) == 997


async def test_an_inconsistent_message_is_a_user_error_that_names_the_field(api: Api) -> None:
    to_alice = {"recipients": [{"email": ALICE}]}
    for input, code, field in (
        ({"recipients": [{"email": ALICE}] * 1_001}, "INVALID_VALUE", ["recipients"]),
        ({**to_alice, "subscriptionType": "no-such"}, "NOT_FOUND", ["subscriptionType"]),
        ({**to_alice, "businessUnit": "no-such"}, "NOT_FOUND", ["businessUnit"]),
        (
            {**to_alice, "businessUnit": "bazaar", "subscriptionType": "offers"},
            "INVALID_VALUE",
            ["businessUnit"],
        ),
        ({**to_alice, "subscriptionType": "offers", "channel": "SMS"}, "CHANNEL_NOT_OFFERED", ["channel"]),
        ({**to_alice, "campaign": "x" * 65}, "INVALID_VALUE", ["campaign"]),
        ({**to_alice, "campaign": "\x00"}, "INVALID_VALUE", ["campaign"]),
    ):
        payload = await api.execute(CREATE, i=input)
        assert payload == {"links": [], "userErrors": [{"code": code, "field": field}]}
    sms = await api.execute(CREATE, i={**to_alice, "channel": "SMS"})
    assert sms["userErrors"] == [{"code": "ADDRESS_MISSING", "field": ["recipients", "0"]}]


SEND = """mutation ($i: SendPreferenceLinkInput!) { sendPreferenceLink(input: $i) {
  sent userErrors { code field } } }"""


async def test_a_link_is_sent_by_email_to_a_recipient_on_record(api: Api) -> None:
    alice = {"recipient": {"email": ALICE}, "businessUnit": "acme"}
    refused = await api.execute(SEND, i=alice)
    assert refused == {"sent": False, "userErrors": [{"code": "NOT_FOUND", "field": ["recipient"]}]}
    await create_contact(api, email=ALICE, phone=ALICE_PHONE)
    assert await api.execute(SEND, i=alice) == {"sent": True, "userErrors": []}
    rows = await database.fetch("SELECT kind, address FROM outgoing_mails")
    assert [tuple(row) for row in rows] == [("LINK", ALICE)]


async def test_a_link_is_sent_by_sms_to_a_phone_number(api: Api) -> None:
    await create_contact(api, phone=ALICE_PHONE)
    alice = {"recipient": {"phone": ALICE_PHONE}, "businessUnit": "acme"}
    assert await api.execute(SEND, i=alice) == {"sent": True, "userErrors": []}
    rows = await database.fetch("SELECT kind, channel, address FROM outgoing_mails")
    assert [tuple(row) for row in rows] == [("LINK", "SMS", ALICE_PHONE)]


async def test_no_link_is_sent_to_an_erased_recipient(api: Api) -> None:
    """R36."""
    await create_contact(api, email=ALICE)
    alice = {"recipient": {"email": ALICE}}
    erase = "mutation ($i: EraseRecipientInput!) { eraseRecipient(input: $i) { userErrors { code } } }"
    await api.execute(erase, i=alice)
    refused = await api.execute(SEND, i={**alice, "businessUnit": "acme"})
    assert refused == {"sent": False, "userErrors": [{"code": "ADDRESS_MISSING", "field": ["recipient"]}]}


async def test_manage_links_are_revoked_for_known_and_unknown_addresses(api: Api) -> None:
    """R31."""
    await create_contact(api, email=ALICE)
    revoke = """mutation ($i: RevokePreferenceLinksInput!) { revokePreferenceLinks(input: $i) {
      recipient { address } userErrors { code } } }"""
    payload = await api.execute(revoke, i={"recipient": {"email": ALICE}})
    assert payload == {"recipient": {"address": ALICE}, "userErrors": []}
    row = await recipients.find(parse(ALICE))
    assert row is not None
    assert row.links_revoked_at is not None
    # Links can be created for an address that is not on record (R32), so they can be revoked too.
    unknown = await api.execute(revoke, i={"recipient": {"email": BOB}})
    assert unknown == {"recipient": {"address": BOB}, "userErrors": []}
    bob = await recipients.find(parse(BOB))
    assert bob is not None
    assert bob.links_revoked_at is not None


async def test_an_empty_key_is_unknown_and_does_not_mean_everything(api: Api) -> None:
    make = """mutation ($i: CreatePreferenceLinksInput!) { createPreferenceLinks(input: $i) {
      links { unsubscribeUrl } userErrors { code field } } }"""
    for name in ("subscriptionType", "businessUnit"):
        payload = await api.execute(make, i={"recipients": [{"email": ALICE}], name: ""})
        assert payload == {"links": [], "userErrors": [{"code": "NOT_FOUND", "field": [name]}]}


PREVIEW = '{ businessUnit(key: "acme") { key previewUrl inPolish: previewUrl(locale: "pl") } }'


async def test_any_token_gets_a_fresh_link_to_a_preview_of_the_preference_page(
    api: Api, db: Settings, clock: Clock
) -> None:
    maker, reader = link_maker(db), api.using(await token("preferences:read"))
    for _ in range(2):
        unit = await reader.execute(PREVIEW)
        payload = unit["previewUrl"].removeprefix(f"{PUBLIC_URL}/v/")
        assert maker.read_preview(payload, database.now()).unit_reference == unit_reference("acme")
        assert unit["inPolish"] == f"{unit['previewUrl']}?lang=pl"
        clock.forward(hours=30)
