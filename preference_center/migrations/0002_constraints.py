from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0001_initial")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="BusinessUnit",
            constraint=CheckConstraint(
                check="resubscribe IN ('WITH_LEGAL_BASIS', 'RECIPIENT_ONLY')",
                name="business_units_resubscribe_known",
            ),
        ),
        ops.AddConstraint(
            model_name="ConsentEvent",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="consent_events_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="ConsentEvent",
            constraint=CheckConstraint(
                check="before IN ('OPTED_IN', 'NOT_OPTED', 'OPTED_OUT')", name="consent_events_before_known"
            ),
        ),
        ops.AddConstraint(
            model_name="ConsentEvent",
            constraint=CheckConstraint(
                check="after IN ('OPTED_IN', 'NOT_OPTED', 'OPTED_OUT')", name="consent_events_after_known"
            ),
        ),
        ops.AddConstraint(
            model_name="ConsentEvent",
            constraint=CheckConstraint(
                check="origin IN ('PREFERENCE_PAGE', 'UNSUBSCRIBE_LINK', 'ONE_CLICK', 'KEYWORD', 'CONFIRMATION', 'PROVIDER', 'CONTACT_RECORD', 'BULK_UPDATE', 'IMPORT', 'INTEGRATION', 'WORKFLOW', 'REVERSAL')",
                name="consent_events_origin_known",
            ),
        ),
        ops.AddConstraint(
            model_name="ConsentEvent",
            constraint=CheckConstraint(
                check="legal_basis IN ('LEGITIMATE_INTEREST_PQL', 'LEGITIMATE_INTEREST_CLIENT', 'LEGITIMATE_INTEREST_OTHER', 'PERFORMANCE_OF_CONTRACT', 'CONSENT_WITH_NOTICE', 'PROCESS_AND_STORE', 'NON_GDPR')",
                name="consent_events_legal_basis_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Contact",
            constraint=CheckConstraint(
                check="processing_basis IN ('LEGITIMATE_INTEREST_PQL', 'LEGITIMATE_INTEREST_CLIENT', 'LEGITIMATE_INTEREST_OTHER', 'PERFORMANCE_OF_CONTRACT', 'CONSENT_WITH_NOTICE', 'PROCESS_AND_STORE', 'NON_GDPR')",
                name="contacts_processing_basis_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Contact",
            constraint=UniqueConstraint(fields=("email",), name="contacts_email_unique"),
        ),
        ops.AlterModelOptions(
            name="Evidence",
            options={
                "table": "evidence",
                "app": "preference_center",
                "pk_attr": "event_id",
                "table_description": "What proves one event, and its free text, beside the ledger, because erasure removes it (R36).",
            },
        ),
        ops.AddConstraint(
            model_name="OptOutOfAll",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="opt_outs_of_all_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="OptOutOfAll",
            constraint=CheckConstraint(
                check="origin IN ('PREFERENCE_PAGE', 'UNSUBSCRIBE_LINK', 'ONE_CLICK', 'KEYWORD', 'CONFIRMATION', 'PROVIDER', 'CONTACT_RECORD', 'BULK_UPDATE', 'IMPORT', 'INTEGRATION', 'WORKFLOW', 'REVERSAL')",
                name="opt_outs_of_all_origin_known",
            ),
        ),
        ops.AddConstraint(
            model_name="OptOutOfAll",
            constraint=UniqueConstraint(
                fields=("recipient_id", "business_unit_id", "channel"), name="opt_outs_of_all_of_unique"
            ),
        ),
        ops.AddConstraint(
            model_name="Pause",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="pauses_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="Pause",
            constraint=UniqueConstraint(
                fields=("recipient_id", "business_unit_id", "channel"), name="pauses_of_unique"
            ),
        ),
        ops.AddConstraint(
            model_name="PendingOptIn",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="pending_opt_ins_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="PendingOptIn",
            constraint=UniqueConstraint(
                fields=("recipient_id", "subscription_type_id", "channel"), name="pending_opt_ins_of_unique"
            ),
        ),
        ops.AddConstraint(
            model_name="Preference",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="preferences_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="Preference",
            constraint=CheckConstraint(
                check="status IN ('OPTED_IN', 'NOT_OPTED', 'OPTED_OUT')", name="preferences_status_known"
            ),
        ),
        ops.AddConstraint(
            model_name="Preference",
            constraint=CheckConstraint(
                check="origin IN ('PREFERENCE_PAGE', 'UNSUBSCRIBE_LINK', 'ONE_CLICK', 'KEYWORD', 'CONFIRMATION', 'PROVIDER', 'CONTACT_RECORD', 'BULK_UPDATE', 'IMPORT', 'INTEGRATION', 'WORKFLOW', 'REVERSAL')",
                name="preferences_origin_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Preference",
            constraint=CheckConstraint(
                check="legal_basis IN ('LEGITIMATE_INTEREST_PQL', 'LEGITIMATE_INTEREST_CLIENT', 'LEGITIMATE_INTEREST_OTHER', 'PERFORMANCE_OF_CONTRACT', 'CONSENT_WITH_NOTICE', 'PROCESS_AND_STORE', 'NON_GDPR')",
                name="preferences_legal_basis_known",
            ),
        ),
        ops.AddConstraint(
            model_name="Preference",
            constraint=UniqueConstraint(
                fields=("recipient_id", "subscription_type_id", "channel"), name="preferences_of_unique"
            ),
        ),
        ops.AddConstraint(
            model_name="Recipient",
            constraint=CheckConstraint(check="kind IN ('EMAIL', 'PHONE')", name="recipients_kind_known"),
        ),
        ops.AddConstraint(
            model_name="Recipient",
            constraint=UniqueConstraint(fields=("kind", "fingerprint"), name="recipients_fingerprint_unique"),
        ),
        ops.AddConstraint(
            model_name="SubscriptionType",
            constraint=CheckConstraint(
                check="purpose IN ('MARKETING', 'TRANSACTIONAL')", name="subscription_types_purpose_known"
            ),
        ),
        ops.AddConstraint(
            model_name="SubscriptionType",
            constraint=UniqueConstraint(fields=("reference",), name="subscription_types_reference_unique"),
        ),
    ]
