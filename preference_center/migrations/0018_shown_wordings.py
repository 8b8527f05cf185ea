"""What people were shown, each text once, and the evidence that refers to it."""

import hashlib
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from preference_center.storage import database

# Sayso's own pages name nobody, but where they showed a phone number beside the email address (`link=email`).
KEPT = """
SELECT v.locale, v.kept_text, MIN(e.recorded_at) AS first_shown_at, MAX(CASE WHEN e.origin IN
  ('PREFERENCE_PAGE', 'UNSUBSCRIBE_LINK', 'ONE_CLICK', 'CONFIRMATION', 'REVERSAL')
  AND COALESCE(v.url, '') NOT LIKE '%link=email%' THEN 1 ELSE 0 END) AS own_page
FROM evidence v JOIN consent_events e ON e.id = v.event_id
WHERE v.kept_text IS NOT NULL GROUP BY v.locale, v.kept_text ORDER BY 3
"""
COLUMNS = {
    "digest": "bytea",
    "language": "text",
    "text": "text",
    "own_page": "bool",
    "first_shown_at": "timestamptz",
}
REFER = """
UPDATE evidence AS v SET wording_id = w.id FROM shown_wordings AS w
WHERE w.text = v.kept_text AND COALESCE(w.language, '') = COALESCE(v.locale, '')
"""


async def keep_once(_apps: Any, _editor: Any) -> None:
    """Give each text a row of its own, and each piece of evidence the number of its text."""
    rows = await database.fetch(KEPT)
    for begin in range(0, len(rows), 1_000):
        await database.insert(
            "shown_wordings", COLUMNS, [_wording(row) for row in rows[begin : begin + 1_000]]
        )
    await database.execute(REFER)


def _wording(row: Any) -> tuple[Any, ...]:
    language, text = row["locale"], row["kept_text"]
    digest = hashlib.sha256(f"{language or ''}\n{text}".encode()).digest()
    return digest, language, text, bool(row["own_page"]), database.instant(row["first_shown_at"])


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0017_pauses")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ShownWording",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("digest", fields.BinaryField()),
                ("language", fields.CharField(null=True, max_length=35)),
                ("text", fields.TextField(unique=False)),
                ("own_page", fields.BooleanField()),
                ("first_shown_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "shown_wordings",
                "app": "preference_center",
                "pk_attr": "id",
                "table_description": "What somebody was shown or said when a preference changed: a text in a language, kept once.",
            },
            bases=["Model"],
        ),
        ops.RenameField(model_name="Evidence", old_name="wording", new_name="kept_text"),
        ops.AddField(
            model_name="Evidence",
            name="wording",
            field=fields.ForeignKeyField(
                "preference_center.ShownWording",
                source_field="wording_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="evidence",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.RunPython(keep_once),
        ops.RemoveField(model_name="Evidence", name="kept_text"),
    ]
