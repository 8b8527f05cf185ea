"""Short links in text messages, and which queued confirmations one message answers together."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE UNIQUE INDEX short_links_digest ON short_links (digest)",
    "CREATE INDEX short_links_kept_until ON short_links (kept_until) WHERE kept_until IS NOT NULL",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0033_token_changes")]

    initial = False

    operations = [
        ops.AddField(
            model_name="OutgoingMail",
            name="sent_with_id",
            field=fields.BigIntField(null=True),
        ),
        ops.CreateModel(
            name="ShortLink",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("digest", fields.CharField(max_length=32)),
                ("kind", fields.CharField(max_length=16)),
                ("payload", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("kept_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "short_links",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "The code of a short link, as a keyed digest, and what the link that it stands for says.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES),
    ]
