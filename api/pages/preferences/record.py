"""`/p/{token}?see=record`: all that was recorded about what somebody wants, in plain words, or as a file.

The record is seen with the link of the preference page, by whoever may see that; it changes nothing (R33).
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame import texts
from api.pages.frame.language import query
from api.pages.frame.parts import Said
from api.pages.frame.response import frame, page_headers, respond
from api.pages.preferences import record_texts
from api.pages.preferences.open_link import Opened
from api.pages.preferences.view import said
from preference_center.history import consent_record
from preference_center.history.consent_record import Entry
from preference_center.recipients.recipients import RecipientRow

SEE = "record"
_PAGE = 100
_MOST_PAGES = 1_000
_JSON_POLICY = "default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class EntryView:
    """One event in words."""

    about: Said
    channel: str
    unit: str
    what: str
    late: str | None
    basis: str | None
    explanation: str | None
    wording: str | None
    lang: str | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What `record.html` shows."""

    addresses: tuple[str, ...]
    entries: tuple[EntryView, ...]
    back: str
    file: str
    newer: str | None
    older: str | None


async def show(request: Request, opened: Opened) -> Response:
    """The record as a page, a hundred events at a time, or with `as=json` all of it as a file."""
    people = _people(opened)
    if request.query_params.get("as") == "json":
        return await _file(opened, people)
    number = _number(request)
    found = await consent_record.entries(people, number * _PAGE, _PAGE + 1)
    translator = opened.translator
    page = RecordPage(
        addresses=tuple(a for a in (opened.visitor.masked_address, opened.visitor.masked_phone) if a),
        entries=tuple(_entry(opened, entry) for entry in found[:_PAGE]),
        back=query(translator),
        file=query(translator, see=SEE, **{"as": "json"}),
        newer=query(translator, see=SEE, page=str(number - 1)) if number else None,
        older=query(translator, see=SEE, page=str(number + 1)) if len(found) > _PAGE else None,
    )
    around = frame(translator, opened.catalog, opened.unit, kept=(("see", SEE),))
    return respond(translator, "record.html", around, page)


async def _file(opened: Opened, people: list[RecipientRow]) -> Response:
    held = await consent_record.entries(people)
    record = consent_record.document(people, held, opened.catalog, opened.translator.language)
    headers = {
        **page_headers(_JSON_POLICY),
        "content-disposition": 'attachment; filename="consent-record.json"',
    }
    body = orjson.dumps(record, option=orjson.OPT_INDENT_2)
    return Response(body, headers=headers, media_type="application/json")


def _people(opened: Opened) -> list[RecipientRow]:
    """The address of the link, and the number that its page shows beside it."""
    return [person for person in (opened.visitor.recipient, opened.visitor.phone) if person]


def _number(request: Request) -> int:
    text = request.query_params.get("page", "")
    return min(int(text), _MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _entry(opened: Opened, entry: Entry) -> EntryView:
    translator, event, shown = opened.translator, entry.event, entry.wording
    unit = opened.catalog.unit_by_id(event.business_unit_id)
    about = Said(record_texts.everything(translator, unit.name), None)
    if event.subscription_type_id:
        type_ = opened.catalog.type_by_id(event.subscription_type_id)
        about = said(translator, type_.names, unit, type_.key)
    return EntryView(
        about=about,
        channel=texts.channel_name(translator, event.channel),
        unit=unit.name,
        what=record_texts.what(translator, event, unit.name),
        late=record_texts.late(translator) if event.superseded else None,
        basis=record_texts.basis(translator, event.legal_basis) if event.legal_basis else None,
        explanation=event.explanation,
        wording=shown.text if shown else None,
        lang=shown.language if shown and shown.language != translator.language else None,
    )
