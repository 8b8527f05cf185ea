"""`/p/{token}?see=record`: the recipient's consent record, in plain words or as a file.

It is opened with the link of the preference page and changes nothing (R33).
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.copy import channel_name
from api.pages.frame.language import query
from api.pages.frame.localized import localized_text
from api.pages.frame.parts import LocalizedText
from api.pages.frame.response import page_headers, respond
from api.pages.manage_link import ManageLink
from api.pages.preferences.copy import explanation
from preference_center.history import consent_record
from preference_center.history.consent_record import Entry
from preference_center.history.events import EventRow
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.types import ConsentOrigin, LegalBasis, Maker, PreferenceStatus
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
    superseded_notice: str | None
    legal_basis: str | None
    explanation: str | None
    shown_text: str | None
    shown_lang: str | None
    """The language of the shown text, if it differs from the page's."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What `record.html` shows."""

    addresses: tuple[str, ...]
    entries: tuple[EntryView, ...]
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
    entries = await consent_record.entries(recipients, page_index * _PAGE_SIZE, _PAGE_SIZE + 1)
    translator, visitor, has_older = link.translator, link.visitor, len(entries) > _PAGE_SIZE
    page = RecordPage(
        addresses=tuple(a for a in (visitor.masked_address, visitor.masked_phone) if a),
        entries=tuple(_entry_view(link, entry) for entry in entries[:_PAGE_SIZE]),
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


def _entry_view(link: ManageLink, entry: Entry) -> EntryView:
    translator, event, shown = link.translator, entry.event, entry.shown_text
    unit = link.catalog.unit_by_id(event.business_unit_id)
    return EntryView(
        about=_about(link, entry),
        channel=channel_name(translator, event.channel),
        unit=unit.name,
        text=_event_text(translator, event, unit.name),
        superseded_notice=_superseded(translator) if event.superseded else None,
        legal_basis=_legal_basis(translator, event.legal_basis) if event.legal_basis else None,
        explanation=event.explanation,
        shown_text=shown.text if shown else None,
        shown_lang=shown.language if shown and shown.language != translator.language else None,
    )


def _about(link: ManageLink, entry: Entry) -> LocalizedText:
    """The subscription type of an event, or everything from its unit."""
    unit = link.catalog.unit_by_id(entry.event.business_unit_id)
    if not entry.event.subscription_type_id:
        return LocalizedText(_everything(link.translator, unit.name), None)
    subscription_type = link.catalog.type_by_id(entry.event.subscription_type_id)
    return localized_text(link.translator, subscription_type.names, unit, subscription_type.key)


def _everything(translator: Translator, unit: str) -> str:
    """What an opt-out of all is about."""
    return translator.gettext("Everything from %(unit)s", unit=unit)


def _event_text(translator: Translator, event: EventRow, unit: str) -> str:
    """What happened, in a sentence."""
    if event.about_pause:
        return _pause_text(translator, event, unit)
    day = translator.date(event.occurred_at)
    if event.subscription_type_id is None and _removed_by_team(event):
        return translator.gettext("%(unit)s lifted the unsubscription on %(day)s.", unit=unit, day=day)
    return explanation(translator, event.after, event.origin, day, unit)


def _removed_by_team(event: EventRow) -> bool:
    """Whether the team removed an opt-out of all (R8)."""
    by_team = event.origin.maker is Maker.TEAM and event.origin is not ConsentOrigin.REVERSAL
    return by_team and event.after is PreferenceStatus.NOT_OPTED


def _pause_text(translator: Translator, event: EventRow, unit: str) -> str:
    own, day = event.origin.maker is Maker.RECIPIENT, translator.date(event.occurred_at)
    if event.paused_until is None:
        if own:
            return translator.gettext("You ended your break on %(day)s.", day=day)
        return translator.gettext("%(unit)s ended the break on %(day)s.", unit=unit, day=day)
    until = translator.date(event.paused_until)
    if own:
        return translator.gettext("On %(day)s you took a break until %(until)s.", day=day, until=until)
    return translator.gettext(
        "On %(day)s %(unit)s paused this until %(until)s.", unit=unit, day=day, until=until
    )


def _superseded(translator: Translator) -> str:
    """That the event had no effect, because a newer decision was recorded already (R17)."""
    return translator.gettext(
        "It came in late and changed nothing: something newer had been decided already."
    )


def _legal_basis(translator: Translator, basis: LegalBasis) -> str:
    """The legal basis to communicate, in everyday words."""
    if basis is LegalBasis.CONSENT_WITH_NOTICE:
        name = translator.gettext("your consent")
    elif basis is LegalBasis.PERFORMANCE_OF_CONTRACT:
        name = translator.gettext("a contract with you")
    elif basis is LegalBasis.PROCESS_AND_STORE:
        name = translator.gettext("your consent to keep your data")
    elif basis is LegalBasis.NON_GDPR:
        name = translator.gettext("outside European data protection law")
    else:
        name = translator.gettext("legitimate interest")
    return translator.gettext("Legal basis: %(basis)s", basis=name)
