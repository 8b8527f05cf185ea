"""DKIM signatures (RFC 6376, RFC 8463) under the mails that Sayso sends, where a key is set up."""

from __future__ import annotations

from preference_center.config import settings

SIGNED = (
    "from",
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
"""What a signature covers: RFC 8058 wants both List-Unsubscribe fields among it."""


def signed(message: bytes) -> bytes:
    """The message with a signature before it; as it is where no key is set up.

    Each field is named once more than it is there, so that nobody can add another below the signature's eye
    (RFC 6376, section 8.15): a second Subject, or a List-Unsubscribe that leads elsewhere.
    """
    config = settings.current().dkim
    if config is None:
        return message
    import dkim  # takes a while to import, and only who signs needs it

    there = {
        line.partition(b":")[0].lower().decode() for line in message.partition(b"\r\n\r\n")[0].split(b"\r\n")
    }
    names = [name for name in SIGNED if name in there]
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
