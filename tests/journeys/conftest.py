"""One application for all stories of a module, on each database. Every story uses addresses of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.driver.application import Application
from tests.journeys.driver.installation import DATABASES, installation_on


@pytest.fixture(scope="module", params=DATABASES)
def application(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    with (
        installation_on(request, tmp_path_factory.mktemp("application"), asynchronous_commit=True) as made,
        Application(made) as opened,
    ):
        yield opened
