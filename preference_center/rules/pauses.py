"""Whether a silence may be set or ended: a person's own is theirs alone, as their opt-outs are."""

from __future__ import annotations

from datetime import datetime

from preference_center.rules.types import Accepted, Decision, ErrorCode, Maker, Refused, Unchanged


def decide_pause(until: datetime | None, by: Maker, held_until: datetime | None, held_by: Maker) -> Decision:
    """Decide a silence that lasts `until` then, or its end (None), against the one that is held.

    `held_until` is None where none is held, or where it is over. The team leaves a recipient's silence as it
    is; a recipient's own word takes a team's over (R4, R11).
    """
    if held_until is None:
        return Unchanged() if until is None else Accepted()
    if by is Maker.TEAM and held_by is Maker.RECIPIENT:
        return Unchanged() if until == held_until else Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    takes_over = by is Maker.RECIPIENT and held_by is Maker.TEAM
    return Accepted() if until != held_until or takes_over else Unchanged()
