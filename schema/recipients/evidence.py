"""The evidence that a caller passes with a change."""

from __future__ import annotations

import ipaddress

import strawberry

from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger.types import EvidenceFacts
from preference_center.validation import check_text

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
    """Return evidence as the ledger takes it. Raises Invalid that names the field."""
    if input is None:
        return None
    return EvidenceFacts(
        ip_address=_ip_address(input.ip_address) if input.ip_address else None,
        user_agent=_text(input.user_agent, "userAgent", _USER_AGENT_LENGTH),
        url=_text(input.url, "url", _URL_LENGTH),
        shown_text=_text(input.wording, "wording", _WORDING_LENGTH),
    )


def _text(value: str | None, field: str, max_length: int) -> str | None:
    return check_text(value, "evidence", field, max_length=max_length) if value else None


def _ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))[:_IP_ADDRESS_LENGTH]
    except ValueError:
        message = "This is not an IP address."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "evidence", "ipAddress") from None
