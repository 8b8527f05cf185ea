"""PostgreSQL tells every server at once which token was changed; see `access/token_cache.py`."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

POSTGRES = [
    "CREATE FUNCTION access_tokens_changed() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN PERFORM pg_notify('sayso_tokens', ''); RETURN NULL; END $$",
    # Not on every update: uses are recorded in last_used_at.
    "CREATE TRIGGER access_tokens_changed AFTER UPDATE OF name, prefix, digest, scopes, origin, revoked_at,"
    " expires_at OR DELETE ON access_tokens FOR EACH STATEMENT EXECUTE FUNCTION access_tokens_changed()",
]


class RunSQLOnPostgres(ops.RunSQL):
    """Statements of PostgreSQL; SQLite notices changes without any."""

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:
        for sql in sqls if state_editor.DIALECT != "sqlite" else ():
            # Past the editor, which would cut a trigger at its semicolons.
            await state_editor.client.execute_query(sql)


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0032_appearance")]

    operations = [RunSQLOnPostgres(POSTGRES)]
