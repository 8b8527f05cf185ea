"""Counts how queries are answered: by one statement, or the ordinary way."""

from __future__ import annotations

from prometheus_client import Counter

from schema.engine.statements import roots
from schema.engine.statements.roots import Way

fields = Counter(
    "sayso_graphql_root_fields",
    "Root fields of queries that were answered: by one statement, or the ordinary way.",
    ["way"],
)
_BY_WAY = {way: fields.labels(way.value) for way in Way}


def _count(way: Way) -> None:
    _BY_WAY[way].inc()


def count_ways() -> None:
    """Count the root fields that are answered from now on, each once."""
    if _count not in roots.listeners:
        roots.listeners.append(_count)
