"""Where a change of the API comes from: its bases, explanation and evidence."""

from __future__ import annotations

import ipaddress

import strawberry

from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.ledger.types import EvidenceFacts, Provenance
from preference_center.legal_bases import check_legal_basis
from preference_center.rules.types import Actor, LegalBasis
from preference_center.validation import check_explanation, check_text

_USER_AGENT_LENGTH = 1_000
_URL_LENGTH = 2_000
_WORDING_LENGTH = 10_000
_IP_ADDRESS_LENGTH = 45
"""The longest IPv6 address, one that ends in an IPv4 address."""


@strawberry.input
class EvidenceInput:
    """What proves a change. All fields can be left out. It is stored apart from the ledger, and erasure
    removes it.
    """

    ip_address: str | None = strawberry.field(
        description="The IPv4 or IPv6 address that the person's request came from."
    )
    user_agent: str | None = strawberry.field(
        description="The browser or app that the person used: at most 1,000 characters."
    )
    url: str | None = strawberry.field(
        description="The address of the page or form where the person decided: at most 2,000 characters."
    )
    wording: str | None = strawberry.field(
        description="The exact text that the person agreed to or was shown: at most 10,000 characters."
    )


def evidence_facts(input: EvidenceInput | None) -> EvidenceFacts | None:
    """Return evidence as the ledger takes it. Raises Invalid that names the fields."""
    if input is None:
        return None
    with Faults() as faults:
        return EvidenceFacts(
            ip_address=faults.of(_ip_address, input.ip_address) if input.ip_address else None,
            user_agent=faults.of(_text, input.user_agent, "userAgent", _USER_AGENT_LENGTH),
            url=faults.of(_text, input.url, "url", _URL_LENGTH),
            shown_text=faults.of(_text, input.wording, "wording", _WORDING_LENGTH),
        )


def provenance_of(
    actor: Actor,
    explanation: str | None = None,
    legal_basis: LegalBasis | None = None,
    processing_basis: LegalBasis | None = None,
) -> Provenance:
    """Return where a change comes from. The token says whether it is the team or an integration (R9).

    Raises Invalid that names the fields.
    """
    with Faults() as faults:
        faults.of(check_legal_basis, legal_basis, "legalBasis")
        text = faults.of(check_explanation, explanation, "explanation")
    return Provenance(
        origin=actor.origin,
        actor=actor,
        legal_basis=legal_basis,
        processing_basis=processing_basis,
        explanation=text,
    )


def _text(value: str | None, field: str, max_length: int) -> str | None:
    return check_text(value, "evidence", field, max_length=max_length) if value else None


def _ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))[:_IP_ADDRESS_LENGTH]
    except ValueError:
        message = "This is not an IP address, such as 203.0.113.7 or 2001:db8::7."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "evidence", "ipAddress") from None
