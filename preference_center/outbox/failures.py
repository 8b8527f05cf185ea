"""Why a message could not be sent, and so what happens to it."""

from __future__ import annotations

from datetime import timedelta

from preference_center.catalog.sender_numbers import SenderNumber


class TemporaryFailure(Exception):
    """A later attempt may succeed. `retry_after` is what the provider asked for, if it did."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ChannelUnavailable(Exception):
    """Nothing can be sent on this channel now: the server is down, or rejects our login."""


class PermanentFailure(Exception):
    """The provider rejected this message: no later attempt would succeed."""


class Rejected(PermanentFailure):
    """A mail server rejected the mail; `no_mailbox` means that it knows no such mailbox."""

    def __init__(self, reason: str, *, no_mailbox: bool = False) -> None:
        super().__init__(reason)
        self.no_mailbox = no_mailbox


class RefusedByRecipient(PermanentFailure):
    """The provider delivers nothing from this number to a person who opted out there (R39)."""

    def __init__(self, reason: str, sender: SenderNumber, code: int) -> None:
        super().__init__(reason)
        self.sender = sender
        self.code = code
