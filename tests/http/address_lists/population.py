"""Recipients about whom is known all that decides whether a message may be sent to them."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from preference_center.erasure.erase import erase_recipient
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients, refused_addresses
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from tests.conftest import TEAM, Brands, by_recipient, by_team, update_preferences

IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
_KNOWN = list(product([None, IN, OUT], [False, True], [False, True]))
SPELLING = "+447700900500"
"""A number that leads to the last of `PHONES`, as an earlier version's spelling of it does."""
EMAILS = [f"reader.{number}@example.com" for number in range(len(_KNOWN) + 3)]
PHONES = [f"+447700900{number:03}" for number in range(len(_KNOWN))]
UNKNOWN = ["nobody@example.com", "Reader.1@EXAMPLE.com", " reader.2@example.com ", SPELLING, "+447700900999"]
NO_ADDRESSES = ["reader", "a b@example.com", "", "+1", "reader.1@example.com;reader.2@example.com"]


async def populate(brands: Brands) -> None:
    """Give each recipient one combination of a status, a pause and an opt-out of all."""
    await _decide(EMAILS, Channel.EMAIL, brands)
    await _decide(PHONES, Channel.SMS, brands)
    pending, refused, erased = [await _recipient(text) for text in EMAILS[-3:]]
    await update_preferences(pending, [(brands.offers, Channel.EMAIL, IN)], by_team())
    await refused_addresses.mark_all_unusable([refused])
    await update_preferences(erased, [(brands.digest, Channel.EMAIL, IN)], by_team())
    await erase_recipient(erased, TEAM)
    await database.execute(
        "INSERT INTO recipients (kind, fingerprint, created_at, merged_into_id) VALUES ($1, $2, $3, $4)",
        "PHONE",
        recipients.fingerprint_of(parse(SPELLING)),
        database.now(),
        await _recipient(PHONES[-1]),
    )


async def _recipient(text: str) -> int:
    address = parse(text)
    return (await recipients.ensure([address]))[address]


async def _decide(typed: list[str], channel: Channel, brands: Brands) -> None:
    until = database.now() + timedelta(days=3, microseconds=7)
    for text, (status, is_paused, is_out) in zip(typed, _KNOWN, strict=False):
        recipient_id = await _recipient(text)
        if status is not None:
            types = [brands.digest, brands.receipts, brands.alerts]
            changes = [(type_, channel, status) for type_ in types]
            await update_preferences(recipient_id, changes, by_recipient())
        if is_paused:
            await preferences.pause(recipient_id, channel, brands.acme, until, by_recipient())
            until += timedelta(hours=1)
        if is_out:
            origin = by_recipient(ConsentOrigin.ONE_CLICK)
            await preferences.opt_out_of_all(recipient_id, channel, brands.acme, origin)
