"""Evidence of consent events. Only the `ledger` package writes these tables (R18)."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model


class ShownWording(Model):
    """A text that a person was shown, or wrote, when a preference changed. Stored once for each language."""

    id = fields.BigIntField(primary_key=True)
    digest = fields.BinaryField()
    """SHA-256 of language and text; unique. Identifies a version of the text."""
    language = fields.CharField(max_length=35, null=True)
    text = fields.TextField()
    own_page = fields.BooleanField()
    """Whether a page of Sayso showed it: such a text names nobody. Erasure may delete others (R36)."""
    first_shown_at = fields.DatetimeField()

    class Meta:
        table = "shown_wordings"
        constraints = (UniqueConstraint(fields=("digest",), name="shown_wordings_digest_unique"),)


class Evidence(Model):
    """Proof of one event and its free text. Stored outside the ledger because erasure deletes it (R36)."""

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
