"""Only one package writes each group of tables, which the syntax trees of all others prove."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_architecture import PRODUCT, ROOT, name


class TableGroup(NamedTuple):
    """Tables that only some packages of `preference_center` may write."""

    tables: tuple[str, ...]
    models: frozenset[str]
    writers: frozenset[str]


CONSENT = TableGroup(
    tables=(
        "consent_events",
        "evidence",
        "shown_wordings",
        "preferences",
        "opt_outs_of_all",
        "pending_opt_ins",
        "pauses",
    ),
    models=frozenset(
        {
            "ConsentEvent",
            "Evidence",
            "ShownWording",
            "Preference",
            "OptOutOfAll",
            "PendingOptIn",
            "Pause",
        }
    ),
    writers=frozenset({"ledger", "migrations"}),
)
OUTBOX = TableGroup(
    tables=("outgoing_mails", "network_askings"),
    models=frozenset({"OutgoingMail", "NetworkAsking"}),
    writers=frozenset({"outbox", "migrations"}),
)
WRITES = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+"
    r"(?:ONLY\s+)?[\"`]?(?P<table>\w+|\{)",
    re.IGNORECASE,
)


def is_writer(path: Path, group: TableGroup) -> bool:
    inside = path.relative_to(ROOT / "preference_center") if "preference_center" in path.parts else None
    return inside is not None and inside.parts[0] in group.writers


def text_of(node: ast.AST) -> str | None:
    """A string as written; what an f-string puts in later shows as {."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return None


def called(node: ast.Call) -> str:
    return getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def writes(source: str, group: TableGroup) -> Iterator[str]:
    """Every place in a module's source that could write a table of the group, as "line: what"."""
    tree = ast.parse(source)
    names_a_table = any(text_of(node) in group.tables for node in ast.walk(tree))
    for node in ast.walk(tree):
        for what in (
            *sql_writes(node, group, names_a_table),
            *calls_with_a_table(node, group),
            *model_imports(node, group),
        ):
            yield f"{node.lineno}: {what}"  # type: ignore[attr-defined]


def sql_writes(node: ast.AST, group: TableGroup, names_a_table: bool) -> Iterator[str]:
    """A table name inserted at run time counts if the module also contains the name of one of the tables."""
    for found in WRITES.finditer(text_of(node) or ""):
        if found["table"].lower() in group.tables:
            yield f"writes {found['table']}"
        elif found["table"] == "{" and names_a_table:
            yield "writes a table named at run time"


def calls_with_a_table(node: ast.AST, group: TableGroup) -> Iterator[str]:
    if isinstance(node, ast.Call) and called(node).lstrip("_").startswith(
        ("insert", "update", "delete", "execute")
    ):
        arguments = (*node.args, *(keyword.value for keyword in node.keywords))
        yield from (
            f"passes {text_of(argument)} to {called(node)}()"
            for argument in arguments
            if text_of(argument) in group.tables
        )


def model_imports(node: ast.AST, group: TableGroup) -> Iterator[str]:
    found: set[str] = set()
    if isinstance(node, ast.ImportFrom) and "tables" in (node.module or "").split("."):
        found = {alias.name for alias in node.names}
    elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "models":
        found = {node.attr}
    yield from (f"uses the model {model}" for model in found & (group.models | {"*"}))


@pytest.mark.parametrize(
    "source",
    [
        'execute("UPDATE preferences SET status = $1")',
        'execute("insert into consent_events (id) values (1)")',
        'execute(f"DELETE FROM evidence WHERE event_id {any_of(1)}")',
        'for table in ("contacts", "evidence"):\n    execute(f"DELETE FROM {table}")',
        '_update("preferences", changes)',
        'insert("opt_outs_of_all", columns, rows)',
        'execute("""WITH gone AS (SELECT 1)\n DELETE FROM pending_opt_ins WHERE id IN gone""")',
        "from preference_center.tables.consent import Preference",
        "from preference_center.tables.consent import *",
        "models.ConsentEvent.create(status=1)",
    ],
)
def test_the_search_for_writers_finds_every_way_of_writing(source: str) -> None:
    assert list(writes(source, CONSENT))


@pytest.mark.parametrize(
    "source",
    [
        'fetch("SELECT status FROM preferences JOIN evidence ON true")',
        'execute("UPDATE recipients SET address = NULL")',
        'insert("contacts", columns, rows)',
        'execute(f"UPDATE {table} SET name = $1")',
        'answer = {"preferences": []}',
        "from schema.contacts import Preference",
    ],
)
def test_the_search_for_writers_ignores_readers(source: str) -> None:
    assert list(writes(source, CONSENT)) == []


@pytest.mark.parametrize("group", [CONSENT, OUTBOX], ids=["consent", "outbox"])
def test_only_one_package_writes_a_group_of_tables(group: TableGroup) -> None:
    others = [path for path in PRODUCT if not is_writer(path, group)]
    found = [f"{name(path)}:{place}" for path in others for place in writes(path.read_text(), group)]
    assert found == []


def test_only_the_queue_inserts_into_the_outbox() -> None:
    inserts = re.compile(r"INSERT\s+INTO\s+outgoing_mails|insert\(\s*\"outgoing_mails\"", re.IGNORECASE)
    writers = [name(path) for path in PRODUCT if inserts.search(path.read_text())]
    assert [path for path in writers if "migrations" not in path] == ["preference_center/outbox/queue.py"]
