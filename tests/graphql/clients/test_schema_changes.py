"""The change policy of docs/api.md: what breaks clients is announced, and what is deprecated has a date."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from tests.conftest import missing

ROOT = Path(__file__).parents[3]
RELEASED = ROOT / "schema" / "released.graphql"
CURRENT = ROOT / "schema" / "schema.graphql"
ANNOUNCED = ROOT / "schema" / "breaking_changes.json"
KEPT_DAYS = 365
DEPRECATION = re.compile(r".+ Deprecated on (\d{4}-\d\d-\d\d), removed after (\d{4}-\d\d-\d\d)\.", re.DOTALL)


@cache
def changes_between(before: Path, after: Path) -> list[dict[str, Any]]:
    """What graphql-inspector finds between two versions of the schema."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "@graphql-inspector").is_dir():
        missing("browser", "node, or the npm package @graphql-inspector/core, is not installed")
    script = Path(__file__).with_name("schema_changes.mjs")
    printed = subprocess.run([node, script, before, after], check=True, capture_output=True).stdout
    found: list[dict[str, Any]] = json.loads(printed)
    return found


def breaking() -> list[dict[str, Any]]:
    return [each for each in changes_between(RELEASED, CURRENT) if each["level"] == "BREAKING"]


def announces(entry: dict[str, Any], change: dict[str, Any]) -> bool:
    matching = (fnmatch.fnmatchcase(change["path"], pattern) for pattern in entry["paths"])
    return change["type"] == entry["change"] and any(matching)


def announced() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(ANNOUNCED.read_text("utf-8"))
    return entries


def test_whatever_breaks_clients_since_the_last_release_is_announced() -> None:
    entries = announced()
    assert [
        change["message"] for change in breaking() if not any(announces(entry, change) for entry in entries)
    ] == [], "add the change to schema/breaking_changes.json, or keep what there was"


def test_every_announcement_has_a_date_and_a_reason_and_is_about_a_change() -> None:
    changes = breaking()
    for entry in announced():
        assert date.fromisoformat(entry["date"])
        assert entry["reason"].endswith(".")
        for pattern in entry["paths"]:
            alone = {**entry, "paths": [pattern]}
            assert any(announces(alone, change) for change in changes), pattern


def test_a_removed_field_is_found(tmp_path: Path) -> None:
    before, after = tmp_path / "before.graphql", tmp_path / "after.graphql"
    before.write_text("type Query { a: Int b: Int }")
    after.write_text("type Query { a: Int }")
    (change,) = changes_between(before, after)
    assert (change["level"], change["type"], change["path"]) == ("BREAKING", "FIELD_REMOVED", "Query.b")


def deprecations(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yield the path of whatever is deprecated, with the reason."""
    for type_ in schema.type_map.values():
        members: dict[str, Any] = getattr(type_, "fields", None) or getattr(type_, "values", None) or {}
        for name, member in members.items():
            arguments: dict[str, Any] = getattr(member, "args", None) or {}
            for path, each in [(name, member), *((f"{name}.{key}", arg) for key, arg in arguments.items())]:
                if each.deprecation_reason is not None:
                    yield f"{type_.name}.{path}", each.deprecation_reason


def without_a_year(schema: GraphQLSchema) -> list[str]:
    """Return the paths of what is deprecated without its dates, or for less than a year."""
    found = []
    for path, reason in deprecations(schema):
        dates = DEPRECATION.fullmatch(reason)
        days = [date.fromisoformat(text) for text in dates.groups()] if dates else []
        if not days or days[1] - days[0] < timedelta(KEPT_DAYS):
            found.append(path)
    return found


def test_what_is_deprecated_says_since_when_and_is_kept_for_a_year() -> None:
    assert without_a_year(build_schema(CURRENT.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [
        ("Use `b`. Deprecated on 2026-11-30, removed after 2027-11-30.", []),
        ("Use `b`. Deprecated on 2026-11-30, removed after 2027-05-30.", ["Query.a", "Query.c.d", "E.F"]),
        ("Use `b`.", ["Query.a", "Query.c.d", "E.F"]),
    ],
)
def test_the_form_of_a_deprecation(reason: str, wrong: list[str]) -> None:
    mark = f"@deprecated(reason: {json.dumps(reason)})"
    sdl = f"type Query {{ a: Int {mark} c(d: Int {mark}): E }} enum E {{ F {mark} G }}"
    assert without_a_year(build_schema(sdl)) == wrong
