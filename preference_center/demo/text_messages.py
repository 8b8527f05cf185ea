"""Text messages of the demo: sender numbers, opt-outs by keyword, and one message to review."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from preference_center.catalog import keywords, sender_numbers
from preference_center.catalog.catalog import BusinessUnit, Catalog, exact_catalog
from preference_center.inbound import decisions
from preference_center.inbound import receive as inbound
from preference_center.inbound.message import Message
from preference_center.ledger.record import record
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.rules.addresses import Address
from preference_center.rules.types import RECIPIENT, Channel, ConsentOrigin, Meaning, PreferenceStatus
from preference_center.storage import database

_CHANNELS = (Channel.SMS, Channel.WHATSAPP)
_SHARE = 0.05
"""The share of phone numbers that sent an opt-out keyword to a unit, on each channel."""


@dataclass(frozen=True, slots=True)
class _Example:
    """What a unit's recipients send. The numbers are reserved for fiction."""

    number: str
    opt_out_keyword: str
    locale: str


_EXAMPLES = {
    "lantern-books": _Example("+441134960100", "STOP", "en"),
    "kawa-i-spolka": _Example("+442079460100", "Koniec", "pl"),
}


async def create_sender_numbers() -> None:
    """Give each unit a number for SMS and WhatsApp that carries all its types, and one unit a keyword."""
    catalog = await exact_catalog()
    for key, example in _EXAMPLES.items():
        for channel in _CHANNELS:
            offered = [
                each for each in catalog.types if each.business_unit.key == key and channel in each.channels
            ]
            await sender_numbers.create(
                number=example.number,
                channel=channel,
                business_unit=key,
                subscription_types=[each.key for each in offered],
            )
    await keywords.add(business_unit="kawa-i-spolka", word="kawa", meaning=Meaning.START, locale="pl")


async def add_opt_outs(phones: Sequence[int], chance: random.Random) -> None:
    """Opt some of these recipients, and always the first one, out by keyword (R28)."""
    catalog = await exact_catalog()
    for key, example in _EXAMPLES.items():
        unit = _unit(catalog, key)
        for channel in _CHANNELS:
            opted_out = [phone for phone in phones if phone == phones[0] or chance.random() < _SHARE]
            intents = [_opt_out(phone, channel, unit, chance) for phone in opted_out]
            await record(intents, _provenance(channel, example))


async def add_unclear_message(sender: Address) -> None:
    """Add a message that a person has to review (R29)."""
    now, example = database.now(), _EXAMPLES["lantern-books"]
    await inbound.receive_message(
        Message(
            provider="whatsapp",
            message_id="demo-1",
            channel=Channel.WHATSAPP,
            sender=sender,
            to=example.number,
            text="Please stop the offers, but keep the invitations to readings.",
            occurred_at=now - timedelta(hours=3, minutes=12),
        )
    )


def _opt_out(phone: int, channel: Channel, unit: BusinessUnit, chance: random.Random) -> Intent:
    ago = timedelta(days=chance.randint(1, 50), seconds=chance.randint(1, 86000))
    return Intent(phone, channel, PreferenceStatus.OPTED_OUT, unit, None, database.now() - ago)


def _provenance(channel: Channel, example: _Example) -> Provenance:
    url = decisions.evidence_url(channel, example.number)
    evidence = EvidenceFacts(url=url, shown_text=example.opt_out_keyword, locale=example.locale)
    return Provenance(ConsentOrigin.KEYWORD, RECIPIENT, evidence=evidence)


def _unit(catalog: Catalog, key: str) -> BusinessUnit:
    return next(unit for unit in catalog.units if unit.key == key)
