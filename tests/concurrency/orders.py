"""Whether the result of simultaneous acts is the result of performing them in some order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from preference_center.rules.decisions import Decision
from preference_center.rules.types import Channel, Maker, PreferenceStatus
from tests.journeys.model import ConsentModel
from tests.journeys.values import ChangeRequest, Type, Unit

State = Mapping[tuple[str, Channel, str], tuple[PreferenceStatus, Maker]]
"""The status and who made it, by (address, channel, type key or "all of" unit key)."""


@dataclass(frozen=True)
class Act:
    """A requested change of a type, or of all of a unit."""

    address: str
    channel: Channel
    about: Type | Unit
    request: ChangeRequest

    def perform_in(self, model: ConsentModel, now: datetime) -> Decision:
        """Perform the act in the model, and return the decision."""
        if isinstance(self.about, Type):
            return model.change(self.address, self.channel, self.about, self.request, now)
        return model.change_of_all(self.address, self.channel, self.about, self.request, now)


def explained_by_an_order(
    before: ConsentModel, acts: Sequence[tuple[Act, Decision]], now: datetime, after: State, events: int
) -> bool:
    """Whether some order of the acts gives the same decisions, the same state and as many events."""
    if not acts:
        return state_of(before) == after and sum(before.events.values()) == events
    tried = set()
    for place, (act, decision) in enumerate(acts):
        if (act, decision) in tried:
            continue
        tried.add((act, decision))
        model = deepcopy(before)
        rest = [*acts[:place], *acts[place + 1 :]]
        if act.perform_in(model, now) == decision and explained_by_an_order(model, rest, now, after, events):
            return True
    return False


def state_of(model: ConsentModel) -> State:
    """The state of the model."""
    of_types = {key: (held.status, held.by) for key, held in model.statuses.items()}
    of_units = {
        (address, channel, f"all of {unit}"): (held.status, held.by)
        for (address, channel, unit), held in model.opt_outs_of_all.items()
    }
    return {**of_types, **of_units}
