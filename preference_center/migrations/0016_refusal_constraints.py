from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0015_refusals")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="AddressRefusal",
            constraint=UniqueConstraint(fields=("recipient_id",), name="address_refusals_recipient_unique"),
        ),
    ]
