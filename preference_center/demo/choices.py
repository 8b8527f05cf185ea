"""What the demo's recipients chose on their page: Ada left a type and came back, some others pause."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from preference_center.catalog.catalog import exact_catalog
from preference_center.ledger.record import record
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.preferences import changes as preferences
from preference_center.rules.types import RECIPIENT, Channel, ConsentOrigin, PreferenceStatus, Purpose
from preference_center.storage import database

_PAUSING = 0.04
_PAUSE_DAYS = (30, 60, 90)
_PAUSED_DAYS_AGO = 10
_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def leave_and_return(recipient_id: int) -> None:
    """Opt a recipient out of a type and in again, so that their record has a history."""
    catalog = await exact_catalog()
    subscription_type = next(
        each
        for each in catalog.types
        if each.purpose is Purpose.MARKETING and each.is_public and not each.double_opt_in
    )
    target = (subscription_type.business_unit, subscription_type)
    name, description = subscription_type.name("en"), subscription_type.description("en")
    now = database.now()
    for days, status, mark in ((58, PreferenceStatus.OPTED_OUT, "☐"), (21, PreferenceStatus.OPTED_IN, "☑")):
        shown_text = f"{mark} {name} (Email) – {description}\n[Save choices]"
        intent = Intent(recipient_id, Channel.EMAIL, status, *target, now - timedelta(days=days))
        await record([intent], _on_page(shown_text))


async def pause_some(recipient_ids: Sequence[int], chance: random.Random) -> None:
    """Pause the first brand's emails for some of these recipients."""
    unit = (await exact_catalog()).units[0]
    for recipient_id in recipient_ids:
        if chance.random() < _PAUSING:
            days = chance.choice(_PAUSE_DAYS) - _PAUSED_DAYS_AGO
            until = database.now() + timedelta(days=days)
            provenance = _on_page(f"{unit.name}: Email\nPause for [{days + _PAUSED_DAYS_AGO} days]")
            await preferences.pause(recipient_id, Channel.EMAIL, unit, until, provenance)


def _on_page(shown_text: str) -> Provenance:
    evidence = EvidenceFacts("203.0.113.7", _USER_AGENT, "/p/…", shown_text, "en", own_page=True)
    return Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT, evidence=evidence)
