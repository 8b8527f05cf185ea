"""Senders without a phone number: what identifies them, and the number that belongs to a WhatsApp user id."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE UNIQUE INDEX whatsapp_users_of_fingerprint ON whatsapp_users (fingerprint)",
    "CREATE INDEX whatsapp_users_of_phone ON whatsapp_users (phone_fingerprint)",
    "CREATE INDEX inbound_messages_of_sender_id ON inbound_messages (sender_id) WHERE sender_id IS NOT NULL",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0024_carried_opt_outs")]

    initial = False

    operations = [
        ops.AddField(
            model_name="InboundMessage",
            name="sender_id",
            field=fields.CharField(max_length=160, null=True),
        ),
        ops.AddField(
            model_name="InboundMessage",
            name="sender_name",
            field=fields.CharField(max_length=160, null=True),
        ),
        ops.AddField(
            model_name="InboundMessage",
            name="by_provider",
            field=fields.BooleanField(db_default=False),
        ),
        ops.CreateModel(
            name="WhatsAppUser",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("fingerprint", fields.BinaryField()),
                ("phone_fingerprint", fields.BinaryField()),
                ("learned_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "whatsapp_users",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "The phone number that belongs to a WhatsApp user id, both as fingerprints.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]
