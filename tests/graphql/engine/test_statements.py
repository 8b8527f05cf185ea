"""A selection read by one statement: the answer is the ordinary way's, byte for byte, on both databases."""

from __future__ import annotations

import ast
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    TypeNode,
    parse,
    type_from_ast,
)

from api.graphql.http import encoded
from api.graphql.run import Params, documents, run
from api.http.auth import Caller
from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.demo import build as demo
from preference_center.rules.types import Actor
from preference_center.storage import database
from schema.contract.ids import LARGEST_ID, global_id
from schema.engine.statements import roots
from schema.engine.statements.roots import Way
from schema.root import graphql_schema
from tests.conftest import Clock
from tests.graphql.engine.documents import RandomDocument, Values

ROOT = Path(__file__).parents[3]
DOCUMENTS = int(os.environ.get("SAYSO_RANDOM_DOCUMENTS", "150")) * 2 // 3
SEED = int(os.environ.get("SAYSO_RANDOM_SEED", "12"))
SCOPES = [
    frozenset(scopes) for scopes in (["admin"], ["contacts:read"], ["contacts:read", "preferences:read"])
]
ORDINARY = {"actions", "callPermission", "contacts", "operation", "actorDetails", "evidence", "previewUrl"}
"""Fields that no statement reads: few selections have one."""
ODD = 'Zoë "Ö" \\ / </b> \x1b\x7f\t\n\u2028 😀 %s {0}'
PROPERTIES = {ODD: ODD, "big": 2**63, "tiny": 1e-300, "huge": 1e30, "n": [None, True, 1.50, {}], "é": ""}


class ReadingDocument(RandomDocument):
    """One query whose root fields a statement may read."""

    def _field(self, parent: Any, depth: int) -> str:
        if depth == 0:
            return super()._field(_Some({name: parent.fields[name] for name in roots.ROOTS}), depth)
        if self.chance.random() < 0.97:
            parent = _Some({name: each for name, each in parent.fields.items() if name not in ORDINARY})
        return super()._field(parent, depth)


@dataclass
class _Some:
    """Some fields of a type."""

    fields: dict[str, Any]


class Both:
    """Runs a document both ways, and compares."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ways: list[Way] = []
        self.compared = 0
        self.differences: list[str] = []
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(roots, "listeners", [self.ways.append])

    async def compare(self, text: str, variables: dict[str, Any], scopes: frozenset[str]) -> None:
        caller = Caller(Actor("crm"), scopes)
        by_statement = encoded((await run(Params(text, variables), caller)).body)
        with self._monkeypatch.context() as patched:
            patched.setattr(roots, "decide", lambda *_: None)
            patched.setattr(roots, "listeners", [])
            ordinary = encoded((await run(Params(text, variables), caller)).body)
        self.compared += 1
        if by_statement != ordinary:
            self.differences.append(
                f"{text}\n{variables}\n{by_statement[:1500]!r}\nis not\n{ordinary[:1500]!r}"
            )

    def check(self, at_least: int) -> None:
        assert not self.differences, "\n\n".join(self.differences[:3])
        assert self.ways.count(Way.STATEMENT) >= at_least, (len(self.ways), self.compared)


@pytest.fixture
async def values(db: Settings, clock: Clock) -> Values:
    """The demo, and people whose data is hard to write."""
    await demo.load(40)
    await contacts.create(
        email="odd@example.com", phone="+48601999001", first_name=ODD, last_name="", properties=PROPERTIES
    )
    await contacts.create(phone="+48601999001", locale="pl", last_name="O'Brien")
    catalog = await current_catalog()
    keys = [*(each.key for each in catalog.units), *(each.key for each in catalog.types)]
    ids = [global_id(name, n) for name in LARGEST_ID for n in (1, 2)]
    rows = await database.fetch("SELECT email FROM contacts WHERE email IS NOT NULL ORDER BY id LIMIT 3")
    return Values(keys, ids, [*(row["email"] for row in rows), "odd@example.com"])


async def test_every_random_selection_is_answered_as_the_ordinary_way_answers_it(
    values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, both = random.Random(SEED), Both(monkeypatch)
    for _ in range(DOCUMENTS):
        document = ReadingDocument(chance, values)
        for variables in document.variables:
            for scopes in SCOPES:
                await both.compare(document.text, variables, scopes)
    both.check(at_least=DOCUMENTS)


async def test_every_query_of_the_tests_and_documents_is_answered_as_the_ordinary_way_answers_it(
    values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, both = random.Random(SEED), Both(monkeypatch)
    for text in sorted(set(_queries())):
        for variables in _variables(text, chance, values):
            await both.compare(text, variables, SCOPES[0])
    assert both.compared > 200
    both.check(at_least=50)


def _queries() -> Iterator[str]:
    """Every query that a test or a document of the project has as it is."""
    for text in _texts():
        if "{" not in text or len(text) > 5_000:
            continue
        try:
            document = parse(text)
        except GraphQLSyntaxError:
            continue
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        if [each.operation for each in operations] == [OperationType.QUERY]:
            yield text


def _texts() -> Iterator[str]:
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for path in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]:
        yield from re.findall(r"```graphql\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    for path in (ROOT / "docs").rglob("*.graphql"):
        yield path.read_text("utf-8")


def _variables(text: str, chance: random.Random, values: Values) -> Iterator[dict[str, Any]]:
    """Two sets of values for the variables of a query."""
    prepared = documents.prepare(text)
    if isinstance(prepared, list):
        return
    [(operation, _)] = prepared.operations
    made = RandomDocument(chance, values)
    for _ in range(2):
        yield {
            each.variable.name.value: made._value(_input_type(each.type))
            for each in operation.variable_definitions or ()
        }
        if not operation.variable_definitions:
            return


def _input_type(node: TypeNode) -> Any:
    return type_from_ast(graphql_schema, node)
