"""The table of what erasures leave to be done, without behaviour."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ErasureLeftover(Model):
    """An address that was erased, by its fingerprint: what is left of it on disk goes when this is due."""

    id = fields.BigIntField(primary_key=True)
    fingerprint = fields.BinaryField()
    due_at = fields.DatetimeField()

    class Meta:
        table = "erasure_leftovers"
