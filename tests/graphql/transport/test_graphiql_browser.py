"""GraphiQL in Chromium without other hosts: it opens, takes a token, and runs its examples."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from api import graphiql
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from tests.browser.conftest import FLAGS, NAMES
from tests.conftest import missing
from tests.graphql.transport.serving import served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXAMPLES = sorted(Path(graphiql.__file__).parent.glob("examples/*.graphql"))
ERROR = '"errors":'
expect.set_options(timeout=30_000)  # the machine may be busy with other tests


@pytest.fixture
async def page(db: Settings) -> AsyncIterator[Page]:
    """GraphiQL over the demo data; at the end nothing may have gone to another host."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None or not all(asset.file.is_file() for asset in graphiql.ASSETS):
        missing("browser", "Chromium, or GraphiQL's files from npm, are not on this machine")
    await demo.load(20)
    strangers: list[str] = []
    async with served(db) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        opened = await browser.new_page(viewport={"width": 1300, "height": 900})

        async def watch(route: Route) -> None:
            if route.request.url.startswith((address, "data:")):
                await route.continue_()
            else:
                strangers.append(route.request.url)
                await route.abort()

        await opened.route("**/*", watch)
        await opened.goto(f"{address}/graphql")
        await opened.wait_for_selector(".graphiql-container")
        yield opened
        await browser.close()
        assert strangers == []


async def enter_token(page: Page, token: str) -> None:
    """Write the token into the Headers tab, as a person does: over the example's dots."""
    editor = page.locator(".graphiql-editor-tool .CodeMirror").last
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(f'{{"Authorization": "Bearer {token}"}}')


async def test_the_header_has_a_placeholder_and_a_query_without_a_token_explains_it(page: Page) -> None:
    await expect(page.locator(".graphiql-editor-tool").last).to_contain_text(
        '"Authorization": "Bearer sayso_…"'
    )
    await page.get_by_label("Execute query").click()
    await expect(page.locator(".result-window")).to_contain_text("Enter your API token in the Headers tab")


async def test_every_example_runs_on_the_demo_data(page: Page) -> None:
    await enter_token(page, await create_token("somebody", ["admin"]))
    tabs = page.locator(".graphiql-tab-button")
    assert await tabs.count() == len(EXAMPLES)
    for number, example in enumerate(EXAMPLES):
        await tabs.nth(number).click()
        await page.get_by_label("Execute query").click()
        await expect(page.locator(".result-window")).to_contain_text('"data": {')
        answer = await page.locator(".result-window").inner_text()
        assert ERROR not in answer, example.name
        assert '"userErrors": [\n' not in answer, example.name


async def stored(page: Page) -> str:
    """Everything that the browser keeps for the page."""
    kept = "[{...localStorage}, {...sessionStorage}, document.cookie, history.state, location.href]"
    found: str = await page.evaluate(f"JSON.stringify({kept})")
    return found


async def test_no_token_is_stored_in_the_browser(page: Page) -> None:
    token = await create_token("somebody", ["admin"])
    await enter_token(page, token)
    await page.get_by_label("Execute query").click()
    await expect(page.locator(".result-window")).to_contain_text('"data": {')
    await page.get_by_label("Show History").click()
    await page.get_by_label("Add favorite").first.click()
    await page.locator(".graphiql-tab-button").nth(1).click()
    await page.wait_for_function("localStorage['graphiql:tabState']")
    kept = await stored(page)
    assert "ContactsWithPreferences" in kept
    assert token[:15] not in kept
    assert token[15:] not in kept
    await page.get_by_label("Open settings dialog").click()
    await expect(page.get_by_text("Persist headers")).to_have_count(0)
    await page.reload()
    await page.wait_for_selector(".graphiql-container")
    await page.get_by_label("Execute query").click()
    await expect(page.locator(".result-window")).to_contain_text("Enter your API token")


async def test_a_token_that_an_earlier_version_stored_is_removed(page: Page) -> None:
    token = await create_token("somebody", ["admin"])
    headers = json.dumps({"Authorization": f"Bearer {token}"})
    tab = dict.fromkeys(("id", "title", "query", "variables", "operationName", "response"), "x")
    entries = {
        "headers": headers,
        "shouldPersistHeaders": "true",
        "queries": json.dumps({"queries": [{"query": "{ viewer { name } }", "headers": headers}]}),
        "favorites": json.dumps({"favorites": [{"query": "{ a }", "headers": headers, "favorite": True}]}),
        "tabState": json.dumps({"activeTabIndex": 0, "tabs": [{**tab, "headers": headers}]}),
    }
    for name, value in entries.items():
        await page.evaluate(
            "([name, value]) => localStorage.setItem(`graphiql:${name}`, value)", [name, value]
        )
    assert token in await stored(page)
    await page.reload()
    await page.wait_for_selector(".graphiql-container")
    kept = await stored(page)
    assert "viewer" in kept
    assert token[:15] not in kept
    assert token[15:] not in kept


async def test_the_documentation_is_loaded_once_a_token_is_entered(page: Page) -> None:
    await enter_token(page, await create_token("somebody", ["contacts:read"]))
    await page.get_by_label("Show Documentation Explorer").click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Query")
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Mutation")
