"""Every type of message of Meta's and Twilio's documentation: what is read in it, and what is not (R29)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.rules.types import Channel
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.inbound import twilio_calls
from tests.http.inbound.meta import Json, Meta, item, register
from tests.http.inbound.stored import opted_out_units, queued_replies, stored_messages
from tests.http.inbound.twilio_calls import Twilio
from tests.http.records import changes, count, events
from tests.use_cases.inbound.texting import ACME_NUMBER, acme_number

MEDIA = {"id": "1908647269898587", "mime_type": "image/jpeg", "sha256": "c3RvcA=="}


def interactive(kind: str, **reply: Any) -> Json:
    """A reply to buttons, a list or a form."""
    return {"type": "interactive", "interactive": {"type": kind, kind: reply}}


def form(answers: Any, **more: Any) -> Json:
    """The answers to a Flow."""
    written = answers if isinstance(answers, str) else json.dumps(answers)
    return interactive("nfm_reply", name="flow", body="Sent", response_json=written, **more)


OPT_OUTS: dict[str, Json] = {
    "text": {"type": "text", "text": {"body": "stop"}},
    "template button": {"type": "button", "button": {"text": "Stop promotions", "payload": "x"}},
    "template button's payload": {"type": "button", "button": {"text": "No thanks", "payload": "STOP"}},
    "button": interactive("button_reply", id="1", title="Unsubscribe"),
    "button's id": interactive("button_reply", id="opt-out-all", title="No thanks"),
    "list item": interactive("list_reply", id="1", title="STOP", description="No more messages"),
    "list item's id": interactive("list_reply", id="UNSUBSCRIBE", title="No thanks", description="Bye"),
    "list item's long id": interactive("list_reply", id="please_stop_messaging_me", title="No thanks"),
    "form's text": form({"flow_token": "t", "comment": "please stop messaging me"}),
    "form's choice": form({"screen_0_Dropdown_0": "0_Stop"}),
    "form's ticked box": form({"unsubscribe": True, "name": "Ann"}),
    "form's box ticked as text": form({"opt_out": "yes"}),
    "form's several choices": form({"topics": ["1_News", "2_Unsubscribe"]}),
    "form in a form": form({"page": json.dumps({"answers": [{"text": "STOP"}]})}),
    "form as an object": interactive("nfm_reply", name="flow", response_json={"comment": "STOP"}),
    "form that is no JSON": form("STOP"),
    "order": {"type": "order", "order": {"catalog_id": "7", "text": "stop", "product_items": []}},
    "image": {"type": "image", "image": {**MEDIA, "caption": "STOP"}},
    "video": {"type": "video", "video": {**MEDIA, "caption": "unsubscribe"}},
    "document": {"type": "document", "document": {**MEDIA, "filename": "a.pdf", "caption": "stop"}},
    "edited message": {
        "type": "edit",
        "edit": {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "STOP"}}},
    },
    "ephemeral message": {"type": "ephemeral", "ephemeral": {"message": {"text": {"body": "STOP"}}}},
    "unknown type": {"type": "poll_vote", "poll_vote": {"option": {"name": "Stop"}}},
    "no type": {"text": {"body": "STOP"}},
    "text as a string": {"type": "text", "text": "STOP"},
    "text in a list": {"type": "text", "text": {"body": ["STOP"]}},
    "text elsewhere": {"type": "text", "body": "STOP"},
    "text beside a picture": {"type": "image", "image": MEDIA, "text": {"body": "STOP"}},
    "caption beside a text": {"type": "image", "text": {"body": "Look!"}, "image": {"caption": "STOP"}},
}


@pytest.mark.parametrize("kind", OPT_OUTS)
async def test_an_opt_out_counts_in_every_type_of_message(
    meta: Meta, brands: Brands, clock: Clock, kind: str
) -> None:
    await register()
    assert (await meta.deliver(item(clock.at, **OPT_OUTS[kind]))).status_code == 200
    assert await opted_out_units() == {brands.acme.id}
    assert [reply for reply, *_ in await queued_replies()] == ["STOPPED"]


REVIEWED: dict[str, tuple[Json, str]] = {
    "form's text": (form({"comment": "maybe stop?"}), "maybe stop?"),
    "form's choice that may be about an order": (form({"action": "cancel"}), "cancel"),
    "form's wish for messages": (form({"answer": "START"}), "START"),
    "button that may be about an order": (
        {"type": "button", "button": {"text": "Cancel my table", "payload": "CANCEL"}},
        "Cancel my table",
    ),
    "reaction": ({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "🛑"}}, "🛑"),
    "order": ({"type": "order", "order": {"text": "maybe stop?"}}, "maybe stop?"),
}


@pytest.mark.parametrize("kind", REVIEWED)
async def test_what_is_unclear_waits_with_its_text(
    meta: Meta, brands: Brands, clock: Clock, kind: str
) -> None:
    await register()
    content, text = REVIEWED[kind]
    await meta.deliver(item(clock.at, **content))
    assert await stored_messages() == [("UNCLEAR", text, True)]
    assert (await changes(), await queued_replies()) == ([], [])


NO_WISH: dict[str, Json] = {
    "audio": {"type": "audio", "audio": {**MEDIA, "voice": True}},
    "sticker": {"type": "sticker", "sticker": {**MEDIA, "animated": False, "emoji": "stop"}},
    "image without a caption": {"type": "image", "image": MEDIA},
    "file name": {"type": "document", "document": {**MEDIA, "filename": "stop.pdf"}},
    "place": {"type": "location", "location": {"name": "Stop", "address": "Stop", "latitude": 1}},
    "contact card": {"type": "contacts", "contacts": [{"name": {"formatted_name": "STOP"}, "org": {}}]},
    "reaction": {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}},
    "removed reaction": {"type": "reaction", "reaction": {"message_id": "wamid.1"}},
    "first contact": {"type": "request_welcome"},
    "deleted message": {"type": "revoke", "revoke": {"original_message_id": "wamid.1"}},
    "unsupported": {"type": "unsupported", "errors": [{"code": 131051, "title": "stop", "message": "stop"}]},
    "changed number": {
        "type": "system",
        "system": {"type": "user_changed_number", "body": "STOP", "wa_id": "48600000009"},
    },
    "refused calls": interactive("call_permission_reply", response="reject", response_source="stop"),
    "quoted message": {"type": "text", "text": {"body": "ok"}, "context": {"id": "wamid.1", "body": "STOP"}},
    "advertisement": {
        "type": "text",
        "text": {"body": "ok"},
        "referral": {"body": "stop", "headline": "stop"},
    },
    "description of a list item": interactive("list_reply", id="1", title="Yes", description="Stop any time"),
    "box that is not ticked": form({"unsubscribe": False, "stop": "no", "opt_out": None}),
    "form's token": form({"flow_token": "stop"}),
    "order": {"type": "order", "order": {"text": 5, "product_items": [{"product_retailer_id": "stop"}]}},
    "button that goes on": {"type": "button", "button": {"text": "Yes", "payload": "dont_stop"}},
}


@pytest.mark.parametrize("kind", NO_WISH)
async def test_what_is_no_wish_changes_nothing_and_is_not_reviewed(
    meta: Meta, brands: Brands, clock: Clock, kind: str
) -> None:
    await register()
    assert (await meta.deliver(item(clock.at, **NO_WISH[kind]))).status_code == 200
    assert await stored_messages() == [("NOTHING", None, False)]
    assert (await changes(), await queued_replies()) == ([], [])


async def test_no_answer_in_a_form_and_no_id_opts_in(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    await meta.deliver(item(clock.at, **form({"start": True, "answer": "subscribe"})))
    await meta.deliver(item(clock.at, **interactive("list_reply", id="START", title="Good")))
    assert await changes() == []


async def test_the_evidence_has_everything_that_the_person_saw(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    await meta.deliver(item(clock.at, **form({"name": "Ann", "comment": "please stop messaging me"})))
    [event] = await events()
    assert event["wording"] == "Ann\nplease stop messaging me"


async def test_the_end_of_a_long_form_is_not_dropped(meta: Meta, brands: Brands, clock: Clock) -> None:
    """Of a form that is too long to be read answer by answer, the rest is read as one text."""
    await register()
    long = [*("a fine day" for _ in range(5_000)), "please stop messaging me"]
    await meta.deliver(item(clock.at, **form(long)))
    [(meaning, text, needs_review)] = await stored_messages()
    assert (meaning, needs_review) == ("UNCLEAR", True)
    assert text is not None
    assert text.startswith("a fine day")


async def test_a_form_of_any_depth_and_length_causes_no_error(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    deep = '{"a": [' * 3_000 + '"STOP"' + "]}" * 3_000
    wide = [f"answer {n}" for n in range(5_000)]
    assert (await meta.deliver(item(clock.at, **form(deep)))).status_code == 200
    assert (await meta.deliver(item(clock.at, **form(wide)))).status_code == 200
    assert (await meta.deliver(item(clock.at, **form('{"a": ' + "9" * 9_000 + "}")))).status_code == 200


@pytest.fixture
async def twilio(db: Settings, brands: Brands) -> AsyncIterator[Twilio]:
    """Twilio, with Acme's number on WhatsApp."""
    await acme_number(channel=Channel.WHATSAPP)
    async with twilio_calls.client_of(db) as http:
        yield Twilio(http)


WHATSAPP = {"From": f"whatsapp:{ALICE_PHONE}", "To": f"whatsapp:{ACME_NUMBER}"}


@pytest.mark.parametrize(
    "fields",
    [
        {"Body": "No thanks", "ButtonText": "No thanks", "ButtonPayload": "STOP", "MessageType": "button"},
        {"Body": "No thanks", "ListTitle": "No thanks", "ListId": "STOP", "MessageType": "interactive"},
        {"Body": "No thanks", "ListId": "unsubscribe_all"},
        {"Body": None, "ButtonPayload": "opt-out"},
        {"Body": "", "ListTitle": "Stop"},
        {"Body": "START", "ButtonPayload": "STOP"},
        {"Body": "STOP", "ButtonPayload": "START"},
        {"Body": "", "InteractiveData": json.dumps({"comment": "please stop messaging me"})},
    ],
)
async def test_by_twilio_buttons_lists_and_forms_are_read_as_by_the_cloud_api(
    twilio: Twilio, brands: Brands, fields: dict[str, str | None]
) -> None:
    """Of a text and an id that contradict each other, the opt-out counts."""
    assert await twilio.text(**{"body": fields.get("Body") or "", **WHATSAPP, **fields}) is not None  # type: ignore[arg-type]
    assert await opted_out_units() == {brands.acme.id}


async def test_by_twilio_no_id_opts_in(twilio: Twilio, brands: Brands) -> None:
    await twilio.text("Good", ButtonPayload="START", ListId="subscribe", **WHATSAPP)
    assert await changes() == []


async def test_by_twilio_a_picture_without_a_text_is_no_wish(twilio: Twilio, brands: Brands) -> None:
    await twilio.text("", NumMedia="1", MediaUrl0="https://api.twilio.com/stop", **WHATSAPP)
    assert (await stored_messages(), await count("recipients")) == ([("NOTHING", None, False)], 0)
