"""A legal basis that is none to communicate is refused wherever one is given (R6)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts import contacts
from schema.contract.ids import global_id
from tests.conftest import ALICE
from tests.graphql.conftest import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
IN = {"subscriptionType": "weekly-digest", "status": "OPTED_IN"}
WRONG = {"legalBasis": "PROCESS_AND_STORE", "processingBasis": "PROCESS_AND_STORE"}
ACTION = {"subscriptionTypes": ["weekly-digest"], "status": "OPTED_IN", "explanation": "x"}
INPUTS: dict[str, dict[str, Any]] = {
    "updatePreferences": {"recipient": {"email": ALICE}, "changes": [IN], "explanation": "x", **WRONG},
    "removeOptOutOfAll": {
        "recipient": {"email": ALICE},
        "businessUnit": "acme",
        "explanation": "x",
        "legalBasis": "PROCESS_AND_STORE",
    },
    "bulkUpdatePreferences": {
        "contacts": {"filter": {}},
        "subscriptionTypes": ["weekly-digest"],
        "status": "OPTED_IN",
        "explanation": "x",
        **WRONG,
    },
    "createWorkflow": {
        "name": "A",
        "triggers": ["MANUAL"],
        "actions": [{**ACTION, "legalBasis": "PROCESS_AND_STORE"}],
    },
    "permitCall": {"legalBasis": "PROCESS_AND_STORE", "explanation": "x"},
}
FIELDS = {"createWorkflow": [["actions", "0", "legalBasis"]]}


@pytest.mark.parametrize("mutation", INPUTS)
async def test_it_is_refused_with_its_field_and_what_to_use_instead(api: Api, mutation: str) -> None:
    alice = global_id("Contact", (await contacts.create(email=ALICE)).id)
    named = {"contact": alice} if mutation == "permitCall" else {}
    query = f"mutation ($i: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $i) "
    answer = await api.execute(
        query + "{ userErrors { code field message } } }", i={**INPUTS[mutation], **named}
    )
    errors = answer["userErrors"]
    assert [error["field"] for error in errors] == FIELDS.get(mutation, [["legalBasis"]])
    assert {error["code"] for error in errors} == {"INVALID_VALUE"}
    for error in errors:
        assert error["message"].startswith("PROCESS_AND_STORE is no legal basis to communicate")
        assert "CONSENT_WITH_NOTICE" in error["message"]
    assert (await api.execute("{ consentEvents { nodes { id } } }"))["nodes"] == []
    assert (
        await api.execute("{ contacts { totalCount } operations { nodes { id } } workflows { id } }")
    ) == {
        "contacts": {"totalCount": 1},
        "operations": {"nodes": []},
        "workflows": [],
    }
