"""Opting out takes no more presses than opting in, everywhere (R4; GDPR 7(3))."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from tests.conftest import Brands
from tests.http.records import changes
from tests.http.visit import Links, Visit, open_page, press

DIGEST = "weekly-digest:EMAIL"
SAVE = "Save choices"


@dataclass
class Person:
    """Ticks boxes and presses buttons, and counts both."""

    client: httpx.AsyncClient
    path: str
    presses: int = 0

    def tick(self, page: Visit, box: str, *, on: bool) -> None:
        assert page.form.boxes[box] is not on
        page.form.boxes[box] = on
        self.presses += 1

    async def press(self, page: Visit, button: str) -> Visit:
        self.presses += 1
        return await press(self.client, self.path, page, button)


async def opt_in_presses(client: httpx.AsyncClient, path: str) -> int:
    """The number of presses it takes to opt in to the digest, from the link on."""
    person = Person(client, path)
    page = await open_page(client, path)
    person.tick(page, DIGEST, on=True)
    await person.press(page, SAVE)
    assert (await changes())[-1] == ("weekly-digest", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE")
    return person.presses


async def test_opting_out_on_the_page_takes_no_more_presses_than_opting_in(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    opting_in = await opt_in_presses(client, path)
    person = Person(client, path)
    page = await open_page(client, path)
    person.tick(page, DIGEST, on=False)
    await person.press(page, SAVE)
    assert (await changes())[-1] == ("weekly-digest", "OPTED_IN", "OPTED_OUT", "PREFERENCE_PAGE")
    assert person.presses <= opting_in == 2


@pytest.mark.parametrize(
    ("button", "type_key"), [("Unsubscribe", "weekly-digest"), ("Stop all emails from Acme", None)]
)
async def test_unsubscribing_from_a_message_or_from_all_takes_one_press(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, button: str, type_key: str | None
) -> None:
    opting_in = await opt_in_presses(client, links.manage())
    person = Person(client, links.withdraw() if type_key else links.manage())
    await person.press(await open_page(client, person.path), button)
    assert [change[0] for change in await changes()][-1] == type_key
    assert person.presses == 1 < opting_in


async def test_unsubscribing_in_a_mail_program_takes_no_page(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R33: the mail program's button posts (RFC 8058)."""
    await opt_in_presses(client, links.manage())
    response = await client.post(links.withdraw(), data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert (await changes())[-1] == ("weekly-digest", "OPTED_IN", "OPTED_OUT", "ONE_CLICK")


@pytest.mark.parametrize("by", ["a message", "the page"])
async def test_asking_for_a_reason_adds_no_press_to_an_opt_out(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, by: str
) -> None:
    opting_in = await opt_in_presses(client, links.manage())
    person = Person(client, links.withdraw() if by == "a message" else links.manage())
    page = await open_page(client, person.path)
    assert page.reason_form is None
    response = await person.press(page, "Unsubscribe" if by == "a message" else "Stop all emails from Acme")
    assert response.reason_form is not None
    assert (await changes())[-1][2] == "OPTED_OUT"
    assert person.presses == 1 < opting_in
