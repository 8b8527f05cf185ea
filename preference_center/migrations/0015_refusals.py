from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0014_mail")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AddressRefusal",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "recipient",
                    fields.ForeignKeyField(
                        "preference_center.Recipient",
                        source_field="recipient_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="refusals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("answer", fields.CharField(max_length=120)),
                ("refused_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "address_refusals",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A mail server said that there is no such mailbox: the address is unusable (R21) until one is taken.",
            },
            bases=["Model"],
        ),
    ]
