"""One row for a text in a language, and the way from it to the evidence."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0018_shown_wordings")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="ShownWording",
            constraint=UniqueConstraint(fields=("digest",), name="shown_wordings_digest_unique"),
        ),
        ops.RunSQL(
            ["CREATE INDEX evidence_of_wording ON evidence (wording_id) WHERE wording_id IS NOT NULL"]
        ),
    ]
