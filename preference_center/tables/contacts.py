"""Recipients (addresses) and contacts (people)."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import LegalBasis, RecipientKind
from preference_center.tables.checks import one_of


class Recipient(Model):
    """One address (R1-R3), looked up by its fingerprint.

    `address` is NULL after erasure (R36), and while the recipient is known from a link only (R32).
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=8)
    fingerprint = fields.BinaryField()
    """HMAC-SHA256 of the normalised address, truncated to 16 bytes; unique for each kind."""
    address = fields.CharField(max_length=320, null=True)
    links_revoked_at = fields.DatetimeField(null=True)
    erased_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    merged_into_id = fields.BigIntField(null=True)
    """The recipient that this is another spelling of (R3). What is looked up is that recipient."""

    class Meta:
        table = "recipients"
        constraints = (
            one_of("recipients", "kind", RecipientKind),
            UniqueConstraint(fields=("kind", "fingerprint"), name="recipients_fingerprint_unique"),
        )


class PhoneSpellingState(Model):
    """One row: the version of `rules.phone_spellings` up to which recipients were merged."""

    id = fields.IntField(primary_key=True)
    version = fields.IntField()

    class Meta:
        table = "phone_spelling_state"


class Contact(Model):
    """A person in the team's records. `email` and `phone` copy their recipients' addresses, for searching."""

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
    """Names case-folded, for sorting by name and for searching."""
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


class AddressRefusal(Model):
    """A mail server reported "no such mailbox": the address is unusable (R21) until a delivery."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Recipient] = fields.ForeignKeyField(
        "preference_center.Recipient", related_name="refusals", on_delete=fields.RESTRICT
    )
    answer = fields.CharField(max_length=120)
    """The SMTP reply codes only: the reply text would contain the address."""
    refused_at = fields.DatetimeField()

    class Meta:
        table = "address_refusals"
        constraints = (UniqueConstraint(fields=("recipient_id",), name="address_refusals_recipient_unique"),)
