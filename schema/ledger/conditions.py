"""The conditions of lists of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import strawberry

from preference_center.errors import Faults
from preference_center.history.events import EventFilter
from schema.contract.enums import Channel, ConsentOrigin, PreferenceStatus
from schema.contract.scalars import Key
from schema.contract.time_range import TimeRange
from schema.engine.context import Context
from schema.ledger.events import ConsentEventKind


@dataclass(frozen=True, slots=True)
class EventConditions:
    """The conditions of a list of events. All of them must hold, and of a list one value."""

    business_unit: Annotated[
        Key | None,
        strawberry.argument(description="Only events of the business unit with this key. Left out: of all."),
    ] = None
    subscription_types: Annotated[
        list[Key] | None,
        strawberry.argument(
            description="Only events of the subscription types with these keys. Opt-outs of all and pauses"
            " have no type, and are not among them. Left out: events of every type and of none."
        ),
    ] = None
    channels: Annotated[
        list[Channel] | None,
        strawberry.argument(description="Only events on these channels. Left out: on all."),
    ] = None
    kinds: Annotated[
        list[ConsentEventKind] | None,
        strawberry.argument(
            description="Only events that changed this: a status or a pause. Left out: both."
        ),
    ] = None
    statuses: Annotated[
        list[PreferenceStatus] | None,
        strawberry.argument(
            description="Only events that set one of these statuses (`after`), such as `[OPTED_OUT]` for"
            " every opt-out. Pauses set none. Left out: all events."
        ),
    ] = None
    origins: Annotated[
        list[ConsentOrigin] | None,
        strawberry.argument(description="Only events of these origins. Left out: of all."),
    ] = None
    recorded_at: Annotated[
        TimeRange | None,
        strawberry.argument(
            description="Only events that were recorded in this range of time. Left out: of all times."
        ),
    ] = None

    def filter(
        self, context: Context, *, recipient_id: int | None = None, operation_id: int | None = None
    ) -> EventFilter:
        """Return the conditions as the ledger takes them. Raises Invalid that names each unknown key."""
        with Faults() as faults:
            unit = faults.of(context.optional_unit, self.business_unit, "businessUnit")
            types = faults.of(self._type_ids, context)
        return EventFilter(
            recipient_id=recipient_id,
            business_unit_id=unit.id if unit else None,
            operation_id=operation_id,
            channels=None if self.channels is None else tuple(self.channels),
            subscription_type_ids=types,
            about_pause=self._about_pause(),
            statuses=None if self.statuses is None else tuple(self.statuses),
            origins=None if self.origins is None else tuple(self.origins),
            recorded_from=self.recorded_at.from_ if self.recorded_at else None,
            recorded_before=self.recorded_at.before if self.recorded_at else None,
        )

    def _type_ids(self, context: Context) -> tuple[int, ...] | None:
        if self.subscription_types is None:
            return None
        with Faults() as faults:
            types = [
                faults.of(context.subscription_type, key, "subscriptionTypes", str(index))
                for index, key in enumerate(self.subscription_types)
            ]
        return tuple(type_.id for type_ in types)

    def _about_pause(self) -> frozenset[bool] | None:
        if self.kinds is None:
            return None
        return frozenset(kind is ConsentEventKind.PAUSE for kind in self.kinds)
