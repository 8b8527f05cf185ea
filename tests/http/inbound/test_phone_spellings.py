"""A STOP counts for the number that the team has, however the provider writes it (R3, R28)."""

from __future__ import annotations

import pytest

from preference_center.catalog import sender_numbers
from preference_center.preferences import eligibility
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands, Clock, by_team, update_preferences
from tests.http.inbound.meta import Meta, register, text_message
from tests.http.inbound.stored import queued_replies

WHATSAPP = Channel.WHATSAPP


@pytest.mark.parametrize(
    ("typed", "whatsapp_id", "today"),
    [
        ("+54 11 2850-7544", "5491128507544", "+5491128507544"),
        ("+54 9 11 2850-7544", "541128507544", "+5491128507544"),
        ("+225 07 09 13 94 90", "22509139490", "+2250709139490"),
        ("+225 09 13 94 90", "2250709139490", "+2250709139490"),
        ("+229 01 97 12 34 56", "22997123456", "+2290197123456"),
        ("+52 55 1234 5678", "5215512345678", "+525512345678"),
        ("+55 31 98888-8888", "553188888888", "+5531988888888"),
        ("+84 32 123 4567", "841621234567", "+84321234567"),
    ],
)
async def test_stop_blocks_every_spelling_of_the_number(
    meta: Meta, brands: Brands, clock: Clock, typed: str, whatsapp_id: str, today: str
) -> None:
    await register()
    recipient_id = (await recipients.ensure([parse(typed)]))[parse(typed)]
    await update_preferences(recipient_id, [(brands.digest, WHATSAPP, PreferenceStatus.OPTED_IN)], by_team())
    spellings = [typed, f"+{whatsapp_id}", today]
    before = await eligibility.of_addresses(brands.digest, WHATSAPP, spellings)
    assert [answer.allowed for answer in before] == [True] * 3

    await meta.deliver(text_message("STOP", clock.at, sender=whatsapp_id))

    after = await eligibility.of_addresses(brands.digest, WHATSAPP, spellings)
    assert [answer.allowed for answer in after] == [False] * 3
    [row] = await database.fetch("SELECT COUNT(*) AS n FROM recipients")
    assert row["n"] == 1
    assert await queued_replies() == [("STOPPED", "WHATSAPP", today)]


@pytest.mark.parametrize("registered", ["+54 11 4321-1234", "+54 9 11 4321-1234"])
@pytest.mark.parametrize("named", ["+541143211234", "+5491143211234"])
async def test_a_businesss_number_is_found_in_both_forms_and_sends_from_its_own(
    brands: Brands, registered: str, named: str
) -> None:
    created = await sender_numbers.create(
        number=registered, channel=Channel.SMS, business_unit="acme", subscription_types=()
    )
    assert created.number == registered.replace(" ", "").replace("-", "")
    assert await sender_numbers.find(parse(named).value, Channel.SMS) == created
