"""Erasing again, in a restored database, what was erased since its backup was made (R36)."""

from __future__ import annotations

from collections.abc import Iterable

from preference_center.erasure import erase, journal, leftovers
from preference_center.erasure.journal import Entry
from preference_center.rules.types import Actor


async def repeat(entries: Iterable[Entry], actor: Actor) -> int:
    """Repeat the erasures that the open database does not have; returns how many they were."""
    known = await journal.known_ids()
    fingerprints: list[bytes] = []
    repeated = 0
    for entry in entries:
        if entry.id not in known:
            fingerprints += await erase.erase_again(entry, actor)
            known.add(entry.id)
            repeated += 1
    if fingerprints:
        await leftovers.clean(fingerprints)
    return repeated
