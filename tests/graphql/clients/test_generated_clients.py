"""The examples of docs/api.md: clients of graphql-codegen and ariadne-codegen, against a server."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from preference_center.config.settings import Settings
from tests.conftest import missing
from tests.graphql.conftest import Api
from tests.graphql.transport.serving import served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROOT = Path(__file__).parents[3]
NODE_MODULES = ROOT / "node_modules"
GENERATORS = ROOT / ".venv" / "generators"
PRINTED = ["weekly-digest: OPTED_IN", "OPTED_OUT, changed"]


async def ran(folder: Path, *command: object, **environment: str) -> str:
    """Run a command in a folder and return what it prints."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def example(name: str, target: Path) -> Path:
    """Return a copy of an example, in a folder with the schema where the example expects it."""
    folder = target / "docs" / "examples" / name
    shutil.copytree(ROOT / "docs" / "examples" / name, folder)
    (target / "schema").mkdir()
    shutil.copy(ROOT / "schema" / "schema.graphql", target / "schema")
    return folder


@pytest.fixture
async def alice_is_opted_in(api: Api) -> None:
    await api.execute(
        """mutation {
          createContact(input: {email: "alice@example.com"}) { contact { id } }
          updatePreferences(input: {
            recipient: {email: "alice@example.com"}
            changes: [{subscriptionType: "weekly-digest", status: OPTED_IN}]
            legalBasis: CONSENT_WITH_NOTICE, processingBasis: PROCESS_AND_STORE, explanation: "At the fair."
          }) { userErrors { message } outcomes { error { message } } } }"""
    )


@pytest.mark.usefixtures("alice_is_opted_in")
async def test_the_typescript_example_is_generated_compiled_and_served_as_trusted_documents(
    api: Api, db: Settings, tmp_path: Path
) -> None:
    node = shutil.which("node")
    if node is None or not (NODE_MODULES / "@graphql-codegen" / "client-preset").is_dir():
        missing("browser", "node, or the npm package @graphql-codegen/client-preset, is not installed")
    folder = example("typescript", tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    await ran(folder, node, Path(__file__).with_name("generate.mjs"), folder)
    await ran(folder, node, NODE_MODULES / "typescript" / "bin" / "tsc")
    manifest = folder / "gql" / "persisted-documents.json"
    strict = replace(db, trusted_documents=manifest, trusted_documents_only=True)
    async with served(strict) as address:
        command = (node, "dist/main.js", "alice@example.com", "weekly-digest")
        environment = {"SAYSO_URL": f"{address}/graphql", "SAYSO_TOKEN": api.token, "SAYSO_TRUSTED": "yes"}
        printed = (await ran(folder, *command, **environment)).splitlines()
    assert [line for line in printed if line in PRINTED] == PRINTED


@pytest.mark.usefixtures("alice_is_opted_in")
async def test_the_python_example_is_generated_and_runs(api: Api, db: Settings, tmp_path: Path) -> None:
    if not (GENERATORS / "ariadne_codegen").is_dir():
        missing("generators", "ariadne-codegen is not in .venv/generators: make install")
    folder = example("python", tmp_path)
    environment = {"PYTHONPATH": str(GENERATORS)}
    await ran(folder, sys.executable, "-m", "ariadne_codegen", **environment)
    async with served(db) as address:
        environment |= {"SAYSO_URL": f"{address}/graphql", "SAYSO_TOKEN": api.token}
        command = (sys.executable, "main.py", "alice@example.com", "weekly-digest")
        printed = (await ran(folder, *command, **environment)).splitlines()
    assert [line for line in printed if line in PRINTED] == PRINTED
