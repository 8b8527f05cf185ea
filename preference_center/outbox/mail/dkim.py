"""DKIM signatures (RFC 6376, RFC 8463) of the mails that Sayso sends, if a key is configured."""

from __future__ import annotations

from email.parser import BytesHeaderParser

from preference_center.config import settings

SIGNED_FIELDS = (
    "from",
    "reply-to",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-language",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-id",
)
"""What a signature covers; RFC 8058 requires both List-Unsubscribe fields."""


def signed(message: bytes) -> bytes:
    """Return the message with its signature in front, or unchanged if no key is configured.

    Each field is listed once more than it occurs, so that nobody can add another one without breaking the
    signature (RFC 6376 §8.15): a second Subject, or a List-Unsubscribe that leads elsewhere.
    """
    config = settings.current().dkim
    if config is None:
        return message
    import dkim  # slow to import, and only needed to sign

    present = {name.lower() for name in BytesHeaderParser().parsebytes(message)}
    names = [name for name in SIGNED_FIELDS if name in present]
    signature: bytes = dkim.sign(
        message,
        config.selector.encode(),
        config.domain.encode(),
        config.key,
        canonicalize=(b"relaxed", b"relaxed"),
        signature_algorithm=config.algorithm.encode(),
        include_headers=[*names, *names],
    )
    return signature + message
