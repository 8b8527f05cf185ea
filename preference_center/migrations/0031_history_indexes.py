"""Indexes for what is rare in the ledger: reading it by channel and by kind takes no scan.

They are partial: opt-ins and opt-outs by email, most of the ledger, are in none of them.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE INDEX consent_events_by_channel ON consent_events (channel, id) WHERE channel <> 'EMAIL'",
    "CREATE INDEX consent_events_of_pauses ON consent_events (id) WHERE about_pause",
    "CREATE INDEX consent_events_of_not_opted ON consent_events (id) WHERE after = 'NOT_OPTED'",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0030_token_expiry")]

    operations = [ops.RunSQL(INDEXES)]
