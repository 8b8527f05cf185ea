"""The catalog: business units and subscription types."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from preference_center.rules.types import Purpose, ResubscribePolicy
from preference_center.tables.checks import one_of


class BusinessUnit(Model):
    """A brand that sends in its own name."""

    id = fields.IntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=200)
    data_privacy = fields.BooleanField(db_default=True)
    resubscribe = fields.CharField(max_length=32, db_default="WITH_LEGAL_BASIS")
    default_locale = fields.CharField(max_length=35, db_default="en")
    colour = fields.CharField(max_length=7, db_default="#3d5a80")
    logo = fields.TextField(null=True)
    """A `data:` URI, so that pages load nothing from other hosts."""
    postal_address = fields.TextField(null=True)
    appearance: fields.Field[dict[str, Any]] = fields.JSONField(db_default="{}")
    """What `catalog.appearance` stores of the brand's own look."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "business_units"
        constraints = (one_of("business_units", "resubscribe", ResubscribePolicy),)


class SubscriptionType(Model):
    """A kind of message of one business unit."""

    id = fields.IntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    reference = fields.BinaryField()
    """Identifies the type in a link in place of its key: 6 bytes, unique."""
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="subscription_types", on_delete=fields.RESTRICT
    )
    names: fields.Field[dict[str, str]] = fields.JSONField()
    descriptions: fields.Field[dict[str, str]] = fields.JSONField()
    purpose = fields.CharField(max_length=16, db_default="MARKETING")
    channels: fields.Field[list[str]] = fields.JSONField()
    is_public = fields.BooleanField(db_default=True)
    double_opt_in = fields.BooleanField(db_default=False)
    position = fields.IntField(db_default=0)
    group_names: fields.Field[dict[str, str]] = fields.JSONField(db_default="{}")
    frequencies: fields.Field[dict[str, str]] = fields.JSONField(db_default="{}")
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "subscription_types"
        constraints = (
            one_of("subscription_types", "purpose", Purpose),
            UniqueConstraint(fields=("reference",), name="subscription_types_reference_unique"),
        )


class Preview(Model):
    """A look of a business unit that is not saved, for links that show it. Deleted after a day."""

    id = fields.IntField(primary_key=True)
    reference = fields.BinaryField()
    """What a link names it by: 16 random bytes."""
    business_unit: fields.ForeignKeyRelation[BusinessUnit] = fields.ForeignKeyField(
        "preference_center.BusinessUnit", related_name="previews", on_delete=fields.CASCADE
    )
    settings: fields.Field[dict[str, Any]] = fields.JSONField()
    """As `BusinessUnit.appearance`."""
    colour = fields.CharField(max_length=7)
    logo = fields.TextField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "previews"


class CatalogState(Model):
    """One row. `version` increases with each change to the catalog, so that every process notices it."""

    id = fields.IntField(primary_key=True)
    version = fields.BigIntField()

    class Meta:
        table = "catalog_state"
