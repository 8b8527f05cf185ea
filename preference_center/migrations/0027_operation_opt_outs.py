"""Operations count the rows that opted somebody out."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0026_merged_recipients")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Operation",
            name="opted_out",
            field=fields.BigIntField(db_default=0),
        ),
    ]
