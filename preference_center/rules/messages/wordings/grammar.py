"""What has to be known of a language to tell a withdrawal in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Wordings:
    """One language: patterns, one a line (see `phrases`), and lists of words, as people spell them."""

    language: str | None
    """BCP 47."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Words that patterns name: <msg>."""
    requests: str = ""
    """Whoever says this wants no more messages."""
    hints: str = ""
    """Whoever says this may want no more messages."""
    innocent: str = ""
    """Sounds like one of the others and is about something else: taken out before anything is looked for."""
    instructions: str = ""
    """How messages tell to opt out: "reply STOP to end". Whoever quotes one says nothing of their own."""
    negations: str = ""
    """Words that turn a request round: before it, with `bridges` alone between, or in the midst of it."""
    negatives: str = ""
    """Besides these, words that belong to a request: no more. What has a negation of its own is not
        negated."""
    negations_after: str = ""
    """Words that turn a request round from behind."""
    bridges: str = ""
    """Words that may stand between a negation and what it negates."""
    doubts: str = ""
    """Patterns that make a question or a condition of the request that they come before."""
    limits: str = ""
    """Patterns that limit the request that they come after: until, so often, my sister."""
    polite: str = ""
    """Words that say nothing of their own beside a keyword: please, now, thanks."""
    answers: str = ""
    """Words that say nothing of their own before a pause: yes, no, hello."""
