"""Adds GraphiQL's files to the wheel, if npm has installed them: then GraphiQL needs no internet.

Hatchling runs this while it builds, with nothing but the standard library and itself.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GraphiqlFiles(BuildHookInterface[Any]):
    """The hook that `pyproject.toml` names."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files before the wheel is written. An editable installation has npm's."""
        if version == "editable":
            return
        root = Path(self.root)
        for path in _files(root / "api/graphiql/__init__.py"):
            source = root / "node_modules" / path
            if source.is_file():
                build_data["force_include"][str(source)] = f"api/graphiql/node_modules/{path}"


def _files(module: Path) -> list[str]:
    """The paths in `ASSETS`: of each, package, version and file are written out."""
    calls = [each for each in ast.walk(ast.parse(module.read_text())) if isinstance(each, ast.Call)]
    assets = [each.args for each in calls if isinstance(each.func, ast.Name) and each.func.id == "Asset"]
    return [f"{ast.literal_eval(package)}/{ast.literal_eval(file)}" for package, _, file, _ in assets]
