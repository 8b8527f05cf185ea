"""Looks of business units that are not saved, for links that show them."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE UNIQUE INDEX previews_by_reference ON previews (reference)",
    "CREATE INDEX previews_of_unit ON previews (business_unit_id)",
    "CREATE INDEX previews_by_age ON previews (created_at)",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0034_short_links")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Preview",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("reference", fields.BinaryField()),
                (
                    "business_unit",
                    fields.ForeignKeyField(
                        "preference_center.BusinessUnit",
                        source_field="business_unit_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="previews",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("settings", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("colour", fields.CharField(max_length=7)),
                ("logo", fields.TextField(null=True, unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "previews",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A look of a business unit that is not saved, for links that show it. Deleted after a day.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]
