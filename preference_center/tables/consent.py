"""The tables, without behaviour. Consent tables are written by `ledger` alone."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import (
    Channel,
    ConsentOrigin,
    LegalBasis,
    PreferenceStatus,
    Purpose,
    RecipientKind,
    ResubscribePolicy,
)
from preference_center.tables.checks import one_of


class BusinessUnit(Model):
    """A brand that writes to people in its own name."""

    id = fields.IntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=200)
    data_privacy = fields.BooleanField(db_default=True)
    resubscribe = fields.CharField(max_length=32, db_default="WITH_LEGAL_BASIS")
    default_locale = fields.CharField(max_length=35, db_default="en")
    colour = fields.CharField(max_length=7, db_default="#3d5a80")
    logo = fields.TextField(null=True)
    """A `data:` URI: pages make no request to anybody else."""
    postal_address = fields.TextField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "business_units"
        constraints = (one_of("business_units", "resubscribe", ResubscribePolicy),)


class SubscriptionType(Model):
    """A kind of message, of one business unit."""

    id = fields.IntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    reference = fields.BinaryField()
    """What stands for the key in a link: 6 bytes, unique."""
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="subscription_types", on_delete=fields.RESTRICT
    )
    names: fields.Field[dict[str, str]] = fields.JSONField()
    descriptions: fields.Field[dict[str, str]] = fields.JSONField()
    purpose = fields.CharField(max_length=16, db_default="MARKETING")
    channels: fields.Field[list[str]] = fields.JSONField()
    is_public = fields.BooleanField(db_default=True)
    double_opt_in = fields.BooleanField(db_default=False)
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "subscription_types"
        constraints = (
            one_of("subscription_types", "purpose", Purpose),
            UniqueConstraint(fields=("reference",), name="subscription_types_reference_unique"),
        )


class CatalogState(Model):
    """One row, counted up with each change of the catalogue, so that every process notices."""

    id = fields.IntField(primary_key=True)
    version = fields.BigIntField()

    class Meta:
        table = "catalog_state"


class Recipient(Model):
    """One address (R1-R3), found by its fingerprint, null once erased, or while only a link named it."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=8)
    fingerprint = fields.BinaryField()
    """HMAC-SHA256 of the normalised address, cut to 16 bytes, unique per kind."""
    address = fields.CharField(max_length=320, null=True)
    links_revoked_at = fields.DatetimeField(null=True)
    erased_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "recipients"
        constraints = (
            one_of("recipients", "kind", RecipientKind),
            UniqueConstraint(
                fields=(
                    "kind",
                    "fingerprint",
                ),
                name="recipients_fingerprint_unique",
            ),
        )


class Contact(Model):
    """A person in the team's records. `email` and `phone` repeat their recipients' addresses, for finding."""

    id = fields.BigIntField(primary_key=True)
    email_recipient: fields.OneToOneNullableRelation[Recipient] = fields.OneToOneField(
        "preference_center.Recipient", null=True, related_name="email_contact", on_delete=fields.RESTRICT
    )
    phone_recipient: fields.ForeignKeyNullableRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", null=True, related_name="phone_contacts", on_delete=fields.RESTRICT
    )
    email = fields.CharField(max_length=320, null=True)
    phone = fields.CharField(max_length=16, null=True)
    first_name = fields.CharField(max_length=200, null=True)
    last_name = fields.CharField(max_length=200, null=True)
    folded_first_name = fields.CharField(max_length=200, db_default="")
    folded_last_name = fields.CharField(max_length=200, db_default="")
    """Names case-folded: what NAME_ASC orders by, and what searching looks through."""
    locale = fields.CharField(max_length=35, null=True)
    properties: fields.Field[dict[str, Any]] = fields.JSONField()
    processing_basis = fields.CharField(max_length=32, null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "contacts"
        constraints = (
            one_of("contacts", "processing_basis", LegalBasis),
            UniqueConstraint(fields=("email",), name="contacts_email_unique"),
        )


class ConsentEvent(Model):
    """The ledger: append-only, guarded by triggers. Names nobody by itself (R37)."""

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
    """Whether it is about a silence: `before` and `after` are then what holds of all, which stays."""
    paused_until = fields.DatetimeField(null=True)
    """The silence's end; null where it was ended by hand."""

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
    """What holds for (recipient, channel, subscription type): what replaying the ledger gives."""

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
                fields=(
                    "recipient_id",
                    "subscription_type_id",
                    "channel",
                ),
                name="preferences_of_unique",
            ),
        )


class OptOutOfAll(Model):
    """The opt-out of all for (recipient, channel, business unit), kept inactive once removed (R17)."""

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
                fields=(
                    "recipient_id",
                    "business_unit_id",
                    "channel",
                ),
                name="opt_outs_of_all_of_unique",
            ),
        )


class PendingOptIn(Model):
    """A double opt-in that waits for its recipient's confirmation (R19)."""

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
    """How many messages asked the recipient to confirm."""
    sent_again_at = fields.DatetimeField(null=True)
    """When the last of them was queued, where it was not the first."""

    class Meta:
        table = "pending_opt_ins"
        constraints = (
            one_of("pending_opt_ins", "channel", Channel),
            UniqueConstraint(
                fields=(
                    "recipient_id",
                    "subscription_type_id",
                    "channel",
                ),
                name="pending_opt_ins_of_unique",
            ),
        )


class Pause(Model):
    """(recipient, channel, business unit) is silent until a date."""

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
            UniqueConstraint(
                fields=(
                    "recipient_id",
                    "business_unit_id",
                    "channel",
                ),
                name="pauses_of_unique",
            ),
        )


class OutgoingMail(Model):
    """A mail or text message to be sent, claimed by the worker. Rendered only then: no link rests here."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=16)
    channel = fields.CharField(max_length=8, db_default="EMAIL")
    fingerprint = fields.BinaryField()
    address = fields.CharField(max_length=320)
    sender_number_id = fields.IntField(null=True)
    """The number that an answer goes out from."""
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
    trouble = fields.CharField(max_length=120, null=True)
    """Why it was not sent at the last try: in words and numbers that name nobody."""

    class Meta:
        table = "outgoing_mails"


class AddressRefusal(Model):
    """A mail server said that there is no such mailbox: the address is unusable (R21) until one is taken."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", related_name="refusals", on_delete=fields.RESTRICT
    )
    answer = fields.CharField(max_length=120)
    """The server's numbers; its words would name the address."""
    refused_at = fields.DatetimeField()

    class Meta:
        table = "address_refusals"
        constraints = (UniqueConstraint(fields=("recipient_id",), name="address_refusals_recipient_unique"),)


class AccessToken(Model):
    """An API token: its readable prefix and its hash, never the token."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=200, unique=True)
    prefix = fields.CharField(max_length=16, unique=True)
    digest = fields.BinaryField()
    scopes: fields.Field[list[str]] = fields.JSONField()
    origin = fields.CharField(max_length=16, db_default="CONTACT_RECORD")
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "access_tokens"
