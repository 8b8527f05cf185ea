"""API tokens."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


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
    expires_at = fields.DatetimeField(null=True)
    """When it stops working; null if it does not expire."""

    class Meta:
        table = "access_tokens"
