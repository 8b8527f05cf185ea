"""The shape of the house, read from the syntax tree: one door, floors, sizes, names."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("api", "schema", "preference_center")
PRODUCT = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
EVERYTHING = sorted({*PRODUCT, *(ROOT / "tests").rglob("*.py")})

CONSENT_TABLES = (
    "consent_events",
    "evidence",
    "shown_wordings",
    "preferences",
    "opt_outs_of_all",
    "pending_opt_ins",
    "pauses",
)
CONSENT_MODELS = {
    "ConsentEvent",
    "Evidence",
    "ShownWording",
    "Preference",
    "OptOutOfAll",
    "PendingOptIn",
    "Pause",
}
WRITES = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+"
    r"(?:ONLY\s+)?[\"`]?(?P<table>\w+|\{)",
    re.IGNORECASE,
)
RULES_MAY_IMPORT = {"phonenumbers", "email_validator", "idna", "preference_center"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def is_the_door(path: Path) -> bool:
    inside = path.relative_to(ROOT / "preference_center") if "preference_center" in path.parts else None
    return inside is not None and inside.parts[0] in {"ledger", "migrations"}


def text_of(node: ast.AST) -> str | None:
    """A string as written; what an f-string puts in later shows as {."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return None


def called(node: ast.Call) -> str:
    return getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def consent_writes(source: str) -> Iterator[str]:
    """Every place in a module's source that could write a consent table, as "line: what"."""
    tree = ast.parse(source)
    named = any(text_of(node) in CONSENT_TABLES for node in ast.walk(tree))
    for node in ast.walk(tree):
        for what in (*written_in_sql(node, named), *handed_over(node), *models_reached_for(node)):
            yield f"{node.lineno}: {what}"  # type: ignore[attr-defined]


def written_in_sql(node: ast.AST, named: bool) -> Iterator[str]:
    """A table named at run time counts where the module also has a consent table's name to give it."""
    for found in WRITES.finditer(text_of(node) or ""):
        if found["table"].lower() in CONSENT_TABLES:
            yield f"writes {found['table']}"
        elif found["table"] == "{" and named:
            yield "writes a table named at run time"


def handed_over(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and called(node).lstrip("_").startswith(
        ("insert", "update", "delete", "execute")
    ):
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        yield from (f"hands {text_of(g)} to {called(node)}()" for g in given if text_of(g) in CONSENT_TABLES)


def models_reached_for(node: ast.AST) -> Iterator[str]:
    found: set[str] = set()
    if isinstance(node, ast.ImportFrom) and "tables" in (node.module or "").split("."):
        found = {alias.name for alias in node.names}
    elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "models":
        found = {node.attr}
    yield from (f"reaches for the model {model}" for model in found & (CONSENT_MODELS | {"*"}))


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
def test_the_search_for_writers_finds_every_manner_of_writing(source: str) -> None:
    assert list(consent_writes(source))


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
def test_the_search_for_writers_lets_readers_be(source: str) -> None:
    assert list(consent_writes(source)) == []


def test_only_the_door_writes_consent_tables() -> None:
    others = [path for path in PRODUCT if not is_the_door(path)]
    found = [f"{name(path)}:{place}" for path in others for place in consent_writes(path.read_text())]
    assert found == []


def test_no_file_is_longer_than_400_lines() -> None:
    written = [path for path in EVERYTHING if "migrations" not in path.parts]
    assert {name(path): length(path) for path in written if length(path) > 400} == {}


def length(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_no_file_is_named_for_having_no_subject() -> None:
    subjectless = {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "base",
        "misc",
        "services",
        "managers",
        "types_",
        "shared",
    }
    parts = {part for path in EVERYTHING for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert parts & subjectless == set()


def test_the_rules_import_the_standard_library_and_the_address_parsers_alone() -> None:
    found = {
        f"{path.name}: {module}"
        for path in (ROOT / "preference_center/rules").rglob("*.py")
        for module in imported(path)
        if module.split(".")[0] not in sys.stdlib_module_names | RULES_MAY_IMPORT
        or (module.startswith("preference_center") and not module.startswith("preference_center.rules"))
    }
    assert found == set()


def test_the_rules_are_pure() -> None:
    """No await, and no clock, chance, disk or environment to ask."""
    impure = {"asyncio", "time", "random", "secrets", "os", "pathlib", "socket", "logging"}
    for path in (ROOT / "preference_center/rules").rglob("*.py"):
        assert not {module.split(".")[0] for module in imported(path)} & impure, path.name
        tree = ast.parse(path.read_text())
        asked = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} & {"now", "utcnow", "today"}
        assert not asked, path.name
        assert not any(isinstance(n, ast.AsyncFunctionDef | ast.Await) for n in ast.walk(tree)), path.name


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_imports_go_one_floor_down_only() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "import-linter is not installed"
    result = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
