"""Each type explains why it has its status, and since when (R18, R22, R24)."""

from __future__ import annotations

import httpx
import pytest

from api.pages.preferences.copy import explanation
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.translations import translator_for
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.visit import Links, open_page

EMAIL = Channel.EMAIL
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
CAME, UNDECIDED = "You subscribed again on {}.", "Acme cleared this choice on {}."
RESTORED, THEY_STOPPED = "Your earlier choice was restored on {}.", "Acme unsubscribed you on {}."
CHOSE, LEFT, NOTED = (
    "You chose this on {}.",
    "You unsubscribed on {}.",
    "Added by Acme on {}.",
)
# The explanations of OPTED_IN, OPTED_OUT and NOT_OPTED, by origin.
TABLE = {
    "PREFERENCE_PAGE": (CHOSE, LEFT, CAME),
    "UNSUBSCRIBE_LINK": (CHOSE, LEFT, CAME),
    "ONE_CLICK": (CHOSE, LEFT, CAME),
    "KEYWORD": ("You asked for this by message on {}.", "You stopped this by message on {}.", CAME),
    "CONFIRMATION": ("You confirmed this on {}.", LEFT, CAME),
    "PROVIDER": (CHOSE, "You stopped this in your messaging app on {}.", CAME),
    "CONTACT_RECORD": (NOTED, THEY_STOPPED, UNDECIDED),
    "BULK_UPDATE": (NOTED, THEY_STOPPED, UNDECIDED),
    "IMPORT": (NOTED, THEY_STOPPED, UNDECIDED),
    "INTEGRATION": (NOTED, THEY_STOPPED, UNDECIDED),
    "WORKFLOW": (NOTED, THEY_STOPPED, UNDECIDED),
    "REVERSAL": (RESTORED, RESTORED, RESTORED),
}  # fmt: skip


@pytest.mark.parametrize("origin", ConsentOrigin)
def test_every_origin_and_status_has_its_explanation(origin: ConsentOrigin) -> None:
    english = translator_for("en")
    day = "4 May 2026"
    shown = [explanation(english, status, origin, day, "Acme") for status in (IN, OUT, NEITHER)]
    assert shown == [sentence.format(day) for sentence in TABLE[origin.value]]


@pytest.mark.parametrize(
    "origin", [ConsentOrigin.KEYWORD, ConsentOrigin.IMPORT, ConsentOrigin.CONTACT_RECORD]
)
@pytest.mark.parametrize("status", [IN, OUT])
async def test_a_type_shows_why_and_since_when_it_has_its_status(
    client: httpx.AsyncClient,
    brands: Brands,
    alice: int,
    links: Links,
    clock: Clock,
    origin: ConsentOrigin,
    status: PreferenceStatus,
) -> None:
    source = by_recipient(origin) if origin is ConsentOrigin.KEYWORD else by_team(origin)
    await update_preferences(alice, [(brands.digest, EMAIL, status)], source)
    clock.forward(days=3)
    page = await open_page(client, links.manage())
    assert TABLE[origin.value][status is OUT].format("4 May 2026") in page.text


async def test_default_and_transactional_types_explain_why_they_are_sent(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R22, R24: a type that is not sent and was never decided has no explanation."""
    page = await open_page(client, links.manage())
    assert page.text.count("On by default; untick to stop.") == 2
    assert "Sent only about your orders and account, so it can’t be turned off." in page.text


async def test_an_opt_out_of_all_is_explained_once_for_its_unit(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_team())
    page = await open_page(client, links.manage())
    assert page.text.count("Acme unsubscribed you on 4 May 2026.") == 1
    assert "You chose this" not in page.text
