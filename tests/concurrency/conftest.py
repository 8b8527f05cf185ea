"""One database for all that happens at the same moment in a module; every test has people of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from preference_center.config.settings import Settings
from tests.journeys.installation import DATABASES, installation_on


@pytest.fixture(scope="module", params=DATABASES)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with installation_on(request, tmp_path_factory.mktemp("stage")) as made:
        yield made
