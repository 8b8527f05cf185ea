"""A brand's own look, and the order, groups and frequency notes of its subscription types."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0031_history_indexes")]

    initial = False

    operations = [
        ops.AddField(
            model_name="BusinessUnit",
            name="appearance",
            field=fields.JSONField(db_default="{}", encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="SubscriptionType",
            name="position",
            field=fields.IntField(db_default=0),
        ),
        ops.AddField(
            model_name="SubscriptionType",
            name="group_names",
            field=fields.JSONField(db_default="{}", encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="SubscriptionType",
            name="frequencies",
            field=fields.JSONField(db_default="{}", encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
