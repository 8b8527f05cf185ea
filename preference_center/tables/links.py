"""Short links: the only links that the database knows."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ShortLink(Model):
    """The code of a short link, as a keyed digest, and what the link that it stands for says.

    Neither the code nor a signature is stored: whoever reads this table can open no link.
    """

    id = fields.BigIntField(primary_key=True)
    digest = fields.CharField(max_length=32)
    """Hexadecimal; unique."""
    kind = fields.CharField(max_length=16)
    """The kind of the link that it stands for: WITHDRAW, MANAGE, CONFIRM or ERASURE."""
    payload = fields.BinaryField()
    """What that link signs: the recipient's fingerprint, what it is about, when it was made."""
    created_at = fields.DatetimeField()
    kept_until = fields.DatetimeField(null=True)
    """When the row may be deleted; NULL for a link that never expires."""

    class Meta:
        table = "short_links"
