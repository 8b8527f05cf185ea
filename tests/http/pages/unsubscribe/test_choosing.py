"""From a withdraw link to the preference page: by a link sent to the address, never directly (R31)."""

from __future__ import annotations

import httpx

from preference_center.config.settings import Settings
from preference_center.outbox import delivery as outbox
from preference_center.outbox import link_requests
from tests.conftest import ALICE, Brands
from tests.http.pages.mails import delivered, path_in, texts
from tests.http.records import changes, count
from tests.http.visit import Links, open_page, press, submit

CHOOSE, UNDO, UNSUBSCRIBE = "Choose what you get", "Undo", "Unsubscribe from Weekly digest"
SENT = "Check your inbox. We’ve emailed a link to a•••@e•••.com."


async def test_one_press_sends_a_link_to_the_address_and_keeps_the_page(
    client: httpx.AsyncClient, db: Settings, brands: Brands, alice: int, links: Links
) -> None:
    path = links.withdraw()
    before = await press(client, path, await open_page(client, path), CHOOSE)
    assert before.status_messages == [SENT]
    assert UNSUBSCRIBE in before.text
    done = await press(client, path, before, UNSUBSCRIBE)
    sent = await press(client, str(done.response.url), done, CHOOSE)  # a browser posts to where it is
    assert sent.status_messages == [SENT]
    assert UNDO in sent.buttons
    assert "/p/" not in sent.response.text
    await outbox.deliver_due()
    (mail,) = delivered(db)  # of two requests within ten minutes
    assert mail["To"] == ALICE
    page = await open_page(client, path_in(texts(mail)[0], "p"))
    assert page.response.status_code == 200
    await press(client, path, sent, UNDO)
    assert [after for _, _, after, _ in await changes()] == ["OPTED_OUT", "NOT_OPTED"]


async def test_a_link_of_an_unknown_address_sends_nothing_and_leads_to_the_form(
    client: httpx.AsyncClient, brands: Brands, links: Links
) -> None:
    path = links.withdraw("new@example.com")
    assert (await open_page(client, path)).links[CHOOSE] == "/p?unit=acme"
    await submit(client, path, [("do", "choose")])
    assert await count("outgoing_mails") == 0


async def test_a_network_that_requested_too_many_links_gets_none_from_this_page_either(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.withdraw()
    for _ in range(link_requests.MAX_PER_HOUR):
        assert (await submit(client, path, [("do", "choose")])).response.status_code == 200
    refused = await submit(client, path, [("do", "choose")])
    assert refused.response.status_code == 429
    assert await count("outgoing_mails") == link_requests.MAX_PER_HOUR
