"""Kunigunda, who gets into the data in every possible way, and the search for traces after her erasure."""

from __future__ import annotations

import asyncio
import base64
import json
import quopri
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx

from preference_center.config.settings import Settings
from preference_center.contacts import calls, contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter
from preference_center.history import verification
from preference_center.operations import bulk_updates, queue
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.outbox import delivery as outbox
from preference_center.recipients import refused_addresses
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus, Trigger
from preference_center.storage import database
from tests.conftest import BOB, TEAM, Brands, by_team, update_preferences
from tests.http.visit import Links, open_page, press
from tests.imports import files
from tests.use_cases.inbound.texting import acme_number, send_message
from tests.use_cases.workflows import enrolling

EMAIL, PHONE = "kunigunda@example.org", "+48601777888"
FIRST, LAST = "Kunigunda", "Włodzimierzak"
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
NAMES = (EMAIL, PHONE, PHONE[1:], "601 777 888", FIRST, LAST)


async def everything_happens(client: httpx.AsyncClient, links: Links, brands: Brands) -> ContactRow:
    """Everything that can happen to a person, to her and to Bob."""
    await contacts.create(email=BOB)
    contact = await contacts.create(
        email=EMAIL, phone=PHONE, first_name=FIRST, last_name=LAST, properties={"note": f"{FIRST} loves tea"}
    )
    assert contact.email_recipient_id
    await _import(brands)
    await _update_with_bob(brands)
    await _use_pages(client, links)
    await update_preferences(
        contact.email_recipient_id,
        [(brands.offers, Channel.EMAIL, IN)],
        by_team(explanation=f"{FIRST} wrote."),
    )
    await _request_links(client)
    await _send_message(contact)
    await enrolling.create_workflow(
        Trigger.CONTACT_UPDATED,
        name="Tea",
        filter=ContactFilter(emails=[EMAIL, BOB]),
        actions=[enrolling.set_status("letters")],
    )
    await contacts.update(contact.id, properties={"note": f"{FIRST} loves coffee"})
    await enrolling.run_all()
    await calls.permit(contact.id, LegalBasis.CONSENT_WITH_NOTICE, f"{FIRST} wants to be called", TEAM)
    await refused_addresses.mark_unusable(parse(EMAIL), "550 5.1.1")
    while await outbox.deliver_due():
        pass
    updated = await contacts.get(contact.id)
    assert updated
    return updated


async def _import(brands: Brands) -> None:
    rows = (
        "email,first_name,last_name,phone,Friends",
        f"{EMAIL},{FIRST},{LAST},{PHONE},{FIRST} and {LAST}",
        f"no address,{FIRST},{LAST},,",
        f"{EMAIL},{FIRST},,no phone,",
    )
    operation = await files.contacts_from("\n".join(rows))
    assert operation.refused == 2
    queued = await files.receive_opt_outs(f"email\n{EMAIL}\n", brands)
    await queue.cancel(queued.id)
    await files.opt_outs(f"email\n{EMAIL}\n", brands, dry_run=True)


async def _update_with_bob(brands: Brands) -> None:
    update = BulkUpdate(
        ContactFilter(emails=[EMAIL, BOB]),
        Channel.EMAIL,
        (brands.internal,),
        IN,
        explanation=f"{FIRST.upper()} rang from +48 601-777-888: write to {EMAIL}, and to Bob.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
        idempotency_key=f"rang-{EMAIL}",
    )
    await files.finished(await bulk_updates.enqueue(update, TEAM))


async def _use_pages(client: httpx.AsyncClient, links: Links) -> None:
    path = links.manage(EMAIL)
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    page.form.boxes["weekly-digest:SMS"] = True
    await press(client, path, page, "Save choices")
    path = links.withdraw(EMAIL, type_key="letters")
    await press(client, path, await open_page(client, path), "Unsubscribe")


async def _request_links(client: httpx.AsyncClient) -> None:
    for typed in (EMAIL.upper(), PHONE, BOB):
        await press(client, "/p", await open_page(client, "/p"), "Send me a link", email=typed)
        await outbox.deliver_due()


async def _send_message(contact: ContactRow) -> None:
    await acme_number()
    await send_message(f"Hello, this is {FIRST} {LAST}, who are you?", sender=PHONE)
    rows = await database.fetch("SELECT body FROM inbound_messages WHERE needs_review")
    assert [FIRST in row["body"] for row in rows] == [True]


async def assert_known_everywhere(config: Settings) -> None:
    """Check the search itself: before the erasure it finds her where she should be."""
    if database.dialect() == "postgres":
        await database.execute("ANALYZE")  # as autovacuum does: it samples each column's values
    all_bytes = b"".join([content async for _, content in everything(config)])
    assert not missing(all_bytes)
    tables = [table for table, content in await _tables() if EMAIL.encode() in content]
    assert {"contacts", "recipients", "outgoing_mails", "operations", "operation_parts", "workflows"} <= set(
        tables
    )
    names = {path.parent.name for path in config.data_dir.rglob("*") if EMAIL.encode() in _content(path)}
    texts = {path.parent.name for path in config.data_dir.rglob("*") if PHONE.encode() in _content(path)}
    assert (names, texts) == ({"mail"}, {"texts"})


def missing(content: bytes) -> list[str]:
    """The names that are not found."""
    return [
        name
        for name in (EMAIL, PHONE, FIRST, LAST)
        if not any(encoding in content for encoding in encodings(name))
    ]


async def traces_of_her(config: Settings, *logs: str) -> list[tuple[str, str]]:
    """Where she is still named, and by which name."""
    traces = []
    async for where, content in everything(config):
        traces += [(where, name) for name in NAMES if _contains(content, name)]
    traces += [("log", name) for log in logs for name in NAMES if _contains(log.encode(), name)]
    assert [line async for line in verification.verify()] == []
    return traces


def _contains(content: bytes, name: str) -> bool:
    small = content.lower()
    return any(encoding in content or encoding.lower() in small for encoding in encodings(name))


def encodings(name: str) -> Iterator[bytes]:
    """The encodings of a name in files: UTF-8, UTF-16, JSON, URL and mail escapes, base64."""
    for spelling in {name, name.lower(), name.upper()}:
        plain = spelling.encode()
        yield plain
        yield spelling.encode("utf-16-le")
        yield spelling.encode("utf-16-be")
        yield json.dumps(spelling).strip('"').encode()
        yield quote(spelling, safe="").encode()
        yield quopri.encodestring(plain, quotetabs=True).strip()
        for before in range(3):
            # Only the middle: the characters at both ends depend on the text around it.
            coded = base64.b64encode(b"x" * before + plain)
            yield coded[4 if before else 0 : -4]


async def everything(config: Settings) -> AsyncIterator[tuple[str, bytes]]:
    """Every byte of every file; on PostgreSQL of its files, statistics and a dump."""
    if database.dialect() == "sqlite":
        path = Path(config.database_url.removeprefix("sqlite://"))
        for file in path.parent.glob(path.name + "*"):
            yield file.name, _content(file)
    else:
        yield "pg_stats", str([tuple(row) for row in await database.fetch(_STATISTICS)]).encode()
        dump = shutil.which("pg_dump")
        if dump:
            operation = await asyncio.to_thread(
                subprocess.run, [dump, config.database_url], capture_output=True, check=True
            )
            yield "pg_dump", operation.stdout
    for table, content in await _tables():
        yield table, content
    for file in config.data_dir.rglob("*"):
        yield file.name, file.name.encode() + _content(file)


_STATISTICS = (
    "SELECT most_common_vals::text, histogram_bounds::text, most_common_elems::text FROM pg_stats"
    " WHERE schemaname = 'public'"
)


async def _tables() -> list[tuple[str, bytes]]:
    names_sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if database.dialect() == "postgres":
        names_sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    tables = []
    for row in await database.fetch(names_sql):
        rows = [tuple(dict(item).items()) for item in await database.fetch(f'SELECT * FROM "{row["name"]}"')]
        tables.append((row["name"], repr(rows).encode()))
    return tables


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
