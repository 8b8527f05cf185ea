"""Actors as the ledger and operations record them, in one text, and split into who acted and for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from preference_center.rules.types import COMMAND_LINE, FOR, RECIPIENT, DomainEnum
from preference_center.storage import database


class ActorKind(DomainEnum):
    """What an actor is."""

    RECIPIENT = "RECIPIENT"
    TOKEN = "TOKEN"  # noqa: S105 (the name of a kind)
    WORKFLOW = "WORKFLOW"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class RecordedActor:
    """Who acted."""

    kind: ActorKind
    name: str
    on_behalf_of: str | None = None
    """The end user that a token acted for."""


class Recorded(NamedTuple):
    """What is recorded of an actor."""

    text: str
    by_workflow: bool = False
    """Whether the text is the name of a workflow."""


_KINDS: Final = {RECIPIENT.name: ActorKind.RECIPIENT, COMMAND_LINE.name: ActorKind.SYSTEM}


async def told_apart(recorded: Collection[Recorded]) -> dict[Recorded, RecordedActor]:
    """Tell who acted, in one statement at most.

    The names of tokens and of end users may have the word between them: tokens are looked up, because their
    names are used once.
    """
    unclear = {each.text for each in recorded if FOR in each.text and not each.by_workflow}
    tokens = await _tokens(sorted({name for text in unclear for name, _ in _splits(text)}))
    return {each: _actor(each, tokens) for each in recorded}


def _actor(recorded: Recorded, tokens: Collection[str]) -> RecordedActor:
    if recorded.by_workflow:
        return RecordedActor(ActorKind.WORKFLOW, recorded.text)
    splits = list(_splits(recorded.text))
    known = next((split for split in splits if split[0] in tokens), None)
    name, user = known or splits[-1]
    return RecordedActor(_KINDS.get(name, ActorKind.TOKEN), name, user)


def _splits(text: str) -> Iterator[tuple[str, str | None]]:
    """Return every name that may be the token's, the longest first, each with the end user that is left."""
    yield text, None
    end = text.rfind(FOR)
    while end > 0:
        yield text[:end], text[end + len(FOR) :]
        end = text.rfind(FOR, 0, end)


async def _tokens(names: Sequence[str]) -> set[str]:
    if not names:
        return set()
    rows = await database.fetch(
        f"SELECT name FROM access_tokens WHERE name {database.any_of(1)}", list(names)
    )
    return {row["name"] for row in rows}
