"""One database for all that happens at the same moment in a module; every test has people of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from preference_center.config.settings import Settings
from tests.journeys.stage import KINDS, stage_on


@pytest.fixture(scope="module", params=KINDS)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with stage_on(request, tmp_path_factory.mktemp("stage")) as made:
        yield made
