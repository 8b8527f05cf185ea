"""What the demo's people chose on their page: Ada, who has a story to look back on, and some on a break."""

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

_RESTING = 0.04
_BREAKS = (30, 60, 90)
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def look_back(recipient_id: int) -> None:
    """Let somebody leave a type and come back to it, so that their record has a story."""
    catalog = await exact_catalog()
    kind = next(
        k for k in catalog.types if k.purpose is Purpose.MARKETING and k.is_public and not k.double_opt_in
    )
    now, name, about = database.now(), kind.name("en"), kind.description("en")
    for days, status, mark in ((58, PreferenceStatus.OPTED_OUT, "☐"), (21, PreferenceStatus.OPTED_IN, "☑")):
        shown = f"{mark} {name} (Email) – {about}\n[Save choices]"
        intent = Intent(
            recipient_id, Channel.EMAIL, status, kind.business_unit, kind, now - timedelta(days=days)
        )
        await record([intent], _on_the_page(shown))


async def rest(recipient_ids: Sequence[int], chance: random.Random) -> None:
    """Let some of these people take a break from the first brand's emails."""
    unit = (await exact_catalog()).units[0]
    for recipient_id in recipient_ids:
        if chance.random() < _RESTING:
            until = database.now() + timedelta(days=chance.choice(_BREAKS) - 10)
            source = _on_the_page(f"Take a break from {unit.name} emails\n[30 days]")
            await preferences.pause(recipient_id, Channel.EMAIL, unit, until, source)


def _on_the_page(shown: str) -> Provenance:
    evidence = EvidenceFacts("203.0.113.7", _BROWSER, "/p/…", shown, "en", own_page=True)
    return Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT, evidence=evidence)
