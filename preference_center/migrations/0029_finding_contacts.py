"""Finding contacts: by parts of names and addresses, by comparing properties, and in more orders.

Triggers keep `contact_properties` and, on SQLite, `contact_search` in step with `contacts`.
"""

from typing import Any

import structlog
from tortoise import migrations
from tortoise.migrations import operations as ops

log = structlog.get_logger()
INDEXES = [
    "CREATE INDEX contacts_by_phone ON contacts (phone, id)",
    "CREATE INDEX contacts_by_processing_basis ON contacts (processing_basis, id)",
    "CREATE INDEX contacts_by_email_backwards ON contacts (COALESCE(email, ''), id)",
    "CREATE INDEX contacts_by_name_unnamed_last ON contacts ((CASE WHEN folded_last_name = ''"
    " AND folded_first_name = '' THEN '\U0010ffff' ELSE folded_last_name END), folded_first_name, id)",
    # Texts and numbers are shortened, so that they fit into an index: a condition checks `properties` too.
    # What has no number, or no text, has one after all others: statistics then tell how many compare.
    "CREATE INDEX contact_properties_by_value ON contact_properties (name, kind, number, text, contact_id)",
    "CREATE INDEX contact_properties_of ON contact_properties (contact_id, name, kind)",
    "CREATE INDEX preferences_by_change ON preferences (subscription_type_id, channel, changed_at, recipient_id)",
    "CREATE INDEX preferences_by_decision ON preferences (subscription_type_id, channel, occurred_at,"
    " recipient_id)",
]
_NUMBER_ON_POSTGRES = """
CASE jsonb_typeof(value)
  WHEN 'number' THEN CASE WHEN abs((value #>> '{}')::numeric) < 1e-280 THEN 0
    ELSE LEAST(GREATEST((value #>> '{}')::numeric, -1e308), 1e308)::float8 END
""".strip()
_TEXT_OF_POSTGRES = """
CASE jsonb_typeof(value) WHEN 'string'
  THEN LEAST(left(value #>> '{}', 200) COLLATE "C", '\U0010fffe')
""".strip()
# One row for each property, and one for each different item of a list (kind 5).
_ROWS_ON_POSTGRES = f"""
SELECT c.id, j.key,
  CASE jsonb_typeof(value) WHEN 'number' THEN 1 WHEN 'string' THEN 2 WHEN 'boolean' THEN 3 ELSE 4 END,
  {_NUMBER_ON_POSTGRES} WHEN 'boolean' THEN CASE WHEN value = 'true' THEN 1 ELSE 0 END ELSE 1.7e308 END,
  {_TEXT_OF_POSTGRES} ELSE '\U0010ffff' END
FROM SOURCE c CROSS JOIN LATERAL jsonb_each(c.properties) j (key, value)
WHERE jsonb_typeof(value) <> 'null' AND length(j.key) <= 200
UNION ALL
SELECT DISTINCT c.id, j.key, 5, {_NUMBER_ON_POSTGRES} ELSE 1.7e308 END,
  {_TEXT_OF_POSTGRES} WHEN 'boolean' THEN value #>> '{{}}' ELSE '\U0010ffff' END
FROM SOURCE c CROSS JOIN LATERAL jsonb_each(c.properties) j (key, list)
CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(list) WHEN 'array' THEN list ELSE '[]' END) e (value)
WHERE jsonb_typeof(value) IN ('number', 'string', 'boolean') AND length(j.key) <= 200
""".strip()


def _rows_on_postgres(source: str) -> str:
    return _ROWS_ON_POSTGRES.replace("SOURCE", source)


TEXT_ON_POSTGRES = (
    "((folded_first_name || ' ' || folded_last_name || E'\\n' || COALESCE(email, '') || E'\\n'"
    " || COALESCE(phone, '')) COLLATE \"C\")"
)
POSTGRES = [
    "CREATE TABLE contact_properties ("
    "contact_id bigint NOT NULL,"
    ' name varchar(200) COLLATE "C" NOT NULL, kind smallint NOT NULL, number float8 NOT NULL,'
    ' text varchar(200) COLLATE "C" NOT NULL)',
    # Without statistics: they would keep values of an erased person as examples while the table is empty.
    "ALTER TABLE contact_properties ALTER COLUMN text SET STATISTICS 0",
    "ALTER TABLE contact_properties ALTER COLUMN number SET STATISTICS 0",
    f"INSERT INTO contact_properties {_rows_on_postgres('contacts')}",
    "CREATE FUNCTION contact_properties_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" INSERT INTO contact_properties {_rows_on_postgres('added')}; RETURN NULL; END $$",
    "CREATE FUNCTION contact_properties_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " DELETE FROM contact_properties p WHERE p.contact_id = OLD.id;"
    f" INSERT INTO contact_properties {_rows_on_postgres('(SELECT NEW.id, NEW.properties)')};"
    " RETURN NULL; END $$",
    "CREATE FUNCTION contact_properties_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " DELETE FROM contact_properties p USING removed r WHERE p.contact_id = r.id; RETURN NULL; END $$",
    "CREATE TRIGGER contact_properties_removed AFTER DELETE ON contacts REFERENCING OLD TABLE AS removed"
    " FOR EACH STATEMENT EXECUTE FUNCTION contact_properties_removed()",
    "CREATE TRIGGER contact_properties_added AFTER INSERT ON contacts REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION contact_properties_added()",
    "CREATE TRIGGER contact_properties_changed AFTER UPDATE OF properties ON contacts FOR EACH ROW"
    " WHEN (OLD.properties IS DISTINCT FROM NEW.properties) EXECUTE FUNCTION contact_properties_changed()",
    "CREATE INDEX contacts_by_email_domain ON contacts (split_part(email, '@', 2), id)",
    # A role that may not create it can still migrate: a search then goes through all contacts.
    "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; EXCEPTION WHEN OTHERS THEN NULL; END $$",
    "DO $do$ BEGIN IF EXISTS (SELECT 1 FROM pg_opclass WHERE opcname = 'gin_trgm_ops'"
    " AND pg_opclass_is_visible(oid)) THEN"
    f" CREATE INDEX contacts_by_text ON contacts USING gin ({TEXT_ON_POSTGRES} gin_trgm_ops);"
    " END IF; END $do$",
]
_ROWS_ON_SQLITE = """
SELECT c.id, j.key,
  CASE j.type WHEN 'integer' THEN 1 WHEN 'real' THEN 1 WHEN 'text' THEN 2
    WHEN 'true' THEN 3 WHEN 'false' THEN 3 ELSE 4 END,
  CASE j.type WHEN 'integer' THEN CAST(j.atom AS REAL)
    WHEN 'real' THEN CASE WHEN abs(j.atom) < 1e-280 THEN 0.0 ELSE MIN(MAX(j.atom, -1e308), 1e308) END
    WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 ELSE 1.7e308 END,
  CASE j.type WHEN 'text' THEN MIN(substr(j.atom, 1, 200), char(1114110)) ELSE char(1114111) END
FROM SOURCE c, json_each(c.properties) j WHERE j.type <> 'null' AND length(j.key) <= 200
UNION ALL
SELECT DISTINCT c.id, j.key, 5,
  CASE e.type WHEN 'integer' THEN CAST(e.atom AS REAL)
    WHEN 'real' THEN CASE WHEN abs(e.atom) < 1e-280 THEN 0.0 ELSE MIN(MAX(e.atom, -1e308), 1e308) END
    ELSE 1.7e308 END,
  CASE e.type WHEN 'text' THEN MIN(substr(e.atom, 1, 200), char(1114110))
    WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE char(1114111) END
FROM SOURCE c, json_each(c.properties) j, json_each(CASE j.type WHEN 'array' THEN j.value ELSE '[]' END) e
WHERE e.type IN ('integer', 'real', 'text', 'true', 'false') AND length(j.key) <= 200
""".strip()


def _rows_on_sqlite(source: str) -> str:
    return _ROWS_ON_SQLITE.replace("SOURCE", source)


_NEW_ON_SQLITE = "(SELECT NEW.id AS id, NEW.properties AS properties)"


def _text_on_sqlite(row: str) -> str:
    return (
        f"({row}.folded_first_name || ' ' || {row}.folded_last_name || char(10) || COALESCE({row}.email, '')"
        f" || char(10) || COALESCE({row}.phone, ''))"
    )


_INDEX_NEW = f"INSERT INTO contact_search (rowid, text) VALUES (NEW.id, {_text_on_sqlite('NEW')});"
_UNINDEX_OLD = (
    "INSERT INTO contact_search (contact_search, rowid, text)"
    f" VALUES ('delete', OLD.id, {_text_on_sqlite('OLD')});"
)
SQLITE = [
    "CREATE TABLE contact_properties ("
    "contact_id BIGINT NOT NULL,"
    " name VARCHAR(200) NOT NULL, kind SMALLINT NOT NULL, number REAL NOT NULL, text VARCHAR(200) NOT NULL)",
    f"INSERT INTO contact_properties {_rows_on_sqlite('contacts')}",
    "CREATE TRIGGER contact_properties_added AFTER INSERT ON contacts WHEN NEW.properties <> '{}' BEGIN"
    f" INSERT INTO contact_properties {_rows_on_sqlite(_NEW_ON_SQLITE)}; END",
    "CREATE TRIGGER contact_properties_changed AFTER UPDATE OF properties ON contacts"
    " WHEN OLD.properties <> NEW.properties BEGIN"
    " DELETE FROM contact_properties WHERE contact_id = OLD.id;"
    f" INSERT INTO contact_properties {_rows_on_sqlite(_NEW_ON_SQLITE)}; END",
    "CREATE TRIGGER contact_properties_removed AFTER DELETE ON contacts BEGIN"
    " DELETE FROM contact_properties WHERE contact_id = OLD.id; END",
    "CREATE INDEX contacts_by_email_domain ON contacts (substr(email, instr(email, '@') + 1), id)",
    f"CREATE VIEW contact_texts AS SELECT c.id, {_text_on_sqlite('c')} AS text FROM contacts c",
    # Names are case-folded already. No positions: a search compares the text of each contact that it finds.
    "CREATE VIRTUAL TABLE contact_search USING fts5 (text, content='contact_texts', content_rowid='id',"
    " tokenize='trigram case_sensitive 1', detail='none', columnsize=0)",
    "INSERT INTO contact_search (contact_search) VALUES ('rebuild')",
    f"CREATE TRIGGER contact_search_added AFTER INSERT ON contacts BEGIN {_INDEX_NEW} END",
    f"CREATE TRIGGER contact_search_removed AFTER DELETE ON contacts BEGIN {_UNINDEX_OLD} END",
    "CREATE TRIGGER contact_search_changed AFTER UPDATE OF folded_first_name, folded_last_name, email, phone"
    f" ON contacts WHEN {_text_on_sqlite('OLD')} <> {_text_on_sqlite('NEW')}"
    f" BEGIN {_UNINDEX_OLD} {_INDEX_NEW} END",
]


class RunSQLPerDialect(ops.RunSQL):
    """Statements of the one database or the other, then those of both."""

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:
        is_sqlite = state_editor.DIALECT == "sqlite"
        for sql in [*(SQLITE if is_sqlite else POSTGRES), *sqls]:
            # Past the editor, which would cut a trigger at its semicolons.
            await state_editor.client.execute_query(sql)
        if not is_sqlite:
            _, rows = await state_editor.client.execute_query("SELECT to_regclass('contacts_by_text') AS i")
            if rows[0]["i"] is None:
                log.warning("search_without_index", reason="The extension pg_trgm cannot be created.")


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0028_erasures")]

    operations = [RunSQLPerDialect(INDEXES)]
