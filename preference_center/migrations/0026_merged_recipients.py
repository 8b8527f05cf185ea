"""Recipients that are other spellings of the same phone number (R3), and which spellings were merged so far."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEX = "CREATE INDEX recipients_merged ON recipients (merged_into_id) WHERE merged_into_id IS NOT NULL"
# `sayso migrate` merges spellings after the migrations. A database without phone numbers has none.
VERSION = (
    "INSERT INTO phone_spelling_state (id, version)"
    " SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM recipients WHERE kind = 'PHONE') THEN 0 ELSE 1 END"
)


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0025_whatsapp_user_ids")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Recipient",
            name="merged_into_id",
            field=fields.BigIntField(null=True),
        ),
        ops.CreateModel(
            name="PhoneSpellingState",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField()),
            ],
            options={
                "table": "phone_spelling_state",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "One row: the version of the spellings up to which recipients were merged.",
            },
            bases=["Model"],
        ),
        ops.RunSQL([INDEX, VERSION]),
    ]
