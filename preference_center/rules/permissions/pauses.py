"""Whether a pause may be set or ended: the team cannot change a pause that the recipient made."""

from __future__ import annotations

from datetime import datetime

from preference_center.rules.decisions import Accepted, Decision, Refused, Unchanged
from preference_center.rules.types import ErrorCode, Maker


def decide_pause(
    until: datetime | None, maker: Maker, current_until: datetime | None, current_maker: Maker
) -> Decision:
    """Decide about a pause until an instant, or about ending one (None), given the current pause.

    `current_until` is None without a current pause. A recipient's pause takes over a team's, like an opt-out
    (R4, R11).
    """
    if current_until is None:
        return Unchanged() if until is None else Accepted()
    if maker is Maker.TEAM and current_maker is Maker.RECIPIENT:
        return Unchanged() if until == current_until else Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    takes_over = maker is Maker.RECIPIENT and current_maker is Maker.TEAM
    return Accepted() if until != current_until or takes_over else Unchanged()
