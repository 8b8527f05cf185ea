"""What is needed to recognise a withdrawal in a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Wordings:
    """One language: patterns, one per line (see `phrases`), and lists of words, as people spell them."""

    language: str | None
    """BCP 47."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Named lists of words, for use in patterns: <msg>."""
    requests: str = ""
    """The person wants no more messages."""
    hints: str = ""
    """The person may want no more messages."""
    innocent: str = ""
    """Similar to a request but about something else: masked before the other patterns are searched."""
    instructions: str = ""
    """Opt-out instructions of a message: "reply STOP to end". Quoting one means nothing."""
    negations: str = ""
    """Words that negate a request: before it, separated only by `bridges`, or inside it."""
    negatives: str = ""
    """More negative words, which may be part of a request: no more. Such a request is not negated again."""
    negations_after: str = ""
    """Words that negate a request when they follow it."""
    bridges: str = ""
    """Words that may separate a negation from what it negates."""
    doubts: str = ""
    """Patterns that turn the request after them into a question or a condition."""
    limits: str = ""
    """Patterns that limit the request before them: until, so often, my sister."""
    polite: str = ""
    """Words that add nothing to a keyword: please, now, thanks."""
    answers: str = ""
    """Words that mean nothing before a pause: yes, no, hello."""
