"""Sender numbers, keywords, inbound messages, call permits, and rate limits of link requests."""

from __future__ import annotations

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import Channel, LegalBasis, Meaning, Verdict
from preference_center.tables.catalog import BusinessUnit, SubscriptionType
from preference_center.tables.checks import one_of
from preference_center.tables.contacts import Contact, Recipient


class SenderNumber(Model):
    """A phone number of a business unit that recipients write to, on one channel (R28)."""

    id = fields.IntField(primary_key=True)
    number = fields.CharField(max_length=16)
    """E.164."""
    channel = fields.CharField(max_length=8)
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="sender_numbers", on_delete=fields.RESTRICT
    )
    provider_id = fields.CharField(max_length=64, null=True)
    """The number's id in the provider's API, such as WhatsApp's phone number id."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "sender_numbers"
        constraints = (
            one_of("sender_numbers", "channel", Channel),
            UniqueConstraint(fields=("number", "channel"), name="sender_numbers_number_unique"),
        )


class SenderNumberType(Model):
    """A subscription type that a sender number carries: an opt-in keyword opts in to it (R28)."""

    id = fields.IntField(primary_key=True)
    sender_number: fields.ForeignKeyRelation[SenderNumber] = fields.ForeignKeyField(
        "preference_center.SenderNumber", related_name="carried", on_delete=fields.CASCADE
    )
    subscription_type: fields.ForeignKeyRelation[SubscriptionType] = fields.ForeignKeyField(
        "preference_center.SubscriptionType", related_name="carried_by", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "sender_number_types"
        constraints = (
            UniqueConstraint(
                fields=("sender_number_id", "subscription_type_id"), name="sender_number_types_of_unique"
            ),
        )


class Keyword(Model):
    """A keyword that a business unit adds to the built-in lists (R27)."""

    id = fields.IntField(primary_key=True)
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="keywords", on_delete=fields.CASCADE
    )
    word = fields.CharField(max_length=80)
    """Normalised, as messages are compared."""
    meaning = fields.CharField(max_length=16)
    """STOP, START or HELP."""
    locale = fields.CharField(max_length=35, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "keywords"
        constraints = (
            one_of("keywords", "meaning", Meaning),
            UniqueConstraint(fields=("business_unit_id", "word"), name="keywords_word_unique"),
        )


class InboundMessage(Model):
    """A message received from a provider. Acts once (R30). Its text is stored only for review (R29)."""

    id = fields.BigIntField(primary_key=True)
    digest = fields.BinaryField()
    """SHA-256 of the provider's message id, because WhatsApp's ids contain the sender's number."""
    channel = fields.CharField(max_length=8)
    recipient: fields.ForeignKeyNullableRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", null=True, related_name="inbound_messages", on_delete=fields.RESTRICT
    )
    sender_number: fields.ForeignKeyNullableRelation[SenderNumber] = fields.ForeignKeyField(
        "preference_center.SenderNumber", null=True, related_name="messages", on_delete=fields.SET_NULL
    )
    business_unit: fields.ForeignKeyNullableRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", null=True, related_name="messages", on_delete=fields.RESTRICT
    )
    sent_to = fields.CharField(max_length=64)
    """The number it was sent to, as the provider reports it."""
    sender_id = fields.CharField(max_length=160, null=True)
    """What identifies a sender whose phone number is unknown, such as a WhatsApp user id."""
    sender_name = fields.CharField(max_length=160, null=True)
    """The user name, or else the name, of such a sender."""
    by_provider = fields.BooleanField(db_default=False)
    """Whether the provider reported what the person did there, instead of a message (R39)."""
    meaning = fields.CharField(max_length=16)
    answered = fields.BooleanField(db_default=False)
    body = fields.TextField(null=True)
    needs_review = fields.BooleanField(db_default=False)
    verdict = fields.CharField(max_length=8, null=True)
    settled_by = fields.CharField(max_length=400, null=True)
    settled_at = fields.DatetimeField(null=True)
    occurred_at = fields.DatetimeField()
    """The provider's time, where it reports one."""
    received_at = fields.DatetimeField()

    class Meta:
        table = "inbound_messages"
        constraints = (
            one_of("inbound_messages", "channel", Channel),
            one_of("inbound_messages", "meaning", Meaning),
            one_of("inbound_messages", "verdict", Verdict),
            UniqueConstraint(fields=("digest",), name="inbound_messages_digest_unique"),
        )


class WhatsAppUser(Model):
    """The phone number that belongs to a WhatsApp user id, both as keyed fingerprints (R29, R32)."""

    id = fields.BigIntField(primary_key=True)
    fingerprint = fields.BinaryField()
    phone_fingerprint = fields.BinaryField()
    learned_at = fields.DatetimeField()

    class Meta:
        table = "whatsapp_users"


class CallPermit(Model):
    """A legal basis for one call to a contact who is opted out of all email, used up by that call (R25)."""

    id = fields.BigIntField(primary_key=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "preference_center.Contact", related_name="call_permits", on_delete=fields.CASCADE
    )
    legal_basis = fields.CharField(max_length=32)
    explanation = fields.TextField()
    actor = fields.CharField(max_length=400)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    used_by = fields.CharField(max_length=400, null=True)

    class Meta:
        table = "call_permits"
        constraints = (one_of("call_permits", "legal_basis", LegalBasis),)


class LinkRequestCount(Model):
    """How often a network requested links lately, by a keyed digest of its address; kept for a day (R35)."""

    id = fields.BigIntField(primary_key=True)
    digest = fields.BinaryField()
    hour_from = fields.DatetimeField()
    in_hour = fields.IntField()
    day_from = fields.DatetimeField()
    in_day = fields.IntField()

    class Meta:
        table = "network_askings"
