"""`/p/{token}`: everything that a recipient gets, seen and changed in one place (R4, R12, R24).

The page of a contact's email address shows the contact's phone number beside it, with choices of its own.
Saving answers with a redirect to the page itself, so that reloading it never repeats a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from api.pages import erasure as forget
from api.pages.frame import texts
from api.pages.frame.evidence import provenance
from api.pages.frame.forms import Form, read_form
from api.pages.frame.language import query
from api.pages.frame.parts import UnitView, WayView, WhyView
from api.pages.frame.response import Status, frame, respond
from api.pages.preferences import expired_link as lapsed
from api.pages.preferences import form as choices
from api.pages.preferences import pauses as rests
from api.pages.preferences import phone as shown_phone
from api.pages.preferences import record, view
from api.pages.preferences.flash import FlashMessage, flash, read_flash, redirect
from api.pages.preferences.form import FormChanges
from api.pages.preferences.open_link import Opened, open_link
from api.pages.preferences.pauses import RestProblem
from api.pages.unsubscribe import reasons
from preference_center.config import settings
from preference_center.preferences import save_page as page_saving
from preference_center.preferences.save_page import Part
from preference_center.recipients import visitors
from preference_center.rules.decisions import Accepted, Refused
from preference_center.rules.types import Channel, ConsentOrigin, LeavingReason, RecipientKind


@dataclass(frozen=True, slots=True)
class PreferencesPage:
    """What `preferences.html` shows."""

    status: Status | None
    address: str | None
    address_html: Markup
    ways: tuple[WayView, ...]
    """Both addresses, where there are two."""
    phone: str | None
    """Which number is shown, for the form to carry."""
    units: tuple[UnitView, ...]
    save: str
    saveable: bool
    until: str
    rest_meaning: str
    record: str
    forget: str
    """The queries of the recipient's own record, and of being forgotten: no page repeats its token."""
    why: WhyView | None = None
    problem: bool = False
    """Whether the day of a pause does not do: told on top, and beside its field."""


async def show(request: Request) -> Response:
    """The page as it holds now, or the one that helps where the link has lapsed."""
    if "forget" in request.query_params:
        return forget.lead_here(request)
    opened = await open_link(request)
    if opened.lapse:
        return await lapsed.show(opened)
    if request.query_params.get("see") == record.SEE:
        return await record.show(request, opened)
    return respond(
        opened.translator,
        "preferences.html",
        frame(opened.translator, opened.catalog, opened.unit),
        page_of(request, opened),
    )


async def act(request: Request) -> Response:
    """Save what the person touched. Of a link that has lapsed, only what opts out (R34)."""
    form = await read_form(request)
    opened = await open_link(request, form.one("lang"))
    days = rests.field_names(opened.catalog, Channel)
    known = ("on", "was", "out", "do", "lang", shown_phone.FIELD, reasons.FIELD)
    do = form.only(*known, *days).needed("do")
    if reason := reasons.pressed(do):
        return await _thank(request, opened, form, reason)
    if opened.lapse:
        return await _act_on_lapsed(request, opened, form, do)
    try:
        asked = _asked(form, opened, do)
    except RestProblem as problem:
        return _show_problem(request, opened, form, problem)
    return redirect(request, flash(await _save(request, opened, asked)))


def _show_problem(request: Request, opened: Opened, form: Form, problem: RestProblem) -> Response:
    """The page again, with what was touched as it was left, and what is wrong with the day of the pause."""
    touched = choices.touched(form, opened.catalog, opened.visitor.channels)
    left = {(choice.type.id, choice.channel): choice.on for choice in touched}
    days = rests.typed_days(form, opened.catalog, opened.visitor.channels)
    shown = replace(_shown(opened), problem=problem, typed=days, touched=left)
    around = frame(opened.translator, opened.catalog, opened.unit)
    page = replace(page_of(request, opened, shown), status=None, problem=True)
    return respond(opened.translator, "preferences.html", around, page, 422)


async def _thank(request: Request, opened: Opened, form: Form, reason: LeavingReason) -> Response:
    """Note why something was left; a link that has lapsed leads to thanks and nothing else."""
    claim = reasons.read(form)
    if opened.lapse:
        return reasons.thanked(opened.translator, opened.catalog, opened.unit)
    noted = await reasons.give(claim, opened.visitor, reason)
    leaving = form.needed(reasons.FIELD) if noted else None
    return redirect(request, flash(FlashMessage("thanked", leaving=leaving, reason=reason)))


async def _act_on_lapsed(request: Request, opened: Opened, form: Form, do: str) -> Response:
    """A page that was shown before its link lapsed may still carry an opt-out of the number beside it."""
    if do == "fresh":
        return await lapsed.send_fresh(request, opened)
    if rests.is_button(do):
        do = "save"  # of a lapsed link only what opts out counts
    form = form.without(*rests.field_names(opened.catalog, Channel))
    if form.one(shown_phone.FIELD):
        opened = replace(opened, visitor=await visitors.with_phone(opened.visitor, opened.state))
    asked = _asked(form, opened, do).withdrawals()
    told = await _save(request, opened, asked)
    return await lapsed.show(opened, stopped=bool(asked.own or asked.phone) and not told.moved)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a form asks for, of the link's own address and of the number beside it."""

    own: FormChanges
    phone: FormChanges
    is_still: bool
    """Whether the number that the form was shown with is the visitor's now."""
    stopped: bool
    """Whether something is left out that would lift an opt-out of all made since the page was shown (R12)."""

    def withdrawals(self) -> _Asked:
        return _Asked(self.own.withdrawals(), self.phone.withdrawals(), self.is_still, self.stopped)


def _asked(form: Form, opened: Opened, do: str) -> _Asked:
    token, own = form.one(shown_phone.FIELD), opened.visitor.kind.channels
    # A form without a number has no boxes for one, whatever the visitor has by now.
    phone = RecipientKind.PHONE.channels if token is not None else ()
    is_still = token is not None and shown_phone.is_still(opened.visitor, token)
    wishes = choices.read(form, do, opened.catalog, own + phone, opened.now)
    told = wishes.as_told(opened.state.opt_outs.keys() - choices.told_out(form, opened.catalog, own + phone))
    return _Asked(told.on(own), told.on(phone), is_still, stopped=told != wishes)


async def _save(request: Request, opened: Opened, asked: _Asked) -> FlashMessage:
    """Write what was touched, in one transaction, and say what became of it."""
    own = _part(request, opened, asked.own, beside=False)
    phone = _part(request, opened, asked.phone, beside=True)
    saved = await page_saving.save(opened.visitor, own, phone if asked.is_still else None)
    decisions = [outcome.decision for outcome in saved.outcomes] + saved.pauses
    what, changed = "unchanged", sum(isinstance(decision, Accepted) for decision in decisions)
    if any(isinstance(decision, Refused) for decision in decisions):
        what = "partly"
    elif changed:
        what = "saved"
    moved = saved.moved or (phone is not None and not asked.is_still)
    waits = any(outcome.waits for outcome in saved.outcomes)
    return FlashMessage(what, changed, waits, moved, asked.stopped, leaving=reasons.token(saved.outcomes))


def _part(request: Request, opened: Opened, wishes: FormChanges, *, beside: bool) -> Part | None:
    """What is wanted for one of the two addresses, with its own proof; None where nothing is."""
    if not wishes:
        return None
    translator = opened.translator
    wording = choices.wording(translator, wishes, _notices(opened, wishes))
    source = provenance(
        request,
        translator,
        ConsentOrigin.PREFERENCE_PAGE,
        "/p",
        wording,
        opened.claim.campaign,
        link="email" if beside else "",
    )
    return Part(
        lambda recipient_id: wishes.intents(recipient_id, own_link=not beside),
        source,
        lambda recipient_id: [rest.intent(recipient_id) for rest in wishes.rests],
    )


def _notices(opened: Opened, wishes: FormChanges) -> list[str]:
    """What the page said of opting in while an opt-out of all stood (R12), for the evidence."""
    covered = {(choice.type.business_unit, choice.channel): None for choice in wishes.touched if choice.on}
    if not covered:
        return []
    shown = _shown(opened)
    return [
        view.coming_back(shown, unit, channel)
        for unit, channel in covered
        if (unit.id, channel) in shown.state.opt_outs
    ]


def page_of(request: Request, opened: Opened, shown: view.Shown | None = None) -> PreferencesPage:
    """What the page shows of an opened link, with what was told after saving."""
    translator, visitor, told = opened.translator, opened.visitor, read_flash(request)
    shown = shown or _shown(opened)
    views = view.units(shown, opened.unit)
    return PreferencesPage(
        status=_status(told, opened),
        address=visitor.masked_address,
        address_html=Markup('<span class="address">{}</span>').format(escape(visitor.masked_address or "")),
        ways=_ways(opened, shown),
        phone=shown_phone.reference(visitor) if shown.beside else None,
        units=views,
        save=texts.save_button(translator),
        saveable=any(type_.boxes for view in views for type_ in view.types),
        until=translator.date(opened.issued_at + timedelta(days=settings.current().manage_link_days)),
        rest_meaning=texts.rest_meaning(translator),
        record=query(translator, see=record.SEE),
        forget=query(translator, forget="1"),
        why=reasons.block(translator, told.leaving, told.reason) if told else None,
    )


def _ways(opened: Opened, shown: view.Shown) -> tuple[WayView, ...]:
    translator, visitor = opened.translator, opened.visitor
    if not shown.beside:
        return ()
    return (
        WayView(texts.channel_names(translator, visitor.kind.channels), visitor.masked_address or ""),
        WayView(texts.channel_names(translator, shown.beside), visitor.masked_phone or ""),
    )


def _status(told: FlashMessage | None, opened: Opened) -> Status | None:
    if told is None:
        return None
    translator, lines = opened.translator, []
    if told.what == "thanked":
        lines.append(reasons.thanks(translator))
    elif told.what == "saved":
        lines.append(translator.ngettext("Saved: %(num)d change.", "Saved: %(num)d changes.", told.count))
    elif told.what == "partly":
        lines.append(translator.gettext("Something is no longer offered and could not be saved."
                                   " What you see now is what holds."))  # fmt: skip
    elif not told.waits and not told.moved and not told.stopped:
        lines.append(translator.gettext("Nothing had to be saved: everything is as it was."))
    if told.waits:
        lines.append(texts.confirm_by_text(translator, opened.visitor.masked_phone))
    if told.moved:
        lines.append(texts.moved(translator))
    if told.stopped:
        lines.append(texts.stopped_meanwhile(translator))
    good = told.what != "partly" and not told.moved and not told.stopped
    return Status(good, translator.joined(*lines))


def _shown(opened: Opened) -> view.Shown:
    visitor, state = opened.visitor, opened.state
    beside = view.beside(opened.catalog, state) if visitor.phone else ()
    return view.Shown(opened.translator, opened.catalog, visitor.kind, state, opened.now, beside)
