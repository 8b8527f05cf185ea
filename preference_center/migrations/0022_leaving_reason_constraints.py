from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

INDEXES = [
    "CREATE INDEX leaving_reasons_given ON leaving_reasons (given_at)",
    "CREATE INDEX leaving_reasons_of_unit ON leaving_reasons (business_unit_id, given_at)",
    "CREATE INDEX leaving_reasons_of_type ON leaving_reasons (subscription_type_id, given_at)",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0021_leaving_reasons")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="GivenReason",
            constraint=CheckConstraint(
                check="channel IN ('EMAIL', 'SMS', 'WHATSAPP')", name="leaving_reasons_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="GivenReason",
            constraint=CheckConstraint(
                check="reason IN ('TOO_MANY', 'NOT_AS_EXPECTED', 'NO_LONGER_INTERESTED', 'NEVER_ASKED', 'OTHER')",
                name="leaving_reasons_reason_known",
            ),
        ),
        ops.AddConstraint(
            model_name="GivenReason",
            constraint=UniqueConstraint(fields=("event_id",), name="leaving_reasons_event_unique"),
        ),
        ops.RunSQL(INDEXES),
    ]
