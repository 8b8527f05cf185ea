"""One world for all stories of a module, on each database; every story has people of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.stage import KINDS, stage_on
from tests.journeys.world import World


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with stage_on(request, tmp_path_factory.mktemp("world"), hasty=True) as made, World(made) as opened:
        yield opened
