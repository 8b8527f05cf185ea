from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0020_erasure")]

    initial = False

    operations = [
        ops.CreateModel(
            name="GivenReason",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "event",
                    fields.ForeignKeyField(
                        "preference_center.ConsentEvent",
                        source_field="event_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reasons",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "business_unit",
                    fields.ForeignKeyField(
                        "preference_center.BusinessUnit",
                        source_field="business_unit_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="leaving_reasons",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "subscription_type",
                    fields.ForeignKeyField(
                        "preference_center.SubscriptionType",
                        source_field="subscription_type_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="leaving_reasons",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("channel", fields.CharField(max_length=8)),
                ("reason", fields.CharField(max_length=24)),
                ("given_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "leaving_reasons",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "Why somebody left, of each thing that they left. No part of the ledger: it proves nothing.",
            },
            bases=["Model"],
        ),
    ]
