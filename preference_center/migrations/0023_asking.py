from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# Asking counts in one statement, which needs a unique to conflict with.
INDEXES = ["CREATE UNIQUE INDEX network_askings_of_network ON network_askings (digest)"]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0022_leaving_reason_constraints")]

    initial = False

    operations = [
        ops.AddField(
            model_name="PendingOptIn",
            name="confirmations",
            field=fields.IntField(db_default=1),
        ),
        ops.AddField(
            model_name="PendingOptIn",
            name="sent_again_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.CreateModel(
            name="LinkRequestCount",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("digest", fields.BinaryField()),
                ("hour_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("in_hour", fields.IntField()),
                ("day_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("in_day", fields.IntField()),
            ],
            options={
                "table": "network_askings",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "How often a network asked for links of late: a keyed digest of it, for a day (R35).",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]
