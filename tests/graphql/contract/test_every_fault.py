"""All faults of an input come at once, each with its field."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.errors import ErrorCode, Faults, Invalid
from schema.contract.ids import global_id
from schema.root import graphql_schema
from tests.conftest import ALICE, Brands
from tests.graphql.conftest import Api

LONG = "x" * 2_001
EVERY: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "createContact",
        {"email": "nobody", "phone": "12", "firstName": LONG, "locale": "??", "properties": []},
        [
            ("email", "INVALID_ADDRESS"),
            ("phone", "INVALID_ADDRESS"),
            ("firstName", "INVALID_VALUE"),
            ("locale", "INVALID_VALUE"),
            ("properties", "INVALID_VALUE"),
        ],
    ),
    ("createContact", {"lastName": LONG}, [("lastName", "INVALID_VALUE"), ("email", "ADDRESS_MISSING")]),
    # Whether another contact has the address is told only where the contact is written otherwise.
    ("createContact", {"email": ALICE, "locale": "??"}, [("locale", "INVALID_VALUE")]),
    (
        "updateContact",
        {"id": "x", "phone": "12", "properties": {}, "replaceProperties": {}},
        [("id", "NOT_FOUND"), ("phone", "INVALID_ADDRESS"), ("replaceProperties", "INVALID_VALUE")],
    ),
    (
        "createBusinessUnit",
        {"key": "A b", "name": "", "colour": "red", "defaultLocale": "??", "logo": "none"},
        [
            ("key", "INVALID_VALUE"),
            ("name", "INVALID_VALUE"),
            ("defaultLocale", "INVALID_VALUE"),
            ("colour", "INVALID_VALUE"),
            ("logo", "INVALID_VALUE"),
        ],
    ),
    (
        "createBusinessUnit",
        {"key": "acme", "name": ""},
        [("name", "INVALID_VALUE"), ("key", "ALREADY_EXISTS")],
    ),
    (
        "updateBusinessUnit",
        {"key": "none", "name": "", "postalAddress": LONG},
        [("key", "NOT_FOUND"), ("name", "INVALID_VALUE"), ("postalAddress", "INVALID_VALUE")],
    ),
    (
        "updateBusinessUnit",
        {
            "key": "none",
            "appearance": {
                "primaryColour": "red",
                "cornerRadius": 99,
                "footerLinks": [{"kind": "OTHER", "url": "javascript:1"}],
                "customTexts": [{"key": "CONFIRM_BUTTON", "locale": "??", "text": "{x}"}],
            },
        },
        [
            ("key", "NOT_FOUND"),
            ("appearance.primaryColour", "INVALID_VALUE"),
            ("appearance.cornerRadius", "INVALID_VALUE"),
            ("appearance.footerLinks.0.url", "INVALID_VALUE"),
            ("appearance.footerLinks.0.label", "INVALID_VALUE"),
            ("appearance.customTexts.0.locale", "INVALID_VALUE"),
            ("appearance.customTexts.0.text", "INVALID_VALUE"),
            ("appearance.customTexts.0.text", "INVALID_VALUE"),
        ],
    ),
    (
        "createPreview",
        {"businessUnit": "none", "appearance": {"font": "SLAB", "publicUrl": "nowhere"}},
        [("businessUnit", "NOT_FOUND"), ("appearance.publicUrl", "INVALID_VALUE")],
    ),
    (
        "orderSubscriptionTypes",
        {"businessUnit": "none", "subscriptionTypes": ["none"]},
        [("businessUnit", "NOT_FOUND"), ("subscriptionTypes.0", "NOT_FOUND")],
    ),
    (
        "createSubscriptionType",
        {"key": "A b", "businessUnit": "none", "name": {"en": "", "??": "x"}, "channels": []},
        [
            ("key", "INVALID_VALUE"),
            ("businessUnit", "NOT_FOUND"),
            ("name.en", "INVALID_VALUE"),
            ("name.??", "INVALID_VALUE"),
            ("channels", "INVALID_VALUE"),
        ],
    ),
    (
        "updateSubscriptionType",
        {"key": "none", "name": {"en": ""}, "description": {"??": None}, "channels": []},
        [
            ("key", "NOT_FOUND"),
            ("name.en", "INVALID_VALUE"),
            ("description.??", "INVALID_VALUE"),
            ("channels", "INVALID_VALUE"),
        ],
    ),
    (
        "createSenderNumber",
        {
            "number": "12",
            "channel": "EMAIL",
            "businessUnit": "none",
            "subscriptionTypes": ["a", "a", "b", "offers"],
        },
        [
            ("channel", "INVALID_VALUE"),
            ("number", "INVALID_ADDRESS"),
            ("businessUnit", "NOT_FOUND"),
            ("subscriptionTypes.0", "NOT_FOUND"),
            ("subscriptionTypes.2", "NOT_FOUND"),
        ],
    ),
    (
        "addKeyword",
        {"businessUnit": "none", "word": "!", "meaning": "STOP", "locale": "??"},
        [("businessUnit", "NOT_FOUND"), ("word", "INVALID_VALUE"), ("locale", "INVALID_VALUE")],
    ),
    (
        "updatePreferences",
        {
            "recipient": {"email": "nobody"},
            "changes": [{"subscriptionType": key, "status": "OPTED_IN"} for key in ("a", "offers", "b")],
            "legalBasis": "PROCESS_AND_STORE",
            "explanation": LONG,
            "evidence": {"ipAddress": "nowhere", "url": LONG},
        },
        [
            ("recipient.email", "INVALID_ADDRESS"),
            ("changes.0.subscriptionType", "NOT_FOUND"),
            ("changes.2.subscriptionType", "NOT_FOUND"),
            ("legalBasis", "INVALID_VALUE"),
            ("explanation", "INVALID_VALUE"),
            ("evidence.ipAddress", "INVALID_VALUE"),
            ("evidence.url", "INVALID_VALUE"),
        ],
    ),
    (
        "optOutOfAll",
        {"recipient": {"phone": "1"}, "businessUnit": "none", "explanation": LONG},
        [
            ("recipient.phone", "INVALID_ADDRESS"),
            ("businessUnit", "NOT_FOUND"),
            ("explanation", "INVALID_VALUE"),
        ],
    ),
    (
        "removeOptOutOfAll",
        {"recipient": {"email": "1"}, "businessUnit": "none", "explanation": LONG},
        [
            ("recipient.email", "INVALID_ADDRESS"),
            ("businessUnit", "NOT_FOUND"),
            ("explanation", "INVALID_VALUE"),
        ],
    ),
    (
        "pausePreferences",
        {"recipient": {"email": "1"}, "businessUnit": "none", "until": "2001-01-01T00:00:00Z"},
        [("recipient.email", "INVALID_ADDRESS"), ("businessUnit", "NOT_FOUND"), ("until", "INVALID_VALUE")],
    ),
    (
        "permitCall",
        {"contact": "x", "legalBasis": "PROCESS_AND_STORE", "explanation": ""},
        [("contact", "NOT_FOUND"), ("legalBasis", "INVALID_VALUE"), ("explanation", "EXPLANATION_REQUIRED")],
    ),
    (
        "bulkUpdatePreferences",
        {
            "contacts": {"ids": ["x"]},
            "subscriptionTypes": ["a", "a", "b"],
            "businessUnit": "none",
            "explanation": "",
            "idempotencyKey": "",
        },
        [
            ("subscriptionTypes.0", "NOT_FOUND"),
            ("subscriptionTypes.2", "NOT_FOUND"),
            ("contacts.ids.0", "INVALID_VALUE"),
            ("businessUnit", "NOT_FOUND"),
            ("explanation", "EXPLANATION_REQUIRED"),
            ("idempotencyKey", "INVALID_VALUE"),
        ],
    ),
    (
        "bulkUpdatePreferences",
        {"contacts": {"filter": {"or": [{"paused": {"businessUnit": "none"}}]}}, "explanation": ""},
        [
            ("contacts.filter.or.0.paused.businessUnit", "NOT_FOUND"),
            ("status", "INVALID_VALUE"),
            ("explanation", "EXPLANATION_REQUIRED"),
        ],
    ),
    (
        "revertOperation",
        {"id": "x", "explanation": ""},
        [("id", "NOT_FOUND"), ("explanation", "EXPLANATION_REQUIRED")],
    ),
    (
        "revertOperation",
        {"id": global_id("Operation", 99), "explanation": ""},
        [("id", "NOT_FOUND"), ("explanation", "EXPLANATION_REQUIRED")],
    ),
    (
        "createWorkflow",
        {
            "name": "",
            "triggers": ["MANUAL"],
            "whenProperty": "country",
            "whenPreference": {"subscriptionType": "none", "status": "OPTED_IN"},
            "actions": [
                {"subscriptionTypes": [], "status": "OPTED_OUT"},
                {"subscriptionTypes": ["offers", "none"], "channel": "SMS", "status": "OPTED_IN"},
            ],
        },
        [
            ("name", "INVALID_VALUE"),
            ("whenPreference.subscriptionType", "NOT_FOUND"),
            ("actions.0.subscriptionTypes", "INVALID_VALUE"),
            ("actions.1.subscriptionTypes.1", "NOT_FOUND"),
            ("actions.1.subscriptionTypes.0", "CHANNEL_NOT_OFFERED"),
            ("actions.1.legalBasis", "LEGAL_BASIS_REQUIRED"),
            ("actions.1.explanation", "EXPLANATION_REQUIRED"),
            ("whenProperty", "INVALID_VALUE"),
            ("whenPreference", "INVALID_VALUE"),
        ],
    ),
    (
        "createWorkflow",
        {"name": "", "triggers": [], "actions": [], "filter": {"optedOutOfEmail": "none"}},
        [
            ("name", "INVALID_VALUE"),
            ("triggers", "INVALID_VALUE"),
            ("actions", "INVALID_VALUE"),
            ("filter.optedOutOfEmail", "NOT_FOUND"),
        ],
    ),
    (
        "updateWorkflow",
        {"id": global_id("Workflow", 99), "name": "", "actions": []},
        [("name", "INVALID_VALUE"), ("actions", "INVALID_VALUE"), ("id", "NOT_FOUND")],
    ),
    (
        "enrollContacts",
        {"workflow": global_id("Workflow", 99), "contacts": {"ids": ["x"]}, "idempotencyKey": ""},
        [("contacts.ids.0", "INVALID_VALUE"), ("idempotencyKey", "INVALID_VALUE"), ("workflow", "NOT_FOUND")],
    ),
    (
        "createPreferenceLinks",
        {"recipients": [], "businessUnit": "none", "subscriptionType": "none"},
        [("subscriptionType", "NOT_FOUND"), ("businessUnit", "NOT_FOUND")],
    ),
    (
        "sendPreferenceLink",
        {"recipient": {"email": "1"}, "businessUnit": "none"},
        [("businessUnit", "NOT_FOUND"), ("recipient.email", "INVALID_ADDRESS")],
    ),
    (
        "resendConfirmation",
        {"recipient": {"email": "1"}, "subscriptionType": "none"},
        [("subscriptionType", "NOT_FOUND"), ("recipient.email", "INVALID_ADDRESS")],
    ),
    (
        "settleMessage",
        {
            "id": "x",
            "verdict": "OPT_OUT",
            "businessUnit": "none",
            "recipient": {"phone": "1"},
            "explanation": LONG,
        },
        [
            ("id", "NOT_FOUND"),
            ("businessUnit", "NOT_FOUND"),
            ("recipient.phone", "INVALID_ADDRESS"),
            ("explanation", "INVALID_VALUE"),
        ],
    ),
]
ONE_FAULT = {
    "deleteContact", "eraseRecipient", "archiveSubscriptionType", "deleteSenderNumber", "removeKeyword",
    "revokePreferenceLinks", "recordCall", "cancelOperation", "deleteWorkflow", "updateSenderNumber",
}  # fmt: skip
"""Mutations whose input has few parts, or whose faults those of another mutation show."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_fault_of_an_input_is_told_at_once_and_nothing_is_done(api: Api, brands: Brands) -> None:
    await contacts.create(email=ALICE)
    for name, input, expected in EVERY:
        type_ = name[0].upper() + name[1:]
        input_type = {"pausePreferences": "PauseInput"}.get(name, f"{type_}Input")
        document = (
            f"mutation ($i: {input_type}!) {{ {name}(input: $i) {{ userErrors {{ code field message }} }} }}"
        )
        errors = (await api.execute(document, i=input))["userErrors"]
        found = [(".".join(error["field"]), error["code"]) for error in errors]
        assert sorted(found) == sorted(expected), name
        assert all(error["message"] for error in errors)


def test_every_mutation_is_tried_with_several_faults() -> None:
    """A new mutation fails here until its faults are tested."""
    assert graphql_schema.mutation_type
    assert {name for name, _, _ in EVERY} | ONE_FAULT == set(graphql_schema.mutation_type.fields)


def test_faults_are_collected_in_order_with_those_of_inner_blocks() -> None:
    def check(field: str) -> str:
        raise Invalid(ErrorCode.INVALID_VALUE, "Wrong.", field)

    def check_two() -> None:
        with Faults() as inner:
            inner.of(check, "b")
            inner.of(check, "c")

    def check_all() -> None:
        with Faults() as faults:
            faults.of(check, "a")
            faults.of(check_two)
            check("d")

    with pytest.raises(Invalid) as error:
        check_all()
    assert [fault.field for fault in error.value.faults] == [("a",), ("b",), ("c",), ("d",)]


def test_another_error_is_not_hidden_by_faults() -> None:
    def fail() -> None:
        with Faults() as faults:
            faults.add(Invalid(ErrorCode.INVALID_VALUE, "Wrong."))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
