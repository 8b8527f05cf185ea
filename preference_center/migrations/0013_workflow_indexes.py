"""Ways to the rows of workflows."""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE INDEX enrolments_of_workflow ON enrolments (workflow_id, id)",
    "CREATE UNIQUE INDEX enrolments_first ON enrolments (workflow_id, contact_id) WHERE is_first",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0012_workflow_constraints")]

    operations = [ops.RunSQL(INDEXES)]
