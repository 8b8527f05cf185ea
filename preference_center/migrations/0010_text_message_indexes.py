"""Ways to the rows of text messages and calls."""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    "CREATE INDEX sender_numbers_of_unit ON sender_numbers (business_unit_id)",
    "CREATE INDEX sender_number_types_of_type ON sender_number_types (subscription_type_id)",
    "CREATE INDEX inbound_messages_to_review ON inbound_messages (id)"
    " WHERE needs_review AND settled_at IS NULL",
    "CREATE INDEX inbound_messages_of ON inbound_messages (recipient_id, received_at)",
    "CREATE INDEX inbound_messages_of_sender ON inbound_messages (sender_number_id)",
    "CREATE INDEX inbound_messages_of_unit ON inbound_messages (business_unit_id)",
    "CREATE INDEX call_permits_of ON call_permits (contact_id, id)",
    "CREATE UNIQUE INDEX call_permits_unused ON call_permits (contact_id) WHERE used_at IS NULL",
]


class Migration(migrations.Migration):
    dependencies = [("preference_center", "0009_text_message_constraints")]

    operations = [ops.RunSQL(INDEXES)]
