"""API tokens can expire."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0029_finding_contacts")]

    initial = False

    operations = [
        ops.AddField(
            model_name="AccessToken",
            name="expires_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
