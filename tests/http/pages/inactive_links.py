"""Makes Alice's manage links inactive."""

from __future__ import annotations

from preference_center.erasure.erase import erase_recipient
from preference_center.recipients import recipients
from tests.conftest import TEAM, Clock


async def make_inactive(reason: str, alice: int, clock: Clock) -> None:
    """Let links expire, or revoke them, or erase Alice: `reason` is "expired", "revoked" or "erased"."""
    clock.forward(days=181 if reason == "expired" else 1)
    if reason == "revoked":
        await recipients.revoke_links(alice)
    elif reason == "erased":
        await erase_recipient(alice, TEAM)
