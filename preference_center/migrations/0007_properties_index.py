"""Finding contacts by a property."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEX = "CREATE INDEX contacts_by_property ON contacts USING gin (properties jsonb_path_ops)"


class RunOnPostgres(ops.RunSQL):
    """What SQLite has no match for: there a property is looked for row by row."""

    async def _run_sql(self, state_editor: Any, sqls: Any) -> None:
        if state_editor.DIALECT != "sqlite":
            await super()._run_sql(state_editor, sqls)


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0006_operation_indexes")]

    operations = [RunOnPostgres(INDEX)]
