from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0003_guards_and_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Operation",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=24)),
                ("state", fields.CharField(max_length=12)),
                ("dry_run", fields.BooleanField(db_default=False)),
                ("parameters", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("explanation", fields.TextField(null=True, unique=False)),
                ("actor", fields.CharField(max_length=400)),
                ("idempotency_key", fields.CharField(null=True, max_length=200)),
                ("digest", fields.BinaryField(null=True)),
                ("total", fields.BigIntField(null=True)),
                ("position", fields.IntField(db_default=-1)),
                ("processed", fields.BigIntField(db_default=0)),
                ("changed", fields.BigIntField(db_default=0)),
                ("unchanged", fields.BigIntField(db_default=0)),
                ("refused", fields.BigIntField(db_default=0)),
                ("refusals", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("error", fields.TextField(null=True, unique=False)),
                ("attempts", fields.IntField(db_default=0)),
                ("cancelling", fields.BooleanField(db_default=False)),
                ("reverts_id", fields.BigIntField(null=True)),
                ("reverted_by_id", fields.BigIntField(null=True)),
                ("lease_owner", fields.CharField(null=True, max_length=64)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "operations",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A long job, with its own progress: what a crash left is taken up where that stands.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OperationPart",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "operation",
                    fields.ForeignKeyField(
                        "preference_center.Operation",
                        source_field="operation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="parts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.IntField()),
                ("payload", fields.TextField(unique=False)),
            ],
            options={
                "table": "operation_parts",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "Some thousand of an operation's targets or rows, done in one transaction.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OperationRefusal",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "operation",
                    fields.ForeignKeyField(
                        "preference_center.Operation",
                        source_field="operation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="refused_rows",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("line", fields.BigIntField(null=True)),
                ("contact_id", fields.BigIntField(null=True)),
                ("recipient_id", fields.BigIntField(null=True)),
                ("about", fields.CharField(null=True, max_length=200)),
                ("code", fields.CharField(max_length=32)),
                ("message", fields.TextField(unique=False)),
            ],
            options={
                "table": "operation_refusals",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "One contact, row or preference that an operation could not do, and why, to be downloaded.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="OptOutOfAll",
            name="operation_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="PendingOptIn",
            name="operation_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="Preference",
            name="operation_id",
            field=fields.BigIntField(null=True),
        ),
    ]
