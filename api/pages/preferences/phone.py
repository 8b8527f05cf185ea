"""Which phone number the page of an email address showed, signed into its form.

When the form is posted the contact may have another number, or share it with somebody. Choices made for one
number must not be saved for another, so the form names the number by a digest.
"""

from __future__ import annotations

from hashlib import sha256

from api.pages.frame.forms import Fault, FormProblem
from preference_center.config import settings
from preference_center.links.kinds import TokenKind
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.recipients.visitors import Visitor

FIELD = "phone"
_DIGEST_BYTES = 16


def phone_token(visitor: Visitor) -> str | None:
    """The value of the form's field; None if no number is shown."""
    return _signer().token(_link_digest(visitor) + _phone_digest(visitor)) if visitor.phone else None


def is_same_phone(visitor: Visitor, token: str) -> bool:
    """Whether the number that the form was shown with is still the visitor's.

    Raises FormProblem for a value that no page of this link had.
    """
    try:
        payload = _signer().payload(token)
    except LinkInvalid:
        raise FormProblem(Fault.BAD_VALUE, FIELD) from None
    if payload[:_DIGEST_BYTES] != _link_digest(visitor):
        raise FormProblem(Fault.BAD_VALUE, FIELD)
    return visitor.phone is not None and payload[_DIGEST_BYTES:] == _phone_digest(visitor)


def _link_digest(visitor: Visitor) -> bytes:
    return sha256(b"link:" + visitor.fingerprint).digest()[:_DIGEST_BYTES]


def _phone_digest(visitor: Visitor) -> bytes:
    # Includes the link, so that two pages do not reveal that they show the same number.
    fingerprint = visitor.phone.fingerprint if visitor.phone else b""
    return sha256(b"number:" + visitor.fingerprint + fingerprint).digest()[:_DIGEST_BYTES]


def _signer() -> TokenSigner:
    return TokenSigner(settings.current().secret_keys, TokenKind.SHOWN_PHONE.salt)
