"""`sayso migrate`: the migrations, then what needs the installation's keys."""

from __future__ import annotations

from preference_center.config.settings import Settings
from preference_center.rules import phone_spellings
from preference_center.storage import database, migration
from preference_center.upgrade import merge_phones
from preference_center.upgrade.schema_state import MERGED_PHONES


async def upgrade(settings: Settings) -> list[str]:
    """Bring the open database to this version and return the names of what was done.

    Several processes may start it at the same time; one that was killed goes on where it stopped.
    """
    applied = await migration.migrate(settings)
    async with migration.exclusive(settings):
        if await _phones_to_merge():
            await merge_phones.merge_all()
            await database.execute("UPDATE phone_spelling_state SET version = $1", phone_spellings.VERSION)
            applied.append(MERGED_PHONES)
    return applied


async def _phones_to_merge() -> bool:
    rows = await database.fetch(
        "SELECT 1 FROM phone_spelling_state WHERE version < $1", phone_spellings.VERSION
    )
    return bool(rows)
