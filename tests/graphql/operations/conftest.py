"""Contacts for operations."""

from __future__ import annotations

import pytest

from tests.graphql.conftest import Api
from tests.graphql.operations.bulk_updates import CREATE


@pytest.fixture
async def contact_ids(api: Api) -> list[str]:
    """The ids of three contacts."""
    payload = [await api.execute(CREATE, email=f"p{n}@example.com") for n in range(3)]
    return [each["contact"]["id"] for each in payload]
