"""No page waits for its template: they are loaded before the server answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jinja2 import FileSystemLoader

from api.app import create_app
from preference_center import translations
from preference_center.config.settings import Settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def nothing_loaded() -> Iterator[None]:
    translations.translator_for.cache_clear()
    yield
    translations.translator_for.cache_clear()


async def test_the_server_has_loaded_all_templates_when_it_has_started(
    db: Settings, nothing_loaded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(db)
    async with app.router.lifespan_context(app):
        monkeypatch.setattr(FileSystemLoader, "get_source", _refuse)
        for language in translations.languages():
            for name in ("preferences", "unsubscribe", "confirm", "problem"):
                assert translations.translator_for(language).template(f"{name}.html")


def _refuse(_loader: FileSystemLoader, _environment: object, name: str) -> None:
    pytest.fail(f"{name} is read when a page is shown")
