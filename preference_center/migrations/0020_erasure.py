from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0019_wording_constraints")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ErasureLeftover",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("fingerprint", fields.BinaryField()),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "erasure_leftovers",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "An address that was erased, by its fingerprint: what is left of it on disk goes when this is due.",
            },
            bases=["Model"],
        ),
    ]
