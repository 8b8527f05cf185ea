"""The documents and inputs of tests of workflows."""

from __future__ import annotations

from typing import Any

from tests.graphql.conftest import Api

SHOWN = """id name enabled reenroll triggers whenProperty filter enrolments
  whenPreference { subscriptionType { key } channel status }
  actions { channel subscriptionTypes { key } status legalBasis explanation }
  counts { enrolled changed unchanged refused failed cut }"""
CREATE = f"""mutation ($i: CreateWorkflowInput!) {{ createWorkflow(input: $i) {{
  workflow {{ {SHOWN} }} userErrors {{ code field }} }} }}"""
UPDATE = f"""mutation ($i: UpdateWorkflowInput!) {{ updateWorkflow(input: $i) {{
  workflow {{ {SHOWN} }} userErrors {{ code field }} }} }}"""
DELETE = """mutation ($i: DeleteWorkflowInput!) { deleteWorkflow(input: $i) {
  deletedId userErrors { code field } } }"""
ENROLL = """mutation ($i: EnrollContactsInput!) { enrollContacts(input: $i) {
  operation { id kind state dryRun } userErrors { code field } } }"""
ENROLMENTS = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  workflow(id: $id) { enrolments counts { enrolled changed unchanged refused failed cut }
  enrolmentRecords(first: $first, after: $after, last: $last, before: $before) {
    totalCount totalCountIsEstimate
    nodes { id trigger state reason contact { email } operation { id } event { after actor }
      results { channel subscriptionType { key } status outcome code } }
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
CONTACT = """mutation ($i: CreateContactInput!) { createContact(input: $i) {
  contact { id } userErrors { code field } } }"""
POLISH = {"property": {"name": "country", "value": "PL"}}
DIGEST = {
    "subscriptionTypes": ["weekly-digest"],
    "status": "OPTED_IN",
    "legalBasis": "CONSENT_WITH_NOTICE",
    "explanation": "Asked for news from Poland when signing up.",
}
WELCOME = {"name": "Polish digest", "triggers": ["CONTACT_CREATED"], "filter": POLISH, "actions": [DIGEST]}


async def create_workflow(api: Api, **input: Any) -> dict[str, Any]:
    """A workflow that was saved."""
    answer = await api.execute(CREATE, i={**WELCOME, **input})
    assert answer["userErrors"] == []
    workflow: dict[str, Any] = answer["workflow"]
    return workflow


async def user_errors(api: Api, query: str, **input: Any) -> list[tuple[str, list[str]]]:
    """The codes and fields of what was not done."""
    answer = await api.execute(query, i=input)
    assert [value for name, value in answer.items() if name != "userErrors"] == [None]
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


async def create_contact(api: Api, email: str, **input: Any) -> str:
    """The id of a contact that was made just now; the team may keep its data (R6)."""
    basis = {"processingBasis": "PROCESS_AND_STORE"}
    payload = (await api.execute(CONTACT, i={"email": email, **basis, **input}))["contact"]
    return str(payload["id"])
