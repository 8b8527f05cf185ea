"""Consent: the ledger and the state it results in. Only the `ledger` package writes these tables (R18)."""

from __future__ import annotations

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.tables.catalog import BusinessUnit, SubscriptionType
from preference_center.tables.checks import one_of
from preference_center.tables.contacts import Recipient


class ConsentEvent(Model):
    """The ledger. Append-only: triggers refuse UPDATE and DELETE. Identifies nobody by itself (R37)."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", related_name="events", on_delete=fields.RESTRICT
    )
    channel = fields.CharField(max_length=8)
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="events", on_delete=fields.RESTRICT
    )
    subscription_type: fields.ForeignKeyNullableRelation[SubscriptionType] = fields.ForeignKeyField(
        "preference_center.SubscriptionType", null=True, related_name="events", on_delete=fields.RESTRICT
    )
    before = fields.CharField(max_length=16)
    after = fields.CharField(max_length=16)
    superseded = fields.BooleanField(db_default=False)
    origin = fields.CharField(max_length=16)
    actor = fields.CharField(max_length=400)
    legal_basis = fields.CharField(max_length=32, null=True)
    operation_id = fields.BigIntField(null=True)
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    about_pause = fields.BooleanField(db_default=False)
    """Whether it sets or ends a pause. `before` and `after` then both hold the opt-out of all's status."""
    paused_until = fields.DatetimeField(null=True)
    """When the pause ends; NULL where the event ended it early."""
    carried_from_event_id = fields.BigIntField(null=True)
    """The event that this one repeats: an opt-out of the person's former address (R38), or a decision under
    another spelling of the phone number (R3); NULL for all others."""

    class Meta:
        table = "consent_events"
        constraints = (
            one_of("consent_events", "channel", Channel),
            one_of("consent_events", "before", PreferenceStatus),
            one_of("consent_events", "after", PreferenceStatus),
            one_of("consent_events", "origin", ConsentOrigin),
            one_of("consent_events", "legal_basis", LegalBasis),
        )


class Preference(Model):
    """The current preference of (recipient, channel, subscription type): what replaying the ledger gives."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", related_name="preferences", on_delete=fields.RESTRICT
    )
    channel = fields.CharField(max_length=8)
    subscription_type: fields.ForeignKeyRelation[SubscriptionType] = fields.ForeignKeyField(
        "preference_center.SubscriptionType", related_name="preferences", on_delete=fields.RESTRICT
    )
    status = fields.CharField(max_length=16)
    origin = fields.CharField(max_length=16)
    legal_basis = fields.CharField(max_length=32, null=True)
    occurred_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    operation_id = fields.BigIntField(null=True)
    event: fields.ForeignKeyRelation[ConsentEvent] = fields.ForeignKeyField(
        "preference_center.ConsentEvent", related_name="current", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "preferences"
        constraints = (
            one_of("preferences", "channel", Channel),
            one_of("preferences", "status", PreferenceStatus),
            one_of("preferences", "origin", ConsentOrigin),
            one_of("preferences", "legal_basis", LegalBasis),
            UniqueConstraint(
                fields=("recipient_id", "subscription_type_id", "channel"), name="preferences_of_unique"
            ),
        )


class OptOutOfAll(Model):
    """An opt-out of all of (recipient, channel, business unit). A removed one stays, inactive, for R17."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", related_name="opt_outs_of_all", on_delete=fields.RESTRICT
    )
    channel = fields.CharField(max_length=8)
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="opt_outs_of_all", on_delete=fields.RESTRICT
    )
    active = fields.BooleanField()
    origin = fields.CharField(max_length=16)
    occurred_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    operation_id = fields.BigIntField(null=True)
    event: fields.ForeignKeyRelation[ConsentEvent] = fields.ForeignKeyField(
        "preference_center.ConsentEvent", related_name="current_of_all", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "opt_outs_of_all"
        constraints = (
            one_of("opt_outs_of_all", "channel", Channel),
            one_of("opt_outs_of_all", "origin", ConsentOrigin),
            UniqueConstraint(
                fields=("recipient_id", "business_unit_id", "channel"), name="opt_outs_of_all_of_unique"
            ),
        )


class PendingOptIn(Model):
    """A double opt-in that its recipient has not confirmed yet (R19)."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", related_name="pending_opt_ins", on_delete=fields.RESTRICT
    )
    channel = fields.CharField(max_length=8)
    subscription_type: fields.ForeignKeyRelation[SubscriptionType] = fields.ForeignKeyField(
        "preference_center.SubscriptionType", related_name="pending_opt_ins", on_delete=fields.RESTRICT
    )
    origin = fields.CharField(max_length=16)
    actor = fields.CharField(max_length=400)
    legal_basis = fields.CharField(max_length=32, null=True)
    explanation = fields.TextField(null=True)
    requested_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    operation_id = fields.BigIntField(null=True)
    confirmations = fields.IntField(db_default=1)
    """How many confirmation messages were queued."""
    sent_again_at = fields.DatetimeField(null=True)
    """When the last confirmation message was queued; NULL while there was only the first."""

    class Meta:
        table = "pending_opt_ins"
        constraints = (
            one_of("pending_opt_ins", "channel", Channel),
            UniqueConstraint(
                fields=("recipient_id", "subscription_type_id", "channel"), name="pending_opt_ins_of_unique"
            ),
        )


class Pause(Model):
    """A pause of (recipient, channel, business unit): no marketing until an instant."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", related_name="pauses", on_delete=fields.RESTRICT
    )
    channel = fields.CharField(max_length=8)
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="pauses", on_delete=fields.RESTRICT
    )
    until = fields.DatetimeField()
    origin = fields.CharField(max_length=16, db_default="CONTACT_RECORD")
    actor = fields.CharField(max_length=400)
    set_at = fields.DatetimeField()
    event: fields.ForeignKeyNullableRelation[ConsentEvent] = fields.ForeignKeyField(
        "preference_center.ConsentEvent", null=True, related_name="current_pause", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "pauses"
        constraints = (
            one_of("pauses", "channel", Channel),
            one_of("pauses", "origin", ConsentOrigin),
            UniqueConstraint(fields=("recipient_id", "business_unit_id", "channel"), name="pauses_of_unique"),
        )
