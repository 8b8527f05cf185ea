"""Lighthouse gives each kind of page the full score for accessibility and best practices."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.conftest import FLAGS, NAMES, ROOT, free_port
from tests.browser.site import BY_TEAM, Site
from tests.conftest import missing

SCRIPT = Path(__file__).with_name("lighthouse.mjs")
PACKAGE = ROOT / "node_modules" / "lighthouse"
FULL_SCORES = {"accessibility": 1, "best-practices": 1}
PAGE_KINDS = ("preferences", "with a logo", "unsubscribe", "confirm", "done", "ask", "preview")


def pages(site: Site) -> dict[str, str]:
    """The address of a page of each kind."""
    person, reader, shopper = site.reader(), site.reader(), site.contact()[0]
    for one in (person, reader):
        one.opts_in("offers", source=BY_TEAM)
    reader.opts_in("offers")
    return {
        "preferences": shopper.manage(),
        "with a logo": site.catalogs["forty_types"].new_contact().manage(unit="everything"),
        "unsubscribe": person.withdraw(),
        "confirm": person.confirm(),
        "done": reader.confirm(),
        "ask": site.url("/p"),
        "expired": person.manage(ago=timedelta(days=200)),
        "preview": site.preview(),
    }


@pytest.fixture(scope="module")
def audited(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The results of Lighthouse for a page of each kind, in one run."""
    node, chromium = shutil.which("node"), next((path for n in NAMES if (path := shutil.which(n))), None)
    if node is None or chromium is None or not PACKAGE.is_dir():
        missing("browser", "node, Chromium, or the npm package lighthouse, is not installed")
    port, profile = free_port(), tmp_path_factory.mktemp("profile")
    listening = [f"--remote-debugging-port={port}", f"--user-data-dir={profile}"]
    browser = subprocess.Popen([str(chromium), *FLAGS, *listening], stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/json/version")
        addresses = pages(site)
        said = subprocess.check_output([str(node), str(SCRIPT), str(port), *addresses.values()], text=True)
        yield dict(zip(addresses, json.loads(said), strict=True))
    finally:
        browser.terminate()
        browser.wait(timeout=20)


@pytest.mark.parametrize("kind", PAGE_KINDS)
def test_a_page_has_the_full_score(audited: dict[str, Any], kind: str) -> None:
    said = audited[kind]
    assert said["version"].startswith("12.")
    assert said["fault"] is None
    assert said["scores"] == FULL_SCORES, said["lowered"]


def test_an_expired_link_loses_only_what_chromium_logs_about_its_status(
    audited: dict[str, Any],
) -> None:
    said = audited["expired"]
    assert said["fault"] is None
    assert said["scores"]["accessibility"] == 1
    (lowered,) = said["lowered"]
    (line,) = lowered["items"]
    assert lowered["id"] == "errors-in-console"
    assert line["source"] == "network"
    assert "410" in line["description"]


def _wait_for(url: str) -> None:
    with httpx.Client(verify=False) as client:
        for _ in range(1500):
            try:
                client.get(url)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return
    pytest.fail("Chromium did not answer within 30 seconds")
