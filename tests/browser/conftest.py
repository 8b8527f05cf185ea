"""Chromium against a real server, with every other host out of reach."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.browser.server import settings_in
from tests.browser.stage import Stage
from tests.conftest import missing

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A server of the tests' own on SQLite, on a free port."""
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@contextmanager
def serving(folder: Path, locales: Path | None = None) -> Iterator[Stage]:
    """A server with its data in a folder, in the languages there are or in those of another folder."""
    port = _free_port()
    command = [sys.executable, "-m", "tests.browser.server", str(folder), str(port)]
    command += [str(locales)] if locales else []
    served = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    try:
        _wait_for(f"http://127.0.0.1:{port}/p", served)
        yield Stage(settings_in(folder, port))
    finally:
        served.terminate()
        served.wait(timeout=20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser that is found on the machine; closed with its module, as its loop bars all others."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        missing("browser", "there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Browser, stage: Stage) -> Iterator[Opener]:
    """Opens a page in a context of its own; at the end, nothing may have gone to another host."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    def watch(route: Route) -> None:
        if route.request.url.startswith((stage.config.public_url, "data:")):
            route.continue_()
            return
        strangers.append(route.request.url)
        route.abort()

    def opener(url: str, *, width: int = 390, height: int = 844, **more: object) -> Page:
        viewport = {"width": width, "height": height}
        context = chromium.new_context(viewport=viewport, locale="en-GB", **more)  # type: ignore[arg-type]
        contexts.append(context)
        context.route("**/*", watch)
        page = context.new_page()
        page.goto(url)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert strangers == []


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker."""
    if not AXE.exists():
        missing("browser", "axe-core is not installed: run npm ci")
    return AXE.read_text("utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, served: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if served.poll() is not None:
            pytest.fail("the server ended before it answered")
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer within 30 seconds")
