"""Documents are kept parsed. A client that sends a new one each time does not fill the memory."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from api.graphql import documents
from api.graphql.documents import Documents, Prepared
from schema.root import graphql_schema

VALUES = "{ nodes(ids: [%s]) { id } } # %d"
BYTES_OF_A_CHARACTER = 200
"""More than any document takes: one of short values takes the most."""


def test_a_repeated_document_is_prepared_once() -> None:
    kept = Documents(graphql_schema)
    first = kept.prepare("{ viewer { name } }")
    assert isinstance(first, Prepared)
    assert kept.prepare("{ viewer { name } }") is first


def test_kept_documents_are_limited_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_MAX_CACHED_CHARACTERS", 20_000)
    kept = Documents(graphql_schema)
    kept.prepare(VALUES % ('"",', 0))
    tracemalloc.start()
    for number in range(12):
        assert isinstance(kept.prepare(VALUES % ('"",' * 3_000, number)), Prepared)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 20_000 * BYTES_OF_A_CHARACTER


def test_many_short_documents_are_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_MAX_CACHED_CHARACTERS", 20_000)
    kept = Documents(graphql_schema)
    texts = [f"{{ viewer {{ name }} }} # {number}" for number in range(40)]
    first = [kept.prepare(text) for text in texts]
    again = [kept.prepare(text) for text in reversed(texts)]
    same = [one is other for one, other in zip(first, reversed(again), strict=True)]
    assert same == [False] * 20 + [True] * 20
