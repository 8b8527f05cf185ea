"""Why recipients opted out, as they answered afterwards."""

from __future__ import annotations

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import Channel, LeavingReason
from preference_center.tables.catalog import BusinessUnit, SubscriptionType
from preference_center.tables.checks import one_of


class GivenReason(Model):
    """A recipient's reason for one opt-out. Not part of the ledger: it proves nothing."""

    id = fields.BigIntField(primary_key=True)
    event: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "preference_center.ConsentEvent", null=True, related_name="reasons", on_delete=fields.RESTRICT
    )
    """The opt-out; NULL once the person is erased (R36)."""
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="leaving_reasons", on_delete=fields.RESTRICT
    )
    subscription_type: fields.ForeignKeyNullableRelation[SubscriptionType] = fields.ForeignKeyField(
        "preference_center.SubscriptionType",
        null=True,
        related_name="leaving_reasons",
        on_delete=fields.RESTRICT,
    )
    """NULL for an opt-out of all of the unit."""
    channel = fields.CharField(max_length=8)
    reason = fields.CharField(max_length=24)
    given_at = fields.DatetimeField()

    class Meta:
        table = "leaving_reasons"
        constraints = (
            one_of("leaving_reasons", "channel", Channel),
            one_of("leaving_reasons", "reason", LeavingReason),
            UniqueConstraint(fields=("event_id",), name="leaving_reasons_event_unique"),
        )
