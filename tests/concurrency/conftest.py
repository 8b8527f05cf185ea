"""One database for all that happens at the same moment in a module; every test has people of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from preference_center.config.settings import Settings
from tests.journeys.driver.installation import DATABASES, installation_on


@pytest.fixture(scope="module", params=DATABASES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with installation_on(request, tmp_path_factory.mktemp("installation")) as made:
        yield made
