"""The columns that the door writes, with their types on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

EVENT = {
    "recipient_id": "bigint",
    "channel": "text",
    "business_unit_id": "int",
    "subscription_type_id": "int",
    "before": "text",
    "after": "text",
    "superseded": "bool",
    "origin": "text",
    "actor": "text",
    "legal_basis": "text",
    "operation_id": "bigint",
    "occurred_at": "timestamptz",
    "recorded_at": "timestamptz",
    "about_pause": "bool",
    "paused_until": "timestamptz",
}
EVIDENCE = {
    "event_id": "bigint",
    "explanation": "text",
    "ip_address": "text",
    "user_agent": "text",
    "url": "text",
    "wording_id": "bigint",
    "locale": "text",
}
SHOWN_WORDING = {
    "digest": "bytea",
    "language": "text",
    "text": "text",
    "own_page": "bool",
    "first_shown_at": "timestamptz",
}
_PREFERENCE = {
    "recipient_id": "bigint",
    "channel": "text",
    "subscription_type_id": "int",
    "status": "text",
    "legal_basis": "text",
    "origin": "text",
    "occurred_at": "timestamptz",
    "changed_at": "timestamptz",
    "operation_id": "bigint",
    "event_id": "bigint",
}
_OPT_OUT_OF_ALL = {
    "recipient_id": "bigint",
    "channel": "text",
    "business_unit_id": "int",
    "active": "bool",
    "origin": "text",
    "occurred_at": "timestamptz",
    "changed_at": "timestamptz",
    "operation_id": "bigint",
    "event_id": "bigint",
}
_PENDING = {
    "recipient_id": "bigint",
    "channel": "text",
    "subscription_type_id": "int",
    "origin": "text",
    "actor": "text",
    "legal_basis": "text",
    "explanation": "text",
    "requested_at": "timestamptz",
    "expires_at": "timestamptz",
    "operation_id": "bigint",
    "confirmations": "int",
    "sent_again_at": "timestamptz",
}


@dataclass(frozen=True, eq=False)
class StateTable:
    """A table of what holds: one row for each recipient, channel and type or unit (`about`)."""

    name: str
    about: str
    columns: dict[str, str]

    @cached_property
    def upsert(self) -> str:
        """What follows an INSERT, so that a row takes the place of the one before."""
        key = ("recipient_id", self.about, "channel")
        settings = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in key)
        return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {settings}"


PREFERENCES = StateTable("preferences", "subscription_type_id", _PREFERENCE)
OPT_OUTS_OF_ALL = StateTable("opt_outs_of_all", "business_unit_id", _OPT_OUT_OF_ALL)
PENDING_OPT_INS = StateTable("pending_opt_ins", "subscription_type_id", _PENDING)
