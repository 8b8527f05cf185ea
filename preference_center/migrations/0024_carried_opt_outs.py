"""Opt-outs that followed a person to a new address refer to the event of the old one (R38)."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0023_asking")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ConsentEvent",
            name="carried_from_event_id",
            field=fields.BigIntField(null=True),
        ),
    ]
