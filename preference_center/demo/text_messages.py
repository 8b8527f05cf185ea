"""Text messages in the demo: numbers to write to, people who wrote STOP, and one message to review."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from preference_center.catalog import keywords, sender_numbers
from preference_center.catalog.catalog import BusinessUnit, Catalog, exact_catalog
from preference_center.inbound import decisions
from preference_center.inbound import receive as inbound
from preference_center.inbound.receive import Message
from preference_center.ledger.record import record
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.rules.addresses import Address
from preference_center.rules.types import RECIPIENT, Channel, ConsentOrigin, Meaning, PreferenceStatus
from preference_center.storage import database

_CHANNELS = (Channel.SMS, Channel.WHATSAPP)
_SHARE = 0.05
"""Of the people with a phone number: who wrote an opt-out keyword to a unit, on each channel."""


@dataclass(frozen=True, slots=True)
class _Story:
    """What happens by text message at a unit. The numbers are among those that are kept free for stories."""

    number: str
    stop: str
    locale: str


_STORIES = {
    "lantern-books": _Story("+441134960100", "STOP", "en"),
    "kawa-i-spolka": _Story("+442079460100", "Koniec", "pl"),
}


async def register() -> None:
    """Give each unit a number for SMS and for WhatsApp that carries all its types, and one a keyword."""
    catalog = await exact_catalog()
    for key, story in _STORIES.items():
        for channel in _CHANNELS:
            offered = [
                kind for kind in catalog.types if kind.business_unit.key == key and channel in kind.channels
            ]
            await sender_numbers.create(
                number=story.number,
                channel=channel,
                business_unit=key,
                subscription_types=[kind.key for kind in offered],
            )
    await keywords.add(business_unit="kawa-i-spolka", word="kawa", meaning=Meaning.START, locale="pl")


async def write_stop(phones: Sequence[int], chance: random.Random) -> None:
    """Let a few of these recipients, and always the first, opt out by keyword (R28)."""
    catalog = await exact_catalog()
    for key, story in _STORIES.items():
        unit = _unit(catalog, key)
        for channel in _CHANNELS:
            out = [phone for phone in phones if phone == phones[0] or chance.random() < _SHARE]
            intents = [_opt_out(phone, channel, unit, chance) for phone in out]
            await record(intents, _by_keyword(channel, story))


async def ask_for_less(sender: Address) -> None:
    """Leave one message that only a person can settle (R29)."""
    now, story = database.now(), _STORIES["lantern-books"]
    await inbound.take_in(
        Message(
            provider="whatsapp",
            message_id="demo-1",
            channel=Channel.WHATSAPP,
            sender=sender,
            to=story.number,
            text="Please stop the offers, but keep the invitations to readings.",
            occurred_at=now - timedelta(hours=3, minutes=12),
        )
    )


def _opt_out(phone: int, channel: Channel, unit: BusinessUnit, chance: random.Random) -> Intent:
    ago = timedelta(days=chance.randint(1, 50), seconds=chance.randint(1, 86000))
    return Intent(phone, channel, PreferenceStatus.OPTED_OUT, unit, None, database.now() - ago)


def _by_keyword(channel: Channel, story: _Story) -> Provenance:
    url = decisions.evidence_url(channel, story.number)
    evidence = EvidenceFacts(url=url, shown_text=story.stop, locale=story.locale)
    return Provenance(ConsentOrigin.KEYWORD, RECIPIENT, evidence=evidence)


def _unit(catalog: Catalog, key: str) -> BusinessUnit:
    return next(unit for unit in catalog.units if unit.key == key)
