"""Silences become events of the ledger: those that hold get one each, so that replaying gives them."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

OF_ALL = (
    "CASE WHEN EXISTS (SELECT 1 FROM opt_outs_of_all o WHERE o.active AND o.recipient_id = p.recipient_id"
    " AND o.channel = p.channel AND o.business_unit_id = p.business_unit_id)"
    " THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END"
)
EVENTS = (
    "INSERT INTO consent_events (recipient_id, channel, business_unit_id, before, after, superseded, origin,"
    " actor, occurred_at, recorded_at, about_pause, paused_until)"
    f" SELECT p.recipient_id, p.channel, p.business_unit_id, {OF_ALL}, {OF_ALL}, FALSE, 'CONTACT_RECORD',"
    " p.actor, p.set_at, p.set_at, TRUE, p.until FROM pauses p ORDER BY p.id"
)
LINKS = (
    "UPDATE pauses SET event_id = (SELECT MAX(e.id) FROM consent_events e WHERE e.about_pause"
    " AND e.recipient_id = pauses.recipient_id AND e.channel = pauses.channel"
    " AND e.business_unit_id = pauses.business_unit_id)"
)
# Adding a check makes the table anew on SQLite, without its unique and its index.
AGAIN = (
    "CREATE UNIQUE INDEX IF NOT EXISTS pauses_of_unique ON pauses (recipient_id, business_unit_id, channel)",
    "CREATE INDEX IF NOT EXISTS pauses_by_unit ON pauses (business_unit_id)",
)


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0016_refusal_constraints")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ConsentEvent",
            name="about_pause",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="ConsentEvent",
            name="paused_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Pause",
            name="event",
            field=fields.ForeignKeyField(
                "preference_center.ConsentEvent",
                source_field="event_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="current_pause",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Pause",
            name="origin",
            field=fields.CharField(db_default="CONTACT_RECORD", max_length=16),
        ),
        ops.RunSQL([EVENTS, LINKS]),
        ops.AddConstraint(
            model_name="Pause",
            constraint=CheckConstraint(
                check="origin IN ('PREFERENCE_PAGE', 'UNSUBSCRIBE_LINK', 'ONE_CLICK', 'KEYWORD', 'CONFIRMATION', 'PROVIDER', 'CONTACT_RECORD', 'BULK_UPDATE', 'IMPORT', 'INTEGRATION', 'WORKFLOW', 'REVERSAL')",
                name="pauses_origin_known",
            ),
        ),
        ops.RunSQL(AGAIN),
    ]
