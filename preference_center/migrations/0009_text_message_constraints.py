from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0008_text_messages")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="CallPermit",
            constraint=CheckConstraint(
                check="legal_basis IN ('LEGITIMATE_INTEREST_PQL', 'LEGITIMATE_INTEREST_CLIENT', 'LEGITIMATE_INTEREST_OTHER', 'PERFORMANCE_OF_CONTRACT', 'CONSENT_WITH_NOTICE', 'PROCESS_AND_STORE', 'NON_GDPR')",
                name="call_permits_legal_basis_known",
            ),
        ),
        ops.AddConstraint(
            model_name="InboundMessage",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="inbound_messages_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="InboundMessage",
            constraint=CheckConstraint(
                check="meaning IN ('STOP', 'START', 'HELP', 'WITHDRAWAL', 'UNCLEAR', 'NOTHING')",
                name="inbound_messages_meaning_known",
            ),
        ),
        ops.AddConstraint(
            model_name="InboundMessage",
            constraint=CheckConstraint(
                check="verdict IN ('OPT_OUT', 'OPT_IN', 'NOTHING')", name="inbound_messages_verdict_known"
            ),
        ),
        ops.AddConstraint(
            model_name="InboundMessage",
            constraint=UniqueConstraint(fields=("digest",), name="inbound_messages_digest_unique"),
        ),
        ops.AddConstraint(
            model_name="Keyword",
            constraint=CheckConstraint(
                check="meaning IN ('STOP', 'START', 'HELP', 'WITHDRAWAL', 'UNCLEAR', 'NOTHING')",
                name="keywords_meaning_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Keyword",
            constraint=UniqueConstraint(fields=("business_unit_id", "word"), name="keywords_word_unique"),
        ),
        ops.AlterModelOptions(
            name="OutgoingMail",
            options={
                "table": "outgoing_mails",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "A mail or text message to be sent, claimed by the worker. Rendered only then: no link rests here.",
            },
        ),
        ops.AddConstraint(
            model_name="SenderNumber",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="sender_numbers_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="SenderNumber",
            constraint=UniqueConstraint(fields=("number", "channel"), name="sender_numbers_number_unique"),
        ),
        ops.AddConstraint(
            model_name="SenderNumberType",
            constraint=UniqueConstraint(
                fields=("sender_number_id", "subscription_type_id"), name="sender_number_types_of_unique"
            ),
        ),
    ]
