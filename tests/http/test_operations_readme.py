"""What the README tells its reader to do does what it says."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from preference_center.access import tokens as access
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from tests.conftest import PUBLIC_URL

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


async def answer_to(query: str, settings: Settings) -> dict[str, Any]:
    await demo.load(3)
    token = await access.create_token("reader", ["admin"])
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as browser:
        response = await browser.post(
            "/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"}
        )
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer, answer
    return answer


async def test_the_first_query_answers(db: Settings) -> None:
    body = re.search(r"-d '(\{.*\})'", README)
    assert body

    answer = await answer_to(json.loads(body[1])["query"], db)

    preferences = answer["data"]["recipient"]["preferences"]
    assert {"OPTED_IN", "OPTED_OUT"} & {preference["status"] for preference in preferences}
    assert all("allowed" in preference["eligibility"] for preference in preferences)


async def test_the_query_for_the_proof_answers(db: Settings) -> None:
    query = re.search(r"```graphql\n(.*?)```", README, re.DOTALL)
    assert query

    answer = await answer_to(query[1], db)

    assert len(answer["data"]["recipient"]["history"]["nodes"]) == 3


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_its_links_lead_somewhere(target: str) -> None:
    assert target.startswith("https://") or (Path(__file__).resolve().parents[2] / target).exists()
