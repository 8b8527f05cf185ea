"""SQLite finds the consent of each contact by its recipient, and not by going through that of everybody."""

from __future__ import annotations

import pytest

from preference_center.contacts.filter import Condition
from preference_center.storage import database
from tests.conftest import Brands
from tests.use_cases.contacts.test_contact_plans import filters

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_every_condition_on_consent_searches_by_recipient(brands: Brands) -> None:
    searched = 0
    for name, wanted in filters(brands).items():
        condition = Condition()
        where = condition.matching(wanted)
        rows = await database.fetch(
            f"EXPLAIN QUERY PLAN SELECT COUNT(*) FROM contacts c WHERE {where}", *condition.values
        )
        steps = [row["detail"] for row in rows]
        consent = [step for step in steps if step.startswith(("SEARCH p ", "SEARCH o ", "SCAN p", "SCAN o"))]
        assert all("recipient_id=?" in step for step in consent), (name, steps)
        searched += len(consent)
    assert searched >= 5
