from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0007_properties_index")]

    initial = False

    operations = [
        ops.AddField(
            model_name="OutgoingMail",
            name="channel",
            field=fields.CharField(max_length=8, db_default="EMAIL"),
        ),
        ops.AddField(model_name="OutgoingMail", name="sender_number_id", field=fields.IntField(null=True)),
        ops.CreateModel(
            name="CallPermit",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "preference_center.Contact",
                        source_field="contact_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="call_permits",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("legal_basis", fields.CharField(max_length=32)),
                ("explanation", fields.TextField(unique=False)),
                ("actor", fields.CharField(max_length=400)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("used_by", fields.CharField(null=True, max_length=400)),
            ],
            options={
                "table": "call_permits",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A ground recorded for one call to a contact who is out of all email, used up by it (R25).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Keyword",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "business_unit",
                    fields.ForeignKeyField(
                        "preference_center.BusinessUnit",
                        source_field="business_unit_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="keywords",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("word", fields.CharField(max_length=80)),
                ("meaning", fields.CharField(max_length=16)),
                ("locale", fields.CharField(null=True, max_length=35)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "keywords",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A word that a business unit adds to the lists of R27.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SenderNumber",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("number", fields.CharField(max_length=16)),
                ("channel", fields.CharField(max_length=8)),
                (
                    "business_unit",
                    fields.ForeignKeyField(
                        "preference_center.BusinessUnit",
                        source_field="business_unit_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sender_numbers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("provider_id", fields.CharField(null=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sender_numbers",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A number of the business that recipients write to, on one channel (R28).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InboundMessage",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("digest", fields.BinaryField()),
                ("channel", fields.CharField(max_length=8)),
                (
                    "recipient",
                    fields.ForeignKeyField(
                        "preference_center.Recipient",
                        source_field="recipient_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="inbound_messages",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "sender_number",
                    fields.ForeignKeyField(
                        "preference_center.SenderNumber",
                        source_field="sender_number_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "business_unit",
                    fields.ForeignKeyField(
                        "preference_center.BusinessUnit",
                        source_field="business_unit_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("sent_to", fields.CharField(max_length=64)),
                ("meaning", fields.CharField(max_length=16)),
                ("answered", fields.BooleanField(db_default=False)),
                ("body", fields.TextField(null=True, unique=False)),
                ("needs_review", fields.BooleanField(db_default=False)),
                ("verdict", fields.CharField(null=True, max_length=8)),
                ("settled_by", fields.CharField(null=True, max_length=400)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "inbound_messages",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A provider's message that was taken in: it acts once (R30). Its text is kept only for review (R29).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SenderNumberType",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "sender_number",
                    fields.ForeignKeyField(
                        "preference_center.SenderNumber",
                        source_field="sender_number_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="carried",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "subscription_type",
                    fields.ForeignKeyField(
                        "preference_center.SubscriptionType",
                        source_field="subscription_type_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="carried_by",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "sender_number_types",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A type that a sender number carries: what an opt-in keyword opts in to.",
            },
            bases=["Model"],
        ),
    ]
