"""After an erasure no row, file, free database page or log names the person (R36, R37)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure import leftovers
from preference_center.erasure.erase import erase_contact
from preference_center.outbox import delivery as outbox
from preference_center.preferences import eligibility
from preference_center.recipients.states import read_states
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import BOB, TEAM, Brands, Clock
from tests.http.log_lines import captured_logs
from tests.http.pages.erasure import erased_person
from tests.http.pages.erasure.erased_person import EMAIL, FIRST, PHONE, traces_of_her
from tests.http.records import count
from tests.http.visit import Links, open_page, press
from tests.imports import files

Erasing = Callable[[httpx.AsyncClient, Settings, Links, ContactRow], Awaitable[None]]


async def by_the_team(client: httpx.AsyncClient, config: Settings, links: Links, contact: ContactRow) -> None:
    await erase_contact(contact, TEAM)


async def by_herself(client: httpx.AsyncClient, config: Settings, links: Links, contact: ContactRow) -> None:
    path = links.manage(EMAIL) + "/forget"
    await press(client, path, await open_page(client, path), "Send me the link")
    while await outbox.deliver_due():
        pass
    newest = max((config.data_dir / "mail").glob("*-forget.eml"))
    found = re.search(rb"http://sayso\.test(/f/[\w.=\r\n-]+)", newest.read_bytes())
    assert found
    path = re.sub(rb"=\r\n", b"", found[1]).decode().split()[0]
    done = await press(client, path, await open_page(client, path), "Yes, delete my data")
    assert "Your data is deleted" in done.text


@pytest.mark.parametrize("erase", [by_the_team, by_herself])
async def test_no_stored_byte_names_an_erased_person(
    client: httpx.AsyncClient, db: Settings, brands: Brands, links: Links, clock: Clock, erase: Erasing
) -> None:
    """R36, R37"""
    with captured_logs() as log:
        contact = await erased_person.everything_happens(client, links, brands)
        await erased_person.assert_known_everywhere(db)
        ledger = [tuple(row) for row in await database.fetch("SELECT * FROM consent_events ORDER BY id")]
        await erase(client, db, links, contact)
        if database.dialect() == "sqlite":
            assert await traces_of_her(db) == []  # at once
        clock.forward(minutes=6)
        assert await leftovers.finish_due() == 2
    assert await traces_of_her(db, log.getvalue()) == []
    kept = [tuple(row) for row in await database.fetch("SELECT * FROM consent_events ORDER BY id")]
    assert kept[: len(ledger)] == ledger
    assert await count("erasure_leftovers") == 0
    assert [b"bob@" in file.read_bytes() for file in (db.data_dir / "mail").iterdir()] == [True]
    bob = (await contacts.by_emails([BOB]))[BOB]
    assert bob.email_recipient_id
    assert (await read_states([bob.email_recipient_id]))[bob.email_recipient_id].preferences
    [event] = await database.fetch("SELECT explanation FROM operations WHERE kind = 'BULK_UPDATE'")
    assert event["explanation"] == "[erased] rang from [erased]: write to [erased], and to Bob."


@pytest.mark.parametrize("again", ["contact import", "opt-out import", "typed"])
async def test_an_erased_person_added_again_is_opted_out_of_everything(
    client: httpx.AsyncClient, db: Settings, brands: Brands, links: Links, clock: Clock, again: str
) -> None:
    """R36: on every channel, for every unit."""
    contact = await erased_person.everything_happens(client, links, brands)
    await by_herself(client, db, links, contact)
    clock.forward(hours=1)
    if again == "contact import":
        done = await files.contacts_from(
            f"email,phone,first_name,opt_in:weekly-digest\n{EMAIL},{PHONE},{FIRST},yes\n"
        )
        assert set(done.refusals) <= {"OPTED_OUT_BY_RECIPIENT", "OPTED_OUT_OF_ALL"}
    elif again == "opt-out import":
        done = await files.opt_outs(f"email\n{EMAIL}\n", brands)
        assert (done.changed, done.unchanged) == (0, 1)
    if again != "contact import":
        await contacts.create(email=EMAIL, phone=PHONE, first_name=FIRST)
    asked = [(brands.digest, Channel.EMAIL), (brands.letters, Channel.EMAIL), (brands.digest, Channel.SMS)]
    asked += [(brands.alerts, Channel.WHATSAPP), (brands.internal, Channel.EMAIL)]
    for kind, channel in asked:
        whom = EMAIL if channel is Channel.EMAIL else PHONE
        [response] = await eligibility.of_addresses(kind, channel, [whom])
        assert response.reason is BlockReason.OPTED_OUT_OF_ALL
