"""Whether messages can reach an address, over GraphQL."""

from __future__ import annotations

from preference_center.recipients import refused_addresses
from preference_center.rules.addresses import parse_email
from tests.conftest import ALICE
from tests.graphql.conftest import Api

QUERY = """query ($email: String!) { recipient(by: { email: $email }) {
  deliverability { usable reason since source } } }"""


async def test_a_recipient_says_whether_messages_reach_it_and_why_not(api: Api, alice: int) -> None:
    """R21."""
    usable = {"usable": True, "reason": None, "since": None, "source": None}
    assert (await api.execute(QUERY, email=ALICE))["deliverability"] == usable

    await refused_addresses.mark_unusable(parse_email(ALICE), "550 5.1.1")
    refused = (await api.execute(QUERY, email=ALICE))["deliverability"]
    assert (refused["usable"], refused["source"]) == (False, "MAIL_SERVER")
    assert "mailbox does not exist" in refused["reason"]
    assert refused["since"]

    await refused_addresses.mark_usable(parse_email(ALICE))
    assert (await api.execute(QUERY, email=ALICE))["deliverability"] == usable

    await refused_addresses.mark_all_unusable([alice])
    imported = (await api.execute(QUERY, email=ALICE))["deliverability"]
    assert (imported["usable"], imported["source"]) == (False, "IMPORT")


async def test_an_erased_address_is_unusable(api: Api, alice: int) -> None:
    """R21."""
    recipient = (await api.execute("query ($e: String!) { recipient(by: {email: $e}) { id } }", e=ALICE))[
        "id"
    ]
    await api.execute(
        "mutation ($i: EraseRecipientInput!) { eraseRecipient(input: $i) { userErrors { code } } }",
        i={"recipient": {"email": ALICE}},
    )
    query = (
        "query ($id: ID!) { node(id: $id) { ... on Recipient { deliverability { usable reason source } } } }"
    )
    found = (await api.execute(query, id=recipient))["deliverability"]
    assert found == {"usable": False, "reason": "The address was erased.", "source": None}
