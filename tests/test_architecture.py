"""The structure of the code, read from its syntax trees: imports, sizes, names, and where SQL is written."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("api", "schema", "preference_center")
PRODUCT = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
WRITTEN = [path for path in PRODUCT if "migrations" not in path.parts]
"""The modules that are not generated."""
TESTS = sorted((ROOT / "tests").rglob("*.py"))
RULES = sorted((ROOT / "preference_center/rules").rglob("*.py"))

LONGEST_FILE = 400
LONGEST_FUNCTION, LONG_FUNCTION, TYPICAL_FUNCTION = 40, 20, 8
"""No function, no more than a tenth of them, and no more than half of them are longer than this."""
MOST_PARAMETERS = 5
MOST_MODULES = 14
NO_SUBJECT = set(
    "utils util helpers helper common base misc services managers types_ shared".split()  # noqa: SIM905
)
RULES_MAY_IMPORT = {"phonenumbers", "email_validator", "idna", "preference_center"}
IMPURE = {"asyncio", "time", "random", "secrets", "os", "pathlib", "socket", "logging"}
SIGNATURES_OF_LIBRARIES = {"complete_awaitable_value"}
"""Methods that override those of graphql-core, with their parameters."""
SQL = re.compile(r"\b(?:SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\s", re.DOTALL)
RULE_NUMBERS_ONLY = re.compile(r"\W*(?:R\d+\W*)+")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module with its line, docstrings and the constant parts of f-strings included."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def functions(path: Path) -> Iterator[Function]:
    yield from (node for node in ast.walk(syntax(path)) if isinstance(node, Function))


def length(function: Function) -> int:
    assert function.end_lineno
    return function.end_lineno - function.lineno + 1


def parameters(function: Function) -> list[str]:
    """The names of the parameters, without `self` and `cls`."""
    arguments = function.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def is_command(function: Function) -> bool:
    """Whether its parameters are the options of a command line."""
    called = (node.func for node in function.decorator_list if isinstance(node, ast.Call))
    return any(isinstance(node, ast.Attribute) and node.attr == "command" for node in called)


def test_imports_go_one_way_and_in_no_cycle() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "import-linter is not installed"
    result = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_rules_import_only_rules_the_standard_library_and_address_parsers() -> None:
    found = {
        f"{path.name}: {module}"
        for path in RULES
        for module in imported(path)
        if module.split(".")[0] not in sys.stdlib_module_names | RULES_MAY_IMPORT
        or (module.startswith("preference_center") and not module.startswith("preference_center.rules"))
    }
    assert found == set()


@pytest.mark.parametrize("path", RULES, ids=name)
def test_rules_are_pure(path: Path) -> None:
    """They neither wait nor read a clock, chance, the disk or the environment."""
    nodes = list(ast.walk(syntax(path)))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert not {module.split(".")[0] for module in imported(path)} & IMPURE
    assert not attributes & {"now", "utcnow", "today"}
    assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in nodes)


@pytest.mark.parametrize("package", ["api", "schema"])
def test_sql_is_written_in_preference_center_only(package: str) -> None:
    found = [
        f"{name(path)}:{line}"
        for path in (ROOT / package).rglob("*.py")
        for line, text in strings(path)
        if SQL.search(text)
    ]
    assert found == []


def test_no_text_consists_of_rule_numbers() -> None:
    """Descriptions and messages say a rule in words."""
    found = [
        f"{name(path)}:{line}"
        for path in PRODUCT
        for line, text in strings(path)
        if RULE_NUMBERS_ONLY.fullmatch(text)
    ]
    assert found == []


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in [*WRITTEN, *TESTS]}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_small() -> None:
    lengths = {
        f"{name(path)}:{function.lineno} {function.name}": length(function)
        for path in WRITTEN
        for function in functions(path)
    }
    ordered = sorted(lengths.values())
    assert {function: lines for function, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert ordered[len(ordered) * 9 // 10] <= LONG_FUNCTION
    assert statistics.median(ordered) <= TYPICAL_FUNCTION


def test_functions_have_few_parameters() -> None:
    found = [
        f"{name(path)}:{function.lineno} {function.name}"
        for path in WRITTEN
        for function in functions(path)
        if len(parameters(function)) > MOST_PARAMETERS
        and not is_command(function)
        and function.name not in SIGNATURES_OF_LIBRARIES
    ]
    assert found == []


def test_folders_have_few_modules() -> None:
    modules = Counter(name(path.parent) for path in WRITTEN if path.stem != "__init__")
    assert {folder: number for folder, number in modules.items() if number > MOST_MODULES} == {}


def test_every_file_is_named_after_its_subject() -> None:
    parts = {part for path in [*PRODUCT, *TESTS] for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert parts & NO_SUBJECT == set()
