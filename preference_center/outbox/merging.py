"""Messages to a phone number that is written in another way now (R3)."""

from __future__ import annotations

from collections.abc import Mapping

from preference_center.storage import database


async def readdress(fingerprints: Mapping[bytes, tuple[bytes, str]]) -> None:
    """Send what is queued for a number, by its fingerprint, to another spelling: its fingerprint and number.

    Sent messages too: an erasure finds them by the fingerprint (R36).
    """
    # Few messages wait at any time, while millions of numbers may change.
    rows = await database.fetch("SELECT DISTINCT fingerprint FROM outgoing_mails WHERE channel <> 'EMAIL'")
    for old in {bytes(row["fingerprint"]) for row in rows} & fingerprints.keys():
        new, address = fingerprints[old]
        await database.execute(
            "UPDATE outgoing_mails SET fingerprint = $2, address = $3 WHERE fingerprint = $1",
            old,
            new,
            address,
        )
