"""Erasing a person from the outbox (R36). Message files are removed by `erasure.leftovers`."""

from __future__ import annotations

from preference_center.personal_data import Person, PersonalData
from preference_center.storage import database


async def _erase_outgoing_messages(person: Person) -> None:
    for fingerprint in person.fingerprints:
        await database.execute("DELETE FROM outgoing_mails WHERE fingerprint = $1", fingerprint)


PERSONAL_DATA = (
    PersonalData(
        table="outgoing_mails",
        deleted=("kind", "channel", "fingerprint", "address", "locale", "trouble"),
        erase=_erase_outgoing_messages,
    ),
    PersonalData(
        table="network_askings",
        never_personal={"digest": "A keyed hash of a network, which any of its users may have; kept a day."},
    ),
)
