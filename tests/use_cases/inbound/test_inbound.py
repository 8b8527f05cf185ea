"""Keywords by text message: opt-outs, opt-ins, help, and messages for review (R27 to R30)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog import changes as catalog_changes
from preference_center.catalog import keywords, sender_numbers
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.history import verification
from preference_center.inbound.receive import receive_message
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.messages.classify import Reading
from preference_center.rules.types import Channel, ConsentOrigin, Meaning, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, TEAM, Brands, by_recipient, by_team, update_preferences
from tests.http.records import changes, count, dump, events
from tests.use_cases.inbound.texting import (
    ACME_NUMBER,
    BAZAAR_NUMBER,
    acme_number,
    bazaar_number,
    current_state,
    message,
    reply_to,
    send_message,
)

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP


async def stored_messages() -> list[dict[str, Any]]:
    """The stored messages, in the order of arrival."""
    rows = await database.fetch(
        "SELECT m.channel, m.sent_to, m.meaning, m.body, m.answered, m.needs_review, m.recipient_id,"
        " u.key AS unit FROM inbound_messages m LEFT JOIN business_units u ON u.id = m.business_unit_id"
        " ORDER BY m.id"
    )
    flags = ("answered", "needs_review")
    return [{**dict(row), **{flag: bool(row[flag]) for flag in flags}} for row in rows]


async def test_r28_stop_then_start_then_stop(brands: Brands, alice_phone: int) -> None:
    await acme_number()
    assert await reply_to("STOP") == "STOPPED"
    assert (await current_state()).opted_out_units == {brands.acme.id}
    assert await reply_to("START") == "STARTED"
    now = await current_state()
    assert (now.opted_out_units, now.statuses) == (set(), {brands.digest.id: IN})
    assert await reply_to(" stop. ") == "STOPPED"
    now = await current_state()
    assert (now.opted_out_units, now.statuses) == ({brands.acme.id}, {brands.digest.id: IN})
    assert await changes() == [
        (None, "NOT_OPTED", "OPTED_OUT", "KEYWORD"),
        (None, "OPTED_OUT", "NOT_OPTED", "KEYWORD"),
        ("weekly-digest", "NOT_OPTED", "OPTED_IN", "KEYWORD"),
        (None, "NOT_OPTED", "OPTED_OUT", "KEYWORD"),
    ]
    assert [line async for line in verification.verify()] == []


async def test_a_stop_is_recipient_made_and_keeps_the_message_as_evidence(brands: Brands) -> None:
    """R2, R18: from an unknown number too."""
    await acme_number()
    await send_message("  Stop!! ", sender="+48600000001")
    [event] = await events()
    assert (event["actor"], event["origin"], event["channel"]) == ("recipient", "KEYWORD", "SMS")
    assert (event["url"], event["wording"]) == (f"sms:{ACME_NUMBER}", "  Stop!! ")
    assert (event["ip_address"], event["user_agent"]) == (None, None)
    known = await recipients.find(parse("+48600000001"))
    assert known is not None
    assert known.address == "+48600000001"


async def test_r28_a_stop_applies_to_the_unit_and_channel_of_the_number_it_was_sent_to(
    brands: Brands,
) -> None:
    """The same number is another sender number on WhatsApp."""
    await acme_number()
    await bazaar_number()
    await acme_number(channel=WHATSAPP)
    await send_message("STOP", to=BAZAAR_NUMBER)
    assert (await current_state()).opted_out_units == {brands.bazaar.id}
    await send_message("STOP", channel=WHATSAPP)
    assert (await current_state()).opted_out_units == {brands.bazaar.id}
    assert (await current_state(channel=WHATSAPP)).opted_out_units == {brands.acme.id}
    assert [event["url"] for event in await events()] == [f"sms:{BAZAAR_NUMBER}", f"whatsapp:{ACME_NUMBER}"]


async def test_r11_a_stop_takes_over_a_team_made_opt_out(brands: Brands, alice_phone: int) -> None:
    await acme_number()
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, by_team())
    assert await reply_to("STOP") == "STOPPED"
    assert await changes() == [
        (None, "NOT_OPTED", "OPTED_OUT", "CONTACT_RECORD"),
        (None, "OPTED_OUT", "OPTED_OUT", "KEYWORD"),
    ]
    lifted = await preferences.remove_opt_out_of_all(alice_phone, SMS, brands.acme, by_team())
    assert not lifted.changed  # R8: it is recipient-made now


async def test_r12_start_lifts_the_opt_out_of_all_and_opts_in_to_the_numbers_types_only(
    brands: Brands, alice_phone: int
) -> None:
    """Archived types and types not offered on the channel are skipped."""
    await acme_number("weekly-digest", "receipts")
    await catalog_changes.create_type(key="old", business_unit="acme", name={"en": "Old"}, channels=(SMS,))
    number = await sender_numbers.find(ACME_NUMBER, SMS)
    assert number is not None
    await sender_numbers.update(number.id, subscription_types=["weekly-digest", "receipts", "old"])
    await catalog_changes.archive_type("old")
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, by_recipient())
    await update_preferences(alice_phone, [(brands.digest, SMS, OUT)], by_recipient())
    await update_preferences(alice_phone, [(brands.alerts, SMS, OUT)], by_recipient())
    assert await reply_to("START") == "STARTED"
    now = await current_state()
    assert now.opted_out_units == set()
    assert now.statuses == {brands.digest.id: IN, brands.receipts.id: IN, brands.alerts.id: OUT}


async def test_r19_after_start_a_double_opt_in_is_pending(brands: Brands) -> None:
    await catalog_changes.create_type(
        key="deals", business_unit="acme", name={"en": "Deals"}, channels=(SMS,), double_opt_in=True
    )
    await acme_number("weekly-digest", "deals")
    assert await reply_to("START") == "STARTED"
    assert (await current_state()).statuses == {brands.digest.id: IN}
    assert await count("pending_opt_ins") == 1
    await send_message("STOP")
    assert await count("pending_opt_ins") == 0


async def test_r16_a_start_of_an_opted_in_recipient_changes_nothing_and_gets_a_reply(brands: Brands) -> None:
    await acme_number()
    await send_message("START")
    before = await events()
    assert await reply_to("UNSTOP") == "STARTED"
    assert await events() == before


async def test_r28_help_changes_nothing_and_always_gets_a_reply(brands: Brands) -> None:
    """It creates no recipient."""
    await acme_number()
    for word in ("HELP", "info", "HELP"):
        assert await reply_to(word, sender="+48600000009") == "HELPED"
    assert await events() == []
    assert await count("recipients") == 0


async def test_a_repeated_stop_gets_one_reply_until_another_keyword(brands: Brands) -> None:
    """47 CFR 64.1200(a)(12): one confirmation. It also ends a loop with a machine that replies STOP."""
    await acme_number()
    await bazaar_number()
    assert await reply_to("STOP") == "STOPPED"
    assert [await reply_to(words) for words in ("STOP", "QUIT", "please stop texting me")] == [
        None,
        None,
        None,
    ]
    assert await count("consent_events") == 1
    assert await reply_to("STOP", to=BAZAAR_NUMBER) == "STOPPED"
    assert await reply_to("STOP") is None
    assert await reply_to("HELP") == "HELPED"
    assert await reply_to("STOP") == "STOPPED"
    await send_message("START")
    assert await reply_to("STOP") == "STOPPED"


async def test_a_stop_after_an_opt_out_on_the_page_gets_one_reply(brands: Brands, alice_phone: int) -> None:
    """They have had no reply by text message so far."""
    await acme_number()
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, by_recipient())
    assert await reply_to("STOP") == "STOPPED"
    assert await reply_to("STOP") is None
    assert await count("consent_events") == 1


async def test_r29_a_plain_request_opts_out_and_gets_a_reply(brands: Brands) -> None:
    await acme_number()
    assert await reply_to("Please stop texting me") == "STOPPED"
    assert (await current_state()).opted_out_units == {brands.acme.id}
    assert [one["meaning"] for one in await stored_messages()] == ["WITHDRAWAL"]


async def test_a_message_without_a_meaning_is_stored_without_text_and_sender(brands: Brands) -> None:
    await acme_number()
    assert await send_message("See you at the reading tonight") is None
    [one] = await stored_messages()
    assert (one["meaning"], one["body"], one["needs_review"]) == ("NOTHING", None, False)
    assert await count("recipients") == 0


async def test_r29_an_unclear_message_waits_for_review_without_a_reply(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The classifier decides which messages are unclear."""
    monkeypatch.setattr(keywords, "read", lambda *_: Reading(Meaning.UNCLEAR))
    await acme_number()
    assert await send_message("hm, stop?") is None
    [one] = await stored_messages()
    assert (one["meaning"], one["body"], one["needs_review"]) == ("UNCLEAR", "hm, stop?", True)
    assert one["recipient_id"] is not None
    assert await events() == []


async def test_r29_every_message_to_an_unknown_number_waits_for_review(brands: Brands) -> None:
    """The unit is unknown."""
    for words in ("STOP", "START", "HELP", "hello"):
        assert await send_message(words, to="+15550001111") is None
    assert [
        (m["meaning"], m["body"], m["unit"], m["sent_to"], m["needs_review"]) for m in await stored_messages()
    ] == [
        ("STOP", "STOP", None, "+15550001111", True),
        ("START", "START", None, "+15550001111", True),
        ("HELP", "HELP", None, "+15550001111", True),
        ("NOTHING", "hello", None, "+15550001111", True),
    ]
    assert await events() == []


async def test_r27_a_units_keyword_works_for_that_unit_only(brands: Brands) -> None:
    await acme_number()
    await bazaar_number()
    await keywords.add(business_unit="bazaar", word="dość listów", meaning=Meaning.STOP)
    assert await reply_to("Dość Listów!", to=BAZAAR_NUMBER) == "STOPPED"
    assert await reply_to("Dość Listów!") is None
    assert (await current_state()).opted_out_units == {brands.bazaar.id}


async def test_the_providers_meaning_takes_precedence_over_the_text(brands: Brands) -> None:
    await acme_number()
    assert await reply_to("Goodbye", provider_meaning=Meaning.STOP, provider_replied=True) is None
    assert (await current_state()).opted_out_units == {brands.acme.id}
    assert await reply_to("Hi", provider_meaning=Meaning.HELP) == "HELPED"
    assert await reply_to("Hi", provider_meaning=Meaning.START) == "STARTED"
    assert (await current_state()).opted_out_units == set()


async def test_a_start_relayed_by_the_provider_keeps_single_opt_outs(
    brands: Brands, alice_phone: int
) -> None:
    """A typed START opts in to them again (R28)."""
    await acme_number("weekly-digest", "receipts", channel=WHATSAPP)
    relayed = {"channel": WHATSAPP, "origin": ConsentOrigin.PROVIDER, "provider_replied": True}
    await update_preferences(alice_phone, [(brands.digest, WHATSAPP, OUT)], by_recipient())
    await send_message("", provider_meaning=Meaning.STOP, **relayed)
    await send_message("", provider_meaning=Meaning.START, **relayed)
    now = await current_state(channel=WHATSAPP)
    assert (now.opted_out_units, now.statuses) == (set(), {brands.digest.id: OUT, brands.receipts.id: IN})
    assert {event["origin"] for event in (await events())[1:]} == {"PROVIDER"}
    await send_message("START", channel=WHATSAPP)
    assert (await current_state(channel=WHATSAPP)).statuses[brands.digest.id] is IN


async def test_r30_a_message_id_acts_once(brands: Brands) -> None:
    await acme_number()
    stop = message("STOP", message_id="SM1")
    first = await receive_message(stop)
    await send_message("START")
    before = await dump()
    assert first is not None
    assert await receive_message(stop) is None
    assert await dump() == before
    assert await receive_message(message("STOP", message_id="SM1", provider="whatsapp")) is not None


async def test_r18_the_reply_is_queued_in_the_transaction_of_the_change(brands: Brands) -> None:
    """The change and its outgoing messages are written in one transaction."""
    await acme_number()
    replies: list[KeywordReply] = []

    async def keep(answer: KeywordReply) -> None:
        replies.append(answer)

    async def fail(_answer: KeywordReply) -> None:
        raise RuntimeError("the outbox is full")

    before = await dump()
    with pytest.raises(RuntimeError, match="full"):
        await receive_message(message("STOP", message_id="SM7"), queue_reply=fail)
    assert await dump() == before
    assert [await receive_message(message("STOP", message_id="SM7"), queue_reply=keep)] == replies
    assert await receive_message(message("STOP"), queue_reply=keep) is None
    assert len(replies) == 1


async def test_r36_a_stop_of_an_erased_recipient_counts_and_does_not_restore_the_address(
    brands: Brands, alice_phone: int
) -> None:
    await acme_number()
    await erase_recipient(alice_phone, TEAM)
    assert await reply_to("STOP") == "STOPPED"
    assert (await current_state()).opted_out_units == {brands.acme.id}
    known = await recipients.find(parse(ALICE_PHONE))
    assert known is not None
    assert known.address is None
    await send_message("START")
    known = await recipients.find(parse(ALICE_PHONE))
    assert known is not None
    assert known.address == ALICE_PHONE


@pytest.mark.parametrize(
    ("contact", "words", "unit", "language"),
    [
        ("sv-SE", "WYPISZ", BAZAAR_NUMBER, "sv"),
        ("zh-TW", "STOP", BAZAAR_NUMBER, "zh-Hant"),
        ("uk", "ABMELDEN", BAZAAR_NUMBER, "de"),
        (None, "DÉSABONNER", BAZAAR_NUMBER, "fr"),
        (None, "退订", ACME_NUMBER, "zh-Hans"),
        (None, "STOP", BAZAAR_NUMBER, "pl"),
        (None, "STOP", ACME_NUMBER, "en"),
    ],
)
async def test_the_reply_is_in_the_language_of_the_contact_the_keyword_or_the_unit(
    brands: Brands, contact: str | None, words: str, unit: str, language: str
) -> None:
    await acme_number()
    await bazaar_number()
    if contact:
        await contacts.create(phone=ALICE_PHONE, locale=contact)
    answer = await send_message(words, to=unit)
    assert answer is not None
    assert answer.language == language
    assert ("Bazaar" if unit == BAZAAR_NUMBER else "Acme") in answer.text
    assert "START" in answer.text


async def test_the_provider_id_of_a_number_is_stored_with_its_first_message(brands: Brands) -> None:
    await acme_number(channel=WHATSAPP)
    await send_message("hello", channel=WHATSAPP, provider_number_id="106540352242922")
    number = await sender_numbers.find(ACME_NUMBER, WHATSAPP)
    assert number is not None
    assert number.provider_id == "106540352242922"


async def test_a_number_in_another_spelling_is_found_by_its_provider_id(brands: Brands) -> None:
    await acme_number(channel=WHATSAPP)
    await send_message("hello", channel=WHATSAPP, provider_number_id="106540352242922")
    identified = {"channel": WHATSAPP, "provider": "whatsapp", "provider_number_id": "106540352242922"}
    assert await reply_to("STOP", to="", **identified) == "STOPPED"
    assert (await current_state(channel=WHATSAPP)).opted_out_units == {brands.acme.id}
    assert await reply_to("STOP", to="", **{**identified, "provider_number_id": "106"}) is None


@pytest.mark.parametrize("words", ["STOP\x00", "\ud800 stop", "x" * 200_000, "\x00", "😀" * 5000])
async def test_messages_of_any_characters_and_length_are_stored(brands: Brands, words: str) -> None:
    await acme_number()
    await send_message(words)
    await send_message(words, to="\x00\ud800" + "9" * 300)
    assert await count("inbound_messages") == 2


async def test_a_number_deleted_while_a_message_arrives_counts_as_unknown(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await acme_number()
    await sender_numbers.delete(number.id)
    found = [number]

    async def find(*_: object) -> sender_numbers.SenderNumber | None:
        return found.pop() if found else None

    monkeypatch.setattr(sender_numbers, "find", find)
    assert await send_message("STOP") is None
    [one] = await stored_messages()
    assert (one["meaning"], one["unit"], one["needs_review"]) == ("STOP", None, True)
