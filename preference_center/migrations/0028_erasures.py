"""Erasures by their ids in the erasure journal: a restored backup repeats those that it lacks (R36)."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0027_operation_opt_outs")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Erasure",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("erased_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "erasures",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "An erasure that this database has, by its id in the journal. A restored backup lacks later ones.",
            },
            bases=["Model"],
        ),
    ]
