"""Whether what happened at the same time could also have happened one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from preference_center.rules.decisions import Decision
from preference_center.rules.types import Channel, Maker, PreferenceStatus
from tests.journeys.model import ConsentModel, Type, Unit, Wish

State = Mapping[tuple[str, Channel, str], tuple[PreferenceStatus, Maker]]
"""What holds, by (address, channel, type key or "all of" unit key): a status and whose act it is."""


@dataclass(frozen=True)
class Act:
    """What one of several does at the same time: a change of a type, or of all of a unit."""

    address: str
    channel: Channel
    about: Type | Unit
    wish: Wish

    def done_in(self, model: ConsentModel, now: datetime) -> Decision:
        """Do it in the model."""
        if isinstance(self.about, Type):
            return model.change(self.address, self.channel, self.about, self.wish, now)
        return model.change_of_all(self.address, self.channel, self.about, self.wish, now)


def explained_by_an_order(
    before: ConsentModel, acts: Sequence[tuple[Act, Decision]], now: datetime, after: State, events: int
) -> bool:
    """Whether there is an order in which each act is decided as it was, and which ends in that state."""
    if not acts:
        return state_of(before) == after and sum(before.events.values()) == events
    tried = set()
    for place, (act, decision) in enumerate(acts):
        if (act, decision) in tried:
            continue
        tried.add((act, decision))
        model = deepcopy(before)
        rest = [*acts[:place], *acts[place + 1 :]]
        if act.done_in(model, now) == decision and explained_by_an_order(model, rest, now, after, events):
            return True
    return False


def state_of(model: ConsentModel) -> State:
    """What the model holds."""
    of_types = {key: (said.status, said.by) for key, said in model.said.items()}
    of_units = {
        (address, channel, f"all of {unit}"): (said.status, said.by)
        for (address, channel, unit), said in model.of_all.items()
    }
    return {**of_types, **of_units}
