from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0013_workflow_indexes")]

    initial = False

    operations = [
        ops.AddField(
            model_name="OutgoingMail",
            name="trouble",
            field=fields.CharField(null=True, max_length=120),
        ),
    ]
