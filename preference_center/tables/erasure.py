"""Work that erasures leave for later."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ErasureLeftover(Model):
    """An erased address, by its fingerprint. What remains of it on disk is overwritten once this is due."""

    id = fields.BigIntField(primary_key=True)
    fingerprint = fields.BinaryField()
    due_at = fields.DatetimeField()

    class Meta:
        table = "erasure_leftovers"


class Erasure(Model):
    """An erasure that this database has, by its id in the journal. A restored backup lacks later ones."""

    id = fields.CharField(max_length=32, primary_key=True)
    erased_at = fields.DatetimeField()

    class Meta:
        table = "erasures"
