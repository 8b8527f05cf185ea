"""An input for a range of time."""

from __future__ import annotations

from datetime import datetime

import strawberry


@strawberry.input
class TimeRange:
    """A range of time, open at either end. Leave out an end for no limit."""

    from_: datetime | None = strawberry.field(
        name="from", description="The first instant of the range, itself included. Left out: no limit."
    )
    before: datetime | None = strawberry.field(
        description="The end of the range, itself excluded. Left out: no limit."
    )
