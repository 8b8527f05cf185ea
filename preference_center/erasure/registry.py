"""What every package erases, in the order in which an erasure runs (R36)."""

from __future__ import annotations

from preference_center.access import personal_data as access
from preference_center.catalog import personal_data as catalog
from preference_center.contacts import personal_data as contacts
from preference_center.inbound import personal_data as inbound
from preference_center.ledger import personal_data as ledger
from preference_center.links import personal_data as links
from preference_center.operations import personal_data as operations
from preference_center.outbox import personal_data as outbox
from preference_center.personal_data import PersonalData
from preference_center.preferences import personal_data as preferences
from preference_center.recipients import personal_data as recipients
from preference_center.workflows import personal_data as workflows

_OWN = (
    PersonalData(table="erasure_leftovers", fingerprints=("fingerprint",)),
    PersonalData(table="erasures", never_personal={"id": "A random id."}),
)

PERSONAL_DATA: tuple[PersonalData, ...] = (
    *contacts.PERSONAL_DATA,
    *ledger.PERSONAL_DATA,
    *inbound.PERSONAL_DATA,
    *preferences.PERSONAL_DATA,
    *operations.PERSONAL_DATA,
    *workflows.PERSONAL_DATA,
    *outbox.PERSONAL_DATA,
    *links.PERSONAL_DATA,
    *recipients.PERSONAL_DATA,
    *catalog.PERSONAL_DATA,
    *access.PERSONAL_DATA,
    *_OWN,
)
"""Recipients come last of what is erased: the other tables are found through them."""
ERASED_TABLES = tuple(table.table for table in PERSONAL_DATA if table.erased_columns)
"""The tables from which an erasure deletes or clears something."""
