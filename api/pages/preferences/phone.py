"""Which phone number a page showed beside the link's own address: signed into its form.

A form may come back when the contact has another number, or none that is theirs alone. What was chosen for
the one must not be saved for the other, so the form says which it was, and no more than that: a digest.
"""

from __future__ import annotations

from hashlib import sha256

from api.pages.frame.forms import Fault, FormProblem
from preference_center.config import settings
from preference_center.links.kinds import TokenKind
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.recipients.visitors import Visitor

FIELD = "phone"
_DIGEST = 16


def reference(visitor: Visitor) -> str | None:
    """What the form carries; None where no number is shown."""
    return _signer().token(_of_link(visitor) + _of_number(visitor)) if visitor.phone else None


def is_still(visitor: Visitor, token: str) -> bool:
    """Whether the number that a form was shown with is the one that the visitor has now.

    Raises FormProblem for what none of this link's pages carried.
    """
    try:
        payload = _signer().payload(token)
    except LinkInvalid:
        raise FormProblem(Fault.BAD_VALUE, FIELD) from None
    if payload[:_DIGEST] != _of_link(visitor):
        raise FormProblem(Fault.BAD_VALUE, FIELD)
    return visitor.phone is not None and payload[_DIGEST:] == _of_number(visitor)


def _of_link(visitor: Visitor) -> bytes:
    return sha256(b"link:" + visitor.fingerprint).digest()[:_DIGEST]


def _of_number(visitor: Visitor) -> bytes:
    # Bound to the link, so that nobody sees on two pages that they show the same number.
    number = visitor.phone.fingerprint if visitor.phone else b""
    return sha256(b"number:" + visitor.fingerprint + number).digest()[:_DIGEST]


def _signer() -> TokenSigner:
    return TokenSigner(settings.current().secret_keys, TokenKind.SHOWN_PHONE.salt)
