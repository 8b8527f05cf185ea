from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0010_text_message_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Workflow",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=200)),
                ("enabled", fields.BooleanField()),
                ("reenroll", fields.BooleanField()),
                ("triggers", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("condition", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("when_property", fields.CharField(null=True, max_length=200)),
                ("when_preference", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("actions", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("enrolled", fields.BigIntField(db_default=0)),
                ("changed", fields.BigIntField(db_default=0)),
                ("unchanged", fields.BigIntField(db_default=0)),
                ("refused", fields.BigIntField(db_default=0)),
                ("failed", fields.BigIntField(db_default=0)),
                ("cut", fields.BigIntField(db_default=0)),
                ("version", fields.IntField(db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "workflows",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "Who is enrolled by what, and what is then done to their preferences.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Enrolment",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "workflow",
                    fields.ForeignKeyField(
                        "preference_center.Workflow",
                        source_field="workflow_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="enrolments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("contact_id", fields.BigIntField()),
                ("trigger_kind", fields.CharField(max_length=24)),
                ("trigger_id", fields.BigIntField(null=True)),
                ("event_id", fields.BigIntField(null=True)),
                ("operation_id", fields.BigIntField(null=True)),
                ("is_first", fields.BooleanField()),
                ("state", fields.CharField(max_length=8)),
                ("error", fields.TextField(null=True, unique=False)),
                ("results", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("enrolled_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "enrolments",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "One contact that went through a workflow, once, and what came of it. Never changed afterwards.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WorkflowTrigger",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=24)),
                ("contact_id", fields.BigIntField(null=True)),
                ("recipient_id", fields.BigIntField(null=True)),
                ("event_id", fields.BigIntField(null=True)),
                ("subscription_type_id", fields.IntField(null=True)),
                ("channel", fields.CharField(null=True, max_length=8)),
                ("status", fields.CharField(null=True, max_length=16)),
                ("properties", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("path", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "workflow_triggers",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "Something that happened and that a workflow may wait for, written together with it, gone once run.",
            },
            bases=["Model"],
        ),
    ]
