"""Ways to an operation's rows."""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE INDEX operations_due ON operations (id) WHERE state IN ('QUEUED', 'RUNNING')",
    "CREATE INDEX operations_by_kind ON operations (kind, id)",
    "CREATE INDEX operation_refusals_of ON operation_refusals (operation_id, id)",
    "CREATE INDEX pending_opt_ins_of_operation ON pending_opt_ins (operation_id)"
    " WHERE operation_id IS NOT NULL",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0005_operation_constraints")]

    operations = [ops.RunSQL(INDEXES)]
