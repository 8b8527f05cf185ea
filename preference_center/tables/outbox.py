"""The outbox: messages that the worker sends."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from preference_center.tables.catalog import BusinessUnit, SubscriptionType


class OutgoingMail(Model):
    """A mail or text message to send. The worker renders it when it claims it, so that no link is stored."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=16)
    channel = fields.CharField(max_length=8, db_default="EMAIL")
    fingerprint = fields.BinaryField()
    address = fields.CharField(max_length=320)
    sender_number_id = fields.IntField(null=True)
    """The sender number to reply from."""
    business_unit: fields.ForeignKeyNullableRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", null=True, related_name="mails", on_delete=fields.CASCADE
    )
    subscription_type: fields.ForeignKeyNullableRelation[SubscriptionType] = fields.ForeignKeyField(
        "preference_center.SubscriptionType", null=True, related_name="mails", on_delete=fields.CASCADE
    )
    locale = fields.CharField(max_length=35, null=True)
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    attempts = fields.IntField(db_default=0)
    sent_at = fields.DatetimeField(null=True)
    sent_with_id = fields.BigIntField(null=True)
    """The message that also answers this one: one mail asks to confirm several opt-ins."""
    trouble = fields.CharField(max_length=120, null=True)
    """Why the last attempt failed, without personal data."""

    class Meta:
        table = "outgoing_mails"
