"""`/p/{token}?see=record`: the recipient's history, in plain words by day, or as a file.

It is opened with the link of the preference page and changes nothing (R33).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.pages import history_copy
from api.pages.frame.copy import channel_name
from api.pages.frame.language import query
from api.pages.frame.localized import localized_text
from api.pages.frame.parts import LocalizedText
from api.pages.frame.response import page_headers, respond
from api.pages.manage_link import ManageLink
from preference_center.history import consent_record
from preference_center.history.consent_record import Entry
from preference_center.history.events import EventRow
from preference_center.recipients.recipients import RecipientRow
from preference_center.translations import Translator

SEE = "record"
_PAGE_SIZE = 100
_MAX_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class EntryView:
    """One event of the ledger in words."""

    about: LocalizedText
    channel: str
    unit: str
    text: str
    superseded: str | None
    proof: tuple[str, ...]
    """The details, beside the explanation and the wording that are shown with it."""
    explanation: str | None
    shown_label: str
    shown_text: str | None
    shown_lang: str | None
    """The language of the shown text, if it differs from the page's."""


@dataclass(frozen=True, slots=True)
class DayView:
    """What was decided on one day (UTC), latest first."""

    date: str
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What `record.html` shows."""

    addresses: tuple[str, ...]
    days: tuple[DayView, ...]
    back_url: str
    file_url: str
    newer_url: str | None
    older_url: str | None


async def show(request: Request, link: ManageLink) -> Response:
    """The record as pages of 100 events, newest first; with `as=json` all of it as a file."""
    recipients = [row for row in (link.visitor.recipient, link.visitor.phone) if row]
    if request.query_params.get("as") == "json":
        return await _file(link, recipients)
    page_index = _page_index(request)
    entries = await consent_record.entries_by_decision(recipients, page_index * _PAGE_SIZE, _PAGE_SIZE + 1)
    translator, visitor, has_older = link.translator, link.visitor, len(entries) > _PAGE_SIZE
    page = RecordPage(
        addresses=tuple(a for a in (visitor.masked_address, visitor.masked_phone) if a),
        days=_days(link, entries[:_PAGE_SIZE]),
        back_url=query(translator),
        file_url=query(translator, see=SEE, **{"as": "json"}),
        newer_url=query(translator, see=SEE, page=str(page_index - 1)) if page_index else None,
        older_url=query(translator, see=SEE, page=str(page_index + 1)) if has_older else None,
    )
    return respond(link.context.keeping(("see", SEE)), "record.html", page)


async def _file(link: ManageLink, recipients: list[RecipientRow]) -> Response:
    entries = await consent_record.entries(recipients)
    record = consent_record.document(recipients, entries, link.catalog, link.translator.language)
    headers = {**page_headers(), "content-disposition": 'attachment; filename="consent-record.json"'}
    body = orjson.dumps(record, option=orjson.OPT_INDENT_2)
    return Response(body, headers=headers, media_type="application/json")


def _page_index(request: Request) -> int:
    text = request.query_params.get("page", "")
    return min(int(text), _MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _days(link: ManageLink, entries: Sequence[Entry]) -> tuple[DayView, ...]:
    by_day = groupby(entries, lambda entry: entry.event.occurred_at.date())
    found = (list(of_day) for _, of_day in by_day)
    return tuple(
        DayView(
            link.translator.date(of_day[0].event.occurred_at),
            tuple(_entry_view(link, entry) for entry in of_day),
        )
        for of_day in found
    )


def _entry_view(link: ManageLink, entry: Entry) -> EntryView:
    translator, event, shown = link.translator, entry.event, entry.shown_text
    unit = link.catalog.unit_by_id(event.business_unit_id)
    return EntryView(
        about=_about(link, entry),
        channel=channel_name(translator, event.channel),
        unit=unit.name,
        text=history_copy.sentence(translator, event, unit.name),
        superseded=history_copy.superseded(translator) if event.superseded else None,
        proof=_proof(translator, event),
        explanation=event.explanation,
        shown_label=history_copy.shown_label(translator, event),
        shown_text=shown.text if shown else None,
        shown_lang=shown.language if shown and shown.language != translator.language else None,
    )


def _proof(translator: Translator, event: EventRow) -> tuple[str, ...]:
    lines = (
        history_copy.recorded_on(translator, event),
        history_copy.carried_over(translator) if event.carried_from_event_id else None,
        history_copy.legal_basis(translator, event.legal_basis) if event.legal_basis else None,
    )
    return tuple(line for line in lines if line)


def _about(link: ManageLink, entry: Entry) -> LocalizedText:
    """The subscription type of an event, or everything from its unit."""
    unit = link.catalog.unit_by_id(entry.event.business_unit_id)
    if not entry.event.subscription_type_id:
        return LocalizedText(link.translator.gettext("Everything from %(unit)s", unit=unit.name), None)
    subscription_type = link.catalog.type_by_id(entry.event.subscription_type_id)
    return localized_text(link.translator, subscription_type.names, unit, subscription_type.key)
