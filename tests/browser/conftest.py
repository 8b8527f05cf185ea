"""Chromium and real servers. Chromium reaches no other host."""

from __future__ import annotations

import os
import shutil
import signal
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

from tests.browser import pseudo_language
from tests.browser.server import settings_in
from tests.browser.site import Site
from tests.browser.states.unusual_catalogs import CATALOGS
from tests.browser.windows import Windows
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
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """Servers on SQLite and on free ports, in every language and in the pseudo-language."""
    locales = tmp_path_factory.mktemp("locales")
    pseudo_language.write_locales(locales)
    with serving(tmp_path_factory.mktemp("served"), sqlite_template, locales) as served:
        yield served


@contextmanager
def serving(folder: Path, template: Path | None = None, locales: Path | None = None) -> Iterator[Site]:
    """Servers with their data in a folder, in Sayso's languages or in those of `locales`.

    `template` is a migrated, empty database to begin with, which saves migrating one for each server.
    """
    folders = [folder, *(folder / name for name in CATALOGS)]
    for each in folders:
        each.mkdir(exist_ok=True)
        if template:
            shutil.copy(template, each / "sayso.db")
    ports = [free_port() for _ in folders]
    command = [sys.executable, "-m", "tests.browser.server", str(folder), ",".join(map(str, ports))]
    command += [str(locales)] if locales else []
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    served = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        for port in ports:
            _wait_for(f"http://127.0.0.1:{port}/p", served)
        own, *others = map(settings_in, folders, ports)
        yield Site(own, dict(zip(CATALOGS, map(Site, others), strict=True)))
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        served.wait(timeout=20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine. Closed with its module, as no other event loop can run beside its own."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        missing("browser", "there is no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Browser, site: Site) -> Iterator[Opener]:
    """Opens pages in contexts of their own. At the end, no request may have gone to another host."""
    contexts: list[BrowserContext] = []
    other_hosts: list[str] = []

    def watch(route: Route) -> None:
        if route.request.url.startswith((*site.addresses, "data:")):
            route.continue_()
            return
        other_hosts.append(route.request.url)
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
    assert other_hosts == []


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The source of axe-core."""
    if not AXE.exists():
        missing("browser", "axe-core is not installed: run npm ci")
    return AXE.read_text("utf-8")


@pytest.fixture(scope="module")
def windows(chromium: Browser, axe_source: str) -> Windows:
    """Windows to lay out pages in."""
    return Windows(chromium, axe_source)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, served: subprocess.Popen[bytes]) -> None:
    with httpx.Client(verify=False) as client:
        for _ in range(1500):
            if served.poll() is not None:
                pytest.fail("the server ended before it answered")
            try:
                client.get(url)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return
    pytest.fail("the server did not answer within 30 seconds")
