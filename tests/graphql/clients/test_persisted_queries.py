"""Apollo Client's link for automatic persisted queries sends a document once, and its hash from then on."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from api.graphql.stored.registered import RegisteredDocuments
from preference_center.config.settings import Settings
from tests.conftest import missing
from tests.graphql.conftest import Api
from tests.graphql.transport.serving import served

SCRIPT = Path(__file__).with_name("persisted.mjs")
PACKAGE = Path(__file__).parents[3] / "node_modules" / "@apollo" / "client"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_apollo_client_sends_a_document_once_and_its_hash_by_get(
    db: Settings, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = shutil.which("node")
    if node is None or not PACKAGE.is_dir():
        missing("browser", "node, or the npm package @apollo/client, is not installed")
    monkeypatch.setattr("api.graphql.stored.documents.registered", RegisteredDocuments())
    async with served(db) as address:
        process = await asyncio.create_subprocess_exec(
            str(node), str(SCRIPT), f"{address}/graphql", api.token, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    found = json.loads(output)
    assert found["requests"] == ["GET hash", "POST document", "GET hash", "GET hash"]
    assert found["answers"] == ["crm"] * 3
