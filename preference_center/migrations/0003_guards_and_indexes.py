"""Triggers that keep the ledger as it is, and an index for every way to a row."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE INDEX subscription_types_of_unit ON subscription_types (business_unit_id)",
    "CREATE INDEX contacts_of_phone ON contacts (phone_recipient_id)",
    "CREATE INDEX contacts_by_creation ON contacts (created_at, id)",
    "CREATE INDEX contacts_by_update ON contacts (updated_at, id)",
    "CREATE INDEX contacts_by_email ON contacts (COALESCE(email, '\U0010ffff'), id)",
    "CREATE INDEX contacts_by_name ON contacts (folded_last_name, folded_first_name, id)",
    "CREATE INDEX contacts_by_first_name ON contacts (folded_first_name, id)",
    "CREATE INDEX contacts_by_locale ON contacts (locale, id)",
    "CREATE INDEX consent_events_of_recipient ON consent_events (recipient_id, id)",
    "CREATE INDEX consent_events_of_unit ON consent_events (business_unit_id, id)",
    "CREATE INDEX consent_events_of_type ON consent_events (subscription_type_id, id)",
    "CREATE INDEX consent_events_by_origin ON consent_events (origin, id)",
    "CREATE INDEX consent_events_by_time ON consent_events (recorded_at, id)",
    "CREATE INDEX consent_events_of_operation ON consent_events (operation_id, id)"
    " WHERE operation_id IS NOT NULL",
    "CREATE INDEX preferences_by_status ON preferences (subscription_type_id, channel, status, recipient_id)",
    "CREATE INDEX opt_outs_of_all_by_unit ON opt_outs_of_all (business_unit_id, channel, recipient_id)"
    " WHERE active",
    "CREATE INDEX opt_outs_of_all_by_origin ON opt_outs_of_all (channel, origin, recipient_id) WHERE active",
    "CREATE INDEX pending_opt_ins_by_type ON pending_opt_ins (subscription_type_id)",
    "CREATE INDEX pending_opt_ins_by_end ON pending_opt_ins (expires_at)",
    "CREATE INDEX pauses_by_unit ON pauses (business_unit_id)",
    "CREATE INDEX outgoing_mails_due ON outgoing_mails (due_at, id) WHERE sent_at IS NULL",
    "CREATE INDEX outgoing_mails_of ON outgoing_mails (fingerprint)",
    "CREATE INDEX outgoing_mails_of_unit ON outgoing_mails (business_unit_id)",
    "CREATE INDEX outgoing_mails_of_type ON outgoing_mails (subscription_type_id)",
]
FIRST_ROWS = ["INSERT INTO catalog_state (id, version) VALUES (1, 0)"]

# Byte order, so that pages and prefixes go by the index and are the same on both databases.
POSTGRES = [
    'ALTER TABLE contacts ALTER COLUMN email TYPE varchar(320) COLLATE "C"',
    'ALTER TABLE contacts ALTER COLUMN folded_first_name TYPE varchar(200) COLLATE "C"',
    'ALTER TABLE contacts ALTER COLUMN folded_last_name TYPE varchar(200) COLLATE "C"',
    "CREATE FUNCTION consent_events_are_final() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP"
    " USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE TRIGGER consent_events_final BEFORE UPDATE OR DELETE ON consent_events"
    " FOR EACH ROW EXECUTE FUNCTION consent_events_are_final()",
    "CREATE TRIGGER consent_events_never_emptied BEFORE TRUNCATE ON consent_events"
    " FOR EACH STATEMENT EXECUTE FUNCTION consent_events_are_final()",
]
SQLITE = [
    # Adding a check makes the table anew there, without the uniques of its columns.
    "CREATE UNIQUE INDEX contacts_of_email ON contacts (email_recipient_id)",
    "CREATE TRIGGER consent_events_never_updated BEFORE UPDATE ON consent_events"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE is refused'); END",
    "CREATE TRIGGER consent_events_never_deleted BEFORE DELETE ON consent_events"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: DELETE is refused'); END",
    # INSERT OR REPLACE would delete without that trigger being asked.
    "CREATE TRIGGER consent_events_never_replaced BEFORE INSERT ON consent_events"
    " WHEN EXISTS (SELECT 1 FROM consent_events WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: REPLACE is refused'); END",
]


class RunSQLPerDialect(ops.RunSQL):
    """Statements of the one database or the other, then those of both."""

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:
        own = SQLITE if state_editor.DIALECT == "sqlite" else POSTGRES
        for sql in [*own, *sqls]:
            # Past the editor, which would cut a trigger at its semicolons.
            await state_editor.client.execute_query(sql)


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0002_constraints")]

    operations = [RunSQLPerDialect([*INDEXES, *FIRST_ROWS])]
