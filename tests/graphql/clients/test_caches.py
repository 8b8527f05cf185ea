"""Normalised caches of Apollo Client and urql: a change is shown without reading again."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.storage import database
from tests.conftest import ALICE, missing
from tests.graphql.conftest import Api
from tests.graphql.transport.serving import served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SCRIPT = Path(__file__).with_name("caches.mjs")
MODULES = Path(__file__).parents[3] / "node_modules"
PACKAGES = {"apollo": "@apollo/client", "urql": "@urql/exchange-graphcache"}
WHO = f'recipient: {{email: "{ALICE}"}}'
VIEW = f"""query {{ contact(by: {{email: "{ALICE}"}}) {{ id
  preferences(businessUnit: "acme", channel: EMAIL) {{
    id status subscriptionType {{ id key }} eligibility {{ allowed reason }} }}
  optOutsOfAll {{ id channel businessUnit {{ id key }} }} pauses {{ id until channel }} }}
  businessUnit(key: "acme") {{ id keywords {{ id word }} }} }}"""
OPT_IN = f"""mutation {{ updatePreferences(input: {{{WHO},
  changes: [{{subscriptionType: "weekly-digest", status: OPTED_IN}}], legalBasis: CONSENT_WITH_NOTICE,
  processingBasis: PROCESS_AND_STORE, explanation: "Asked for it."}}) {{
  outcomes {{ preference {{ id status eligibility {{ allowed reason }} }} }} }} }}"""
OPT_OUT_OF_ALL = f"""mutation {{ optOutOfAll(input: {{{WHO}, businessUnit: "acme"}}) {{
  contact {{ id optOutsOfAll {{ id channel businessUnit {{ id key }} }}
    preferences(businessUnit: "acme", channel: EMAIL) {{ id eligibility {{ allowed reason }} }} }} }} }}"""
REMOVE = f"""mutation {{ removeOptOutOfAll(input: {{{WHO}, businessUnit: "acme", explanation: "A mistake.",
  legalBasis: CONSENT_WITH_NOTICE}}) {{
  contact {{ id optOutsOfAll {{ id channel businessUnit {{ id key }} }} }} }} }}"""
ADD_KEYWORD = """mutation { addKeyword(input: {businessUnit: "acme", word: "no thanks acme", meaning: STOP}) {
  businessUnit { id keywords { id word } } } }"""


def pause(days: int) -> str:
    until = (database.now() + timedelta(days=days)).isoformat()
    return f"""mutation {{ pausePreferences(input: {{{WHO}, businessUnit: "acme", until: "{until}"}}) {{
      contact {{ id pauses {{ id until channel }} }} }} }}"""


async def shown(client: str, settings: Settings, api: Api, mutations: list[str]) -> list[dict[str, Any]]:
    """What the view shows at first and after each mutation. Each mutation may send one request."""
    node = shutil.which("node")
    if node is None or not (MODULES / PACKAGES[client]).is_dir():
        missing("browser", f"node, or the npm package {PACKAGES[client]}, is not installed")
    async with served(settings) as address:
        process = await asyncio.create_subprocess_exec(
            *(str(node), str(SCRIPT), client, f"{address}/graphql", api.token),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate(json.dumps({"view": VIEW, "mutations": mutations}).encode())
    steps = json.loads(output)
    assert [step["requests"] for step in steps] == list(range(1, len(mutations) + 2))
    return [step["view"] for step in steps]


def digest(view: dict[str, Any]) -> tuple[str, str | None]:
    preferences = view["contact"]["preferences"]
    found = next(each for each in preferences if each["subscriptionType"]["key"] == "weekly-digest")
    return found["status"], found["eligibility"]["reason"]


@pytest.mark.parametrize("client", PACKAGES)
async def test_a_cached_view_of_a_contact_shows_each_change_without_reading_again(
    client: str, db: Settings, api: Api
) -> None:
    await api.execute(f'mutation {{ createContact(input: {{email: "{ALICE}"}}) {{ contact {{ id }} }} }}')
    changes = [OPT_IN, pause(5), pause(30), OPT_OUT_OF_ALL, REMOVE, ADD_KEYWORD]
    start, opted_in, paused, longer, out, back, keyword = await shown(client, db, api, changes)
    assert digest(start) == ("NOT_OPTED", "NOT_OPTED_IN")
    assert digest(opted_in) == ("OPTED_IN", None)
    (first,), (second,) = paused["contact"]["pauses"], longer["contact"]["pauses"]
    assert first["id"] == second["id"]
    assert first["until"] < second["until"]
    assert digest(out) == ("OPTED_IN", "OPTED_OUT_OF_ALL")
    assert [each["businessUnit"]["key"] for each in out["contact"]["optOutsOfAll"]] == ["acme"]
    assert back["contact"]["optOutsOfAll"] == []
    assert [each["word"] for each in keyword["businessUnit"]["keywords"]] == ["no thanks acme"]
