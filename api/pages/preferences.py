"""`/p/{token}`: everything that a recipient gets, seen and changed in one place (R4, R12, R24).

Saving answers with a redirect to the page itself, so that reloading it never repeats a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from api.pages import choices, lapsed, texts, view
from api.pages.choices import Choice, Sweep
from api.pages.flash import flash, read_flash, redirect
from api.pages.forms import Fault, Form, FormProblem, read_form
from api.pages.manage import Opened, open_link
from api.pages.parts import UnitView
from api.pages.proof import provenance
from api.pages.response import Status, frame, respond
from preference_center import ledger, recipients, settings
from preference_center.rules.types import Accepted, ConsentOrigin, Refused


@dataclass(frozen=True, slots=True)
class PreferencesPage:
    """What `preferences.html` shows."""

    status: Status | None
    address: str | None
    address_html: Markup
    units: tuple[UnitView, ...]
    save: str
    saveable: bool
    until: str


async def show(request: Request) -> Response:
    """The page as it holds now, or the one that helps where the link has lapsed."""
    opened = await open_link(request)
    if opened.lapse:
        return await lapsed.show(opened)
    return respond(
        opened.words,
        "preferences.html",
        frame(opened.words, opened.catalog, opened.unit),
        _page(request, opened),
    )


async def act(request: Request) -> Response:
    """Save what the person touched. Of a link that has lapsed, only what opts out (R34)."""
    form = (await read_form(request)).only("on", "was", "do", "lang")
    opened = await open_link(request, form.one("lang"))
    do = form.needed("do")
    if opened.lapse:
        return await _act_on_lapsed(request, opened, form, do)
    touched, swept = _wishes(form, opened, do)
    return redirect(request, await _save(request, opened, touched, swept))


async def _act_on_lapsed(request: Request, opened: Opened, form: Form, do: str) -> Response:
    if do == "fresh":
        return await lapsed.send_fresh(request, opened)
    touched, swept = choices.withdrawals(*_wishes(form, opened, do))
    if touched or swept:
        await _save(request, opened, touched, swept)
    return await lapsed.show(opened, stopped=bool(touched or swept))


def _wishes(form: Form, opened: Opened, do: str) -> tuple[list[Choice], Sweep | None]:
    kind = opened.visitor.kind
    swept = choices.sweep(do, opened.catalog, kind)
    if swept is None and do != "save":
        raise FormProblem(Fault.BAD_VALUE, "do")
    return choices.choices(form, opened.catalog, kind), swept


async def _save(request: Request, opened: Opened, touched: list[Choice], swept: Sweep | None) -> str:
    """Write what was touched, in one transaction, and return the flash that tells of it."""
    if not touched and not swept:
        return flash("unchanged")
    notices = _notices(opened, touched)
    wording = choices.wording(opened.words, touched, swept, notices)
    source = provenance(
        request, opened.words, ConsentOrigin.PREFERENCE_PAGE, "/p", wording, opened.claim.campaign
    )
    visitor = opened.visitor
    recipient_id = await recipients.ensure_fingerprint(visitor.kind, visitor.fingerprint)
    outcomes = await ledger.record(choices.intents(recipient_id, touched, swept), source)
    changed = sum(isinstance(outcome.decision, Accepted) for outcome in outcomes)
    if any(isinstance(outcome.decision, Refused) for outcome in outcomes):
        return flash("partly")
    return flash("saved", changed) if changed else flash("unchanged")


def _notices(opened: Opened, touched: list[Choice]) -> list[str]:
    """What the page said of opting in while an opt-out of all stood (R12), for the evidence."""
    if not any(choice.on for choice in touched):
        return []
    shown = _shown(opened)
    covered = {(choice.type.unit, choice.channel): None for choice in touched if choice.on}
    return [
        texts.coming_back(opened.words, channel, view.returning(shown, unit, channel))
        for unit, channel in covered
        if (unit.id, channel) in shown.state.opt_outs
    ]


def _page(request: Request, opened: Opened) -> PreferencesPage:
    words, address = opened.words, opened.visitor.masked_address
    shown = _shown(opened)
    views = view.units(shown, opened.unit)
    return PreferencesPage(
        status=_status(request, opened),
        address=address,
        address_html=Markup('<span class="address">{}</span>').format(escape(address or "")),
        units=views,
        save=texts.save_button(words),
        saveable=any(type_.boxes for view in views for type_ in view.types),
        until=words.date(opened.issued_at + timedelta(days=settings.current().manage_link_days)),
    )


def _status(request: Request, opened: Opened) -> Status | None:
    told, words = read_flash(request), opened.words
    if told is None:
        return None
    what, count = told
    if what == "saved":
        return Status(True, words.ngettext("Saved: %(num)d change.", "Saved: %(num)d changes.", count))
    if what == "unchanged":
        return Status(True, words.gettext("Nothing had to be saved: everything is as it was."))
    return Status(False, words.gettext("Something is no longer offered and could not be saved."
                                       " What you see now is what holds."))  # fmt: skip


def _shown(opened: Opened) -> view.Shown:
    return view.Shown(opened.words, opened.catalog, opened.visitor.kind, opened.state, opened.now)
