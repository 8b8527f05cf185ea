"""Pending opt-ins on the page of a unit that needs no opt-in by email (R19, R21, R22)."""

from __future__ import annotations

import httpx

from preference_center.catalog.changes import update_type
from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import Brands, by_team, update_preferences
from tests.http.visit import Links, open_page, press

SAVE = "Save choices"


async def test_a_pending_opt_in_is_shown_unticked_and_one_press_confirms_it(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """A pending opt-in blocks, so the page does not show the type as sent."""
    assert (await open_page(client, links.manage())).form.boxes["letters:EMAIL"] is True
    await update_type("letters", double_opt_in=True)
    await update_preferences(alice, [(brands.letters, Channel.EMAIL, PreferenceStatus.OPTED_IN)], by_team())
    page = await open_page(client, links.manage())
    assert page.form.boxes["letters:EMAIL"] is False
    assert "Not confirmed yet. Open the link we sent you." in page.text
    page.form.boxes["letters:EMAIL"] = True
    await press(client, links.manage(), page, SAVE)
    state = (await read_states([alice]))[alice]
    assert state.preferences[brands.letters.id, Channel.EMAIL].status is PreferenceStatus.OPTED_IN
