"""Sender numbers determine a message's unit and what an opt-in keyword opts in to (R28)."""

from __future__ import annotations

import pytest

from preference_center.catalog import changes as catalog_changes
from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import Brands

NUMBER, OTHER = "+48221234567", "+48221234568"
SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP


async def registered(*types: str, channel: Channel = SMS, number: str = NUMBER) -> SenderNumber:
    return await sender_numbers.create(
        number=number, channel=channel, business_unit="acme", subscription_types=types
    )


async def refusal(**values: object) -> tuple[ErrorCode, tuple[str, ...] | None]:
    columns = {"number": NUMBER, "channel": SMS, "business_unit": "acme", **values}
    with pytest.raises(Invalid) as caught:
        await sender_numbers.create(**columns)  # type: ignore[arg-type]
    return caught.value.code, caught.value.field


async def test_r28_a_number_is_found_on_its_channel_only(brands: Brands) -> None:
    made = await registered("weekly-digest", "receipts", number="+48 22 123 45 67")
    assert made.number == NUMBER
    assert made.type_ids == (brands.digest.id, brands.receipts.id)
    assert await sender_numbers.find(NUMBER, SMS) == made
    assert await sender_numbers.find(NUMBER, WHATSAPP) is None
    assert await sender_numbers.find(OTHER, SMS) is None


async def test_a_number_can_be_registered_once_for_each_channel(brands: Brands) -> None:
    await registered()
    assert await refusal(number="+48 (22) 123-45-67") == (ErrorCode.ALREADY_EXISTS, ("number",))
    assert (await refusal(business_unit="bazaar"))[0] is ErrorCode.ALREADY_EXISTS
    on_whatsapp = await registered(channel=WHATSAPP)
    assert [one.id for one in await sender_numbers.list_all(WHATSAPP)] == [on_whatsapp.id]
    assert len(await sender_numbers.list_all()) == 2


async def test_a_short_code_is_a_valid_number_for_sms_only(brands: Brands) -> None:
    made = await registered(number=" 72404 ")
    assert await sender_numbers.find("72404", SMS) == made
    assert await refusal(number="72404", channel=WHATSAPP) == (ErrorCode.INVALID_ADDRESS, ("number",))


@pytest.mark.parametrize("number", ["", "22 123 45 67", "ACME", "+48", "72404\x00", "０7240", "1" * 400])
async def test_an_invalid_number_is_refused(brands: Brands, number: str) -> None:
    assert await refusal(number=number) == (ErrorCode.INVALID_ADDRESS, ("number",))


async def test_a_number_carries_only_types_of_its_unit_that_are_offered_on_its_channel(
    brands: Brands,
) -> None:
    field = ("subscriptionTypes", "0")
    assert await refusal(channel=Channel.EMAIL) == (ErrorCode.INVALID_VALUE, ("channel",))
    assert await refusal(business_unit="nobody") == (ErrorCode.NOT_FOUND, ("businessUnit",))
    assert await refusal(subscription_types=["nothing"]) == (ErrorCode.NOT_FOUND, field)
    assert await refusal(subscription_types=["alerts"]) == (ErrorCode.INVALID_VALUE, field)
    assert await refusal(subscription_types=["offers"]) == (ErrorCode.CHANNEL_NOT_OFFERED, field)
    await catalog_changes.archive_type("weekly-digest")
    assert await refusal(subscription_types=["weekly-digest"]) == (ErrorCode.TYPE_ARCHIVED, field)
    assert await refusal(provider_id="1" * 65) == (ErrorCode.INVALID_VALUE, ("providerId",))
    assert await sender_numbers.list_all() == []


async def test_carried_types_can_be_changed_and_duplicates_count_once(brands: Brands) -> None:
    made = await registered("weekly-digest")
    types = ["receipts", "weekly-digest", "receipts"]
    changed = await sender_numbers.update(made.id, subscription_types=types, provider_id="1045")
    assert changed.type_ids == (brands.digest.id, brands.receipts.id)
    changed = await sender_numbers.update(made.id, subscription_types=["receipts"])
    assert (changed.type_ids, changed.provider_id) == ((brands.receipts.id,), "1045")
    assert (await sender_numbers.update(made.id, provider_id="")).provider_id is None
    assert (await sender_numbers.update(made.id, subscription_types=[])).type_ids == ()


async def test_a_number_cannot_take_its_types_to_another_unit(brands: Brands) -> None:
    made = await registered("weekly-digest")
    with pytest.raises(Invalid) as caught:
        await sender_numbers.update(made.id, business_unit="bazaar")
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_VALUE, ("subscriptionTypes",))
    moved = await sender_numbers.update(made.id, business_unit="bazaar", subscription_types=["alerts"])
    assert (moved.unit_id, moved.type_ids) == (brands.bazaar.id, (brands.alerts.id,))
    assert await sender_numbers.list_all(SMS) == [moved]


async def test_a_type_archived_or_taken_off_the_channel_stays_but_is_not_opted_in_to(
    brands: Brands,
) -> None:
    made = await registered("weekly-digest", "receipts")
    await catalog_changes.archive_type("weekly-digest")
    await catalog_changes.update_type("receipts", channels=[Channel.EMAIL])
    held = await sender_numbers.find(NUMBER, SMS)
    assert held == made
    assert made.carried(await exact_catalog()) == []
    same = await sender_numbers.update(made.id, subscription_types=["weekly-digest", "receipts"])
    assert same.type_ids == made.type_ids  # sending the same list back is accepted
    await catalog_changes.archive_type("weekly-digest", archived=False)
    assert [kind.key for kind in made.carried(await exact_catalog())] == ["weekly-digest"]


async def test_numbers_are_listed_in_the_order_of_creation(brands: Brands) -> None:
    first, second = await registered(), await registered(number=OTHER)
    assert await sender_numbers.list_all(SMS) == [first, second]
    assert await sender_numbers.get_many([second.id, 99]) == {second.id: second}


async def test_deleting_a_number_keeps_its_messages(brands: Brands) -> None:
    made = await registered("weekly-digest")
    now = database.now()
    await database.execute(
        "INSERT INTO inbound_messages (digest, channel, sender_number_id, business_unit_id, sent_to, meaning,"
        " occurred_at, received_at) VALUES ($1, 'SMS', $2, $3, $4, 'STOP', $5, $5)",
        *(b"digest", made.id, brands.acme.id, NUMBER, now),
    )
    assert await sender_numbers.delete(made.id)
    assert not await sender_numbers.delete(made.id)
    (row,) = await database.fetch("SELECT sender_number_id, business_unit_id FROM inbound_messages")
    assert (row["sender_number_id"], row["business_unit_id"]) == (None, brands.acme.id)
    assert await database.fetch("SELECT 1 FROM sender_number_types") == []
    with pytest.raises(Invalid):
        await sender_numbers.update(made.id, subscription_types=[])


async def test_a_provider_id_is_stored(brands: Brands) -> None:
    made = await registered(channel=WHATSAPP)
    await sender_numbers.store_provider_id(made.id, "1045")
    await sender_numbers.store_provider_id(made.id, "1045")
    assert (await sender_numbers.get_many([made.id]))[made.id].provider_id == "1045"
