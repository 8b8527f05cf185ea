"""What proves events, beside the ledger. Written by `ledger` alone."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model


class ShownWording(Model):
    """What somebody was shown or said when a preference changed: a text in a language, kept once."""

    id = fields.BigIntField(primary_key=True)
    digest = fields.BinaryField()
    """SHA-256 of language and text, unique: what tells one version from another."""
    language = fields.CharField(max_length=35, null=True)
    text = fields.TextField()
    own_page = fields.BooleanField()
    """Whether it stood on a page of Sayso's own, which names nobody; else erasure may delete it (R36)."""
    first_shown_at = fields.DatetimeField()

    class Meta:
        table = "shown_wordings"
        constraints = (UniqueConstraint(fields=("digest",), name="shown_wordings_digest_unique"),)


class Evidence(Model):
    """What proves one event, and its free text, beside the ledger, because erasure removes it (R36)."""

    event: fields.OneToOneRelation[Any] = fields.OneToOneField(
        "preference_center.ConsentEvent", primary_key=True, related_name="evidence", on_delete=fields.RESTRICT
    )
    explanation = fields.TextField(null=True)
    ip_address = fields.CharField(max_length=45, null=True)
    user_agent = fields.TextField(null=True)
    url = fields.TextField(null=True)
    wording: fields.ForeignKeyNullableRelation[ShownWording] = fields.ForeignKeyField(
        "preference_center.ShownWording", null=True, related_name="evidence", on_delete=fields.RESTRICT
    )
    locale = fields.CharField(max_length=35, null=True)

    class Meta:
        table = "evidence"
