"""No signed request causes an error: any bytes, any JSON, malformed deliveries (R29)."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from api.inbound import whatsapp_payload
from api.inbound.whatsapp_payload import Unreadable
from preference_center.rules.types import Channel, Meaning
from preference_center.validation import storable
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.inbound.meta import (
    BOB_ID,
    DISPLAY_NUMBER,
    Json,
    Meta,
    change,
    delivery,
    encoded,
    item,
    register,
    setting,
    text_message,
)
from tests.http.records import count
from tests.use_cases.inbound.texting import current_state

texts = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    ["STOP", "\x00", "\ud800", "\udc00x", "‮STOP", "48601234567", "1760000000", "9" * 30, "+", "wamid.1"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
ODD = anything | st.sampled_from([10**400, 1e308, -0.0, float("nan"), [[[]]], {"": {}}]).map(copy.deepcopy)
quiet = effort(
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def whole(clock: Clock) -> Json:
    """A delivery with every type of item."""
    now = clock.at
    button = {"button_reply": {"id": "b", "title": "Yes"}}
    messages = [
        text_message("hello", now),
        item(now, type="button", button={"text": "No", "payload": "no"}),
        item(now, type="interactive", interactive=button),
    ]
    preferences = [setting("stop", int(now.timestamp()))]
    return delivery(change(*messages), change(*preferences, field="user_preferences"))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


@st.composite
def bent(draw: st.DrawFn, make: Callable[[], Json]) -> Json:
    """A delivery with some values replaced or left out."""
    body = copy.deepcopy(make())
    for _ in range(draw(st.integers(1, 4))):
        container, key = draw(st.sampled_from(list(places(body))))
        if isinstance(container, dict) and draw(st.booleans()) and draw(st.booleans()):
            del container[key]
        else:
            container[key] = draw(ODD)
        if not body:
            break
    return body


@given(st.binary(max_size=300))
@example(b'{"entry": [{"changes": [{"field": "messages", "value": {"messages": [{"from": 1e999}]}}]}]}')
@quiet
def test_any_bytes_are_read_or_reported_as_unreadable(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert whatsapp_payload.read_batch(body).messages == []


@given(anything)
@quiet
def test_any_json_is_read(value: Any) -> None:
    assert whatsapp_payload.read_batch(json.dumps(value).encode()).messages == []


@given(data=st.data())
@quiet
def test_messages_from_malformed_deliveries_can_be_stored(data: st.DataObject) -> None:
    body = data.draw(bent(lambda: whole(Clock())))
    for message in whatsapp_payload.read_batch(json.dumps(body).encode()).messages:
        assert message.channel is Channel.WHATSAPP
        assert message.message_id
        assert message.sender is None or message.sender.value.startswith("+")
        written_out = (message.message_id, message.words, message.to, message.provider_number_id or "")
        assert all(map(storable, (*written_out, *message.user_ids, message.user_name)))
        assert message.provider_meaning in (None, Meaning.STOP, Meaning.START, Meaning.UNCLEAR)
        assert message.occurred_at is None or message.occurred_at.tzinfo is not None


@on_sqlite
async def test_malformed_deliveries_cause_no_error_and_lose_no_message(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R29: another person's stop in the same delivery is always applied."""
    await register()
    at = iter(range(1, 10_000))

    @given(data=st.data())
    @effort(parent=quiet, max_examples=40)
    def choose(data: st.DataObject) -> None:
        bodies.append(data.draw(bent(lambda: whole(clock))))

    bodies: list[Json] = []
    choose()
    for body in bodies:
        clock.forward(seconds=2)
        sender = f"48601{next(at):06}"
        entries = body.get("entry")
        beside = delivery(change(text_message("STOP", clock.at, sender=sender)))["entry"]
        body["entry"] = [*entries, *beside] if isinstance(entries, list) else beside
        assert (await meta.post(encoded(body))).status_code == 200
        assert (await current_state(f"+{sender}", Channel.WHATSAPP)).opted_out_units == {brands.acme.id}, body


async def test_unusual_characters_and_numbers_cause_no_error(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    await register()
    odd = ["\x00", "a\x00b", "\ud800", "\udfffx\ud83d", "\u202eSTOP\u0000", "\ufffe", "x" * 100_000]
    for value in (*odd, 10**400, 1e308):
        strange = text_message("hm", clock.at) | {"id": value, "from": BOB_ID}
        worded = text_message("hm", clock.at) | {"text": {"body": value}}
        assert (await meta.deliver(strange, worded, shown=value)).status_code == 200
        numbered = {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": value}
        assert (await meta.deliver(text_message("Help", clock.at), metadata=numbered)).status_code == 200
        preference = setting("stop", int(clock.at.timestamp()), detail=value, wa_id=BOB_ID)
        assert (await meta.deliver(preference, field="user_preferences")).status_code == 200
    assert (await current_state(f"+{BOB_ID}", Channel.WHATSAPP)).opted_out_units == {brands.acme.id}
    assert (await current_state(ALICE_PHONE, Channel.WHATSAPP)).opted_out_units == set()


SHAPES = ["[]", "{}", "null", "7", '"STOP"', '{"entry": {}}', '{"entry": [[]]}', "1e999", "9" * 5000]


@on_sqlite
@pytest.mark.parametrize("shape", SHAPES)
async def test_json_of_another_shape_is_accepted_and_does_nothing(
    meta: Meta, brands: Brands, shape: str
) -> None:
    assert (await meta.post(shape.encode())).status_code == 200
    assert await count("inbound_messages") == 0
