"""GraphiQL in Chromium without other hosts: it opens, takes a token, and runs its examples."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from api import graphiql
from preference_center.access.tokens import create_token, revoke_token
from preference_center.catalog.catalog import invalidate_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.storage.connection import open_database
from tests.browser.conftest import FLAGS, NAMES
from tests.conftest import missing, settings_for
from tests.graphql.transport.serving import served

EXAMPLES = sorted(Path(graphiql.__file__).parent.glob("examples/*.graphql"))
expect.set_options(timeout=30_000)  # the machine may be busy with other tests


@pytest.fixture(scope="module")
def with_demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo data, to be copied."""
    folder = tmp_path_factory.mktemp("demo")
    path = Path(shutil.copy(sqlite_template, folder / "sayso.db"))
    made = settings_for(f"sqlite://{path}", folder / "data")

    async def load() -> None:
        async with open_database(made):
            await demo.load(20)

    before = settings._current
    settings.use(made)
    invalidate_catalog()
    asyncio.run(load())
    settings._current = before
    invalidate_catalog()
    return path


@pytest.fixture
def database_url(with_demo: Path, tmp_path: Path) -> str:
    """A database of this test alone, with the demo data."""
    return f"sqlite://{shutil.copy(with_demo, tmp_path / 'sayso.db')}"


@pytest.fixture
async def page(db: Settings) -> AsyncIterator[Page]:
    """GraphiQL over the demo data; at the end nothing may have gone to another host."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None or not all(asset.file.is_file() for asset in graphiql.ASSETS):
        missing("browser", "Chromium, or GraphiQL's files from npm, are not on this machine")
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
    """Write the token into the field at the top, as a person does."""
    await page.get_by_label("API token").fill(token)
    await page.get_by_role("button", name="Use token").click()


async def run_query(page: Page) -> None:
    await page.get_by_label("Execute query").click()


async def test_the_page_says_where_a_token_comes_from_and_that_there_is_none_yet(page: Page) -> None:
    state = page.get_by_role("status")
    await expect(state).to_contain_text("No token yet")
    await expect(state).to_contain_text("sayso token create")
    await run_query(page)
    await expect(page.locator(".result-window")).to_contain_text("Enter your API token at the top")


async def test_a_wrong_token_is_told_apart_from_none_and_can_be_replaced(page: Page) -> None:
    state = page.get_by_role("status")
    await enter_token(page, "sayso_aaaaaaaa_" + "x" * 43)
    await expect(state).to_contain_text("401 · This API token is unknown or was revoked.")
    await expect(page.locator(".result-window")).to_contain_text("This API token is unknown or was revoked.")
    await enter_token(page, "żółć")
    await expect(state).to_contain_text("This is not an API token")
    token = await create_token("reports", ["contacts:read", "preferences:read"])
    await enter_token(page, f'"Bearer {token}" ')
    await expect(state).to_contain_text("Token of reports · contacts:read, preferences:read")
    await run_query(page)
    await expect(page.locator(".result-window")).to_contain_text('"data": {')
    await revoke_token("reports")
    await run_query(page)
    await expect(state).to_contain_text("401 · This API token is unknown or was revoked.")


async def test_every_example_is_explained_and_runs_on_the_demo_data(page: Page) -> None:
    await enter_token(page, await create_token("somebody", ["admin"]))
    await page.get_by_role("button", name="Examples", exact=True).click()
    examples = page.locator(".example")
    await expect(examples).to_have_count(len(EXAMPLES))
    for number, example in enumerate(EXAMPLES):
        title = example.read_text("utf-8").partition("\n")[0].removeprefix("# ")
        await expect(examples.nth(number)).to_contain_text(title)
        await expect(examples.nth(number)).to_contain_text(re.compile(r"Needs .*\w+:\w+"))
        await examples.nth(number).click()
        await expect(page.locator(".graphiql-query-editor")).to_contain_text(title)
        async with page.expect_response("**/graphql") as answered:
            await run_query(page)
        answer = await (await answered.value).json()
        assert "errors" not in answer, example.name
        assert '"userErrors":[{' not in json.dumps(answer["data"], separators=(",", ":")), example.name


async def test_an_example_leaves_a_query_that_somebody_wrote_in_its_tab(page: Page) -> None:
    editor = page.locator(".graphiql-query-editor .CodeMirror")
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text("query Mine { viewer { name } }")
    await page.get_by_role("button", name="Examples", exact=True).click()
    await page.locator(".example").nth(1).click()
    tabs = page.locator(".graphiql-tab-button")
    await expect(tabs).to_have_count(2)
    await expect(editor).to_contain_text("consentEvents")
    await tabs.first.click()
    await expect(editor).to_contain_text("query Mine")


async def test_a_phone_shows_the_editor_above_the_result_and_the_examples_in_their_place(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await enter_token(page, await create_token("somebody", ["admin"]))
    await page.get_by_role("button", name="Examples", exact=True).click()
    await page.locator(".example").nth(1).click()
    await run_query(page)
    result = page.locator(".result-window")
    await expect(result).to_contain_text('"consentEvents"')
    for part in (page.locator(".graphiql-query-editor"), result):
        box = await part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844
        assert min(box["width"] / 300, box["height"] / 150) >= 1, box
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_a_token_in_the_headers_tab_is_used_too(page: Page) -> None:
    token = await create_token("somebody", ["admin"])
    await page.get_by_role("button", name="Headers").click()
    await page.locator(".graphiql-editor-tool .CodeMirror").last.click()
    await page.keyboard.insert_text(f'{{"Authorization": "Bearer {token}", "X-Sayso-User": "Jane"}}')
    await expect(page.get_by_role("status")).to_contain_text("Token of somebody")
    await run_query(page)
    await expect(page.locator(".result-window")).to_contain_text('"data": {')


async def stored(page: Page) -> str:
    """Everything that the browser keeps for the page."""
    kept = "[{...localStorage}, {...sessionStorage}, document.cookie, history.state, location.href]"
    found: str = await page.evaluate(f"JSON.stringify({kept})")
    return found


async def test_no_token_is_stored_in_the_browser(page: Page) -> None:
    token = await create_token("somebody", ["admin"])
    await enter_token(page, token)
    await page.get_by_role("button", name="Headers").click()
    await page.locator(".graphiql-editor-tool .CodeMirror").last.click()
    await page.keyboard.insert_text(f'{{"Authorization": "Bearer {token}"}}')
    await run_query(page)
    await expect(page.locator(".result-window")).to_contain_text('"data": {')
    await page.get_by_label("Show History").click()
    await page.get_by_label("Add favorite").first.click()
    await page.wait_for_function("localStorage['graphiql:tabState']")
    kept = await stored(page)
    assert "ContactsWithPreferences" in kept
    assert token[:15] not in kept
    assert token[15:] not in kept
    await page.get_by_label("Open settings dialog").click()
    await expect(page.get_by_text("Persist headers")).to_have_count(0)
    await page.reload()
    await page.wait_for_selector(".graphiql-container")
    await expect(page.get_by_label("API token")).to_have_value("")
    await run_query(page)
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


async def test_the_page_says_so_if_its_files_cannot_be_loaded(page: Page) -> None:
    await page.route("**/graphiql-*.js", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("main")).to_contain_text("GraphiQL could not be loaded")


async def test_the_documentation_is_loaded_once_a_token_is_entered(page: Page) -> None:
    await enter_token(page, await create_token("somebody", ["contacts:read"]))
    await page.get_by_label("Show Documentation Explorer").click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Query")
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Mutation")
