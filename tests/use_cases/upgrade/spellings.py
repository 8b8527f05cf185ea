"""A database of an earlier version, whose recipients are phone numbers as they were written then."""

from __future__ import annotations

from preference_center.config.settings import Settings
from preference_center.history import verification
from preference_center.recipients import recipients
from preference_center.recipients.states import RecipientState, read_states
from preference_center.rules.addresses import Address, parse
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.upgrade import upgrade

PHONE = RecipientKind.PHONE


def fingerprint(number: str) -> bytes:
    return recipients.fingerprint_of(Address(PHONE, number))


async def stored(number: str, *, known: bool = True) -> int:
    """A recipient as earlier versions stored it, under the number as it was written."""
    rows = await database.fetch(
        "INSERT INTO recipients (kind, fingerprint, address, created_at) VALUES ('PHONE', $1, $2, $3)"
        " RETURNING id",
        fingerprint(number),
        number if known else None,
        database.now(),
    )
    return int(rows[0]["id"])


async def upgraded(config: Settings) -> list[str]:
    await database.execute("UPDATE phone_spelling_state SET version = 0")
    return await upgrade.upgrade(config)


async def state_of(number: str) -> RecipientState:
    found = await recipients.find(parse(number))
    assert found
    return (await read_states([found.id]))[found.id]


async def differences() -> list[str]:
    return [line async for line in verification.verify()]
