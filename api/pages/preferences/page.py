"""`/p/{token}`: everything a recipient can receive, shown and changed in one place (R4, R12, R24).

The page of a contact's email address also shows the contact's phone number, with boxes of its own. Each press
redirects to the page, which says what it did and offers to undo it; reloading repeats nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages import leaving_reasons, record
from api.pages.frame.forms import Form, read_form
from api.pages.frame.layout import public_path
from api.pages.frame.response import redirect, respond
from api.pages.manage_link import ManageLink, open_manage_link
from api.pages.preferences import actions, inactive_link, pauses, phone
from api.pages.preferences.boxes import is_by_default
from api.pages.preferences.flash import FlashMessage, read_flash, redirect_with
from api.pages.preferences.form import (
    BoxChange,
    FormChanges,
    left_unticked,
    opt_outs_shown,
    read_changes,
    shown_text,
    touched_boxes,
)
from api.pages.preferences.outcome import read_outcome
from api.pages.preferences.pauses import PauseDayError
from api.pages.preferences.scope import PageScope, UnitOnChannel
from api.pages.preferences.unit_view import return_notice
from api.pages.preferences.view import intro_of, own_unit_only, page_of, view_input
from preference_center.catalog.catalog import BusinessUnit
from preference_center.links.kinds import TokenKind
from preference_center.preferences.own_page.save import AddressChanges, SavedPage, save_page
from preference_center.rules.decisions import Pending, Refused
from preference_center.rules.types import Channel, LeavingReason, RecipientKind
from preference_center.storage import database

_FIELDS = ("on", "was", "out", "do", "lang", "undo", phone.FIELD, leaving_reasons.FIELD)


async def show(request: Request) -> Response:
    """The page, the record (`?see=record`), or the page of an inactive link."""
    if "forget" in request.query_params:
        return _redirect_to_erasure(request)
    link = await open_manage_link(request)
    if link.inactive:
        return await inactive_link.show(link)
    if request.query_params.get("see") == record.SEE:
        return await record.show(request, link)
    outcome = await read_outcome(link, read_flash(request))
    return respond(link.context, "preferences.html", page_of(link, outcome=outcome))


async def act(request: Request) -> Response:
    """Save what the person touched; with an inactive link only the opt-outs (R34)."""
    form = await read_form(request)
    link = await open_manage_link(request, form.optional("lang"))
    units = link.catalog.units
    do = form.only(*_FIELDS, *map(pauses.field_name, units), *map(PageScope.channels_field, units)).required(
        "do"
    )
    if reason := leaving_reasons.pressed_reason(do):
        return await _give_reason(request, link, form, reason)
    if link.inactive:
        return await _act_on_inactive_link(request, link, form, do)
    if do == "undo":
        return redirect_with(request, await actions.undo(request, link, form))
    if do.startswith("send:"):
        return redirect_with(request, await actions.send_again(link, do, _scope(form, link)))
    try:
        submission = _submission(form, link, do)
    except PauseDayError as error:
        return _show_error(link, form, error)
    return redirect_with(request, await _save(request, link, submission))


def _redirect_to_erasure(request: Request) -> Response:
    """Redirect to `/p/{token}/forget`.

    A page never contains its own token, so its link to the erasure is the query `?forget=1`.
    """
    kept = [(name, value) for name, value in request.query_params.items() if name in ("lang", "chosen")]
    path = public_path(f"{TokenKind.MANAGE.path}/{quote(request.path_params['token'], safe='')}/forget")
    return redirect(path + ("?" + urlencode(kept) if kept else ""))


def _show_error(link: ManageLink, form: Form, error: PauseDayError) -> Response:
    """The page again, with what was touched and typed, and what is wrong with the day of a pause."""
    boxes = touched_boxes(form, _scope(form, link))
    page = replace(
        view_input(link),
        wrong_day=error.unit,
        typed=pauses.typed_fields(form, link.catalog),
        touched={(box.subscription_type.id, box.channel): box.ticked for box in boxes},
    )
    content = replace(page_of(link, page), has_error=True)
    return respond(link.context, "preferences.html", content, 422)


async def _give_reason(request: Request, link: ManageLink, form: Form, reason: LeavingReason) -> Response:
    """Record a leaving reason; the page keeps its undo button. With an inactive link, only thanks."""
    claim = leaving_reasons.read_reason_token(form)
    if link.inactive:
        return leaving_reasons.thanks_page(link.context)
    recorded = await leaving_reasons.give_reason(claim, link.visitor, reason)
    flash = read_flash(request)
    if claim is None or not recorded:
        return redirect_with(request, FlashMessage("thanked", database.now().timestamp()))
    if flash is None:
        flash = FlashMessage("thanked", claim.issued_ms / 1000, claim.event_ids)
    return redirect_with(request, replace(flash, result="thanked", reason=reason))


async def _act_on_inactive_link(request: Request, link: ManageLink, form: Form, do: str) -> Response:
    """Save the opt-outs of a page shown before its link became inactive, also those of the phone number."""
    if do == "fresh":
        return await inactive_link.send_new_link(request, link)
    days = [pauses.field_name(unit) for unit in link.catalog.units]
    dropped = not actions.saves(do) or any(value.strip() for name in days for value in form.all(name))
    if not actions.saves(do):
        do = "save"
    form = form.without(*days)
    if form.optional(phone.FIELD):
        link = await link.with_phone()
    wanted = _submission(form, link, do)
    submission = wanted.opt_outs()
    message = await _save(request, link, submission)
    saved = bool(submission.own or submission.phone) and not message.phone_changed
    dropped = dropped or wanted != submission or wanted.opt_in_dropped or message.phone_changed
    return await inactive_link.show(link, opted_out=saved, dropped=dropped)


@dataclass(frozen=True, slots=True)
class _Submission:
    """The changes of a form, for the address of the link and for the contact's phone number."""

    own: FormChanges
    phone: FormChanges
    same_phone: bool
    """Whether the number that the form was shown with is still the visitor's."""
    opt_in_dropped: bool
    """Whether an opt-in was left out that would have ended an opt-out of all made in between (R12)."""
    ticked: tuple[tuple[int, Channel], ...] = ()
    """What was ticked to come back after an opt-out of all: type ids and channels."""

    def opt_outs(self) -> _Submission:
        """The opt-outs alone."""
        return replace(self, own=self.own.opt_outs(), phone=self.phone.opt_outs())


def _scope(form: Form, link: ManageLink) -> PageScope:
    """What the form may be about. One shown without a phone number has no boxes for any, even if there is one
    by now."""
    channels = link.visitor.recipient_kind.channels
    if form.optional(phone.FIELD) is not None:
        channels += RecipientKind.PHONE.channels
    return PageScope(link.catalog, channels, link.now, link.unit if own_unit_only(link) else None)


def _submission(form: Form, link: ManageLink, do: str) -> _Submission:
    """Read the form. Raises FormProblem, PauseDayError."""
    token, scope = form.optional(phone.FIELD), _scope(form, link)
    same_phone = token is not None and phone.is_same_phone(link.visitor, token)
    wanted = read_changes(form, do, scope)
    shown, left = opt_outs_shown(form, scope), link.state.opt_outs_of_all.keys()
    kept = wanted.without_opt_ins(left - shown)
    returning = kept.returns() & shown & left
    changes = replace(kept, boxes=kept.boxes + _left_behind(form, link, scope, returning))
    ticked = tuple(
        (box.subscription_type.id, box.channel)
        for box in changes.boxes
        if box.ticked and box.unit_on_channel in returning
    )
    own, of_phone = link.visitor.recipient_kind.channels, scope.channels
    others = [channel for channel in of_phone if channel not in own]
    return _Submission(changes.on(own), changes.on(others), same_phone, kept != wanted, ticked)


def _left_behind(
    form: Form, link: ManageLink, scope: PageScope, returning: set[UnitOnChannel]
) -> tuple[BoxChange, ...]:
    """The boxes that stay unticked where others are ticked to come back, of types that are sent by default.

    Coming back gives what is ticked and nothing else (R12). The ledger opts out of types that were opted in;
    these were never decided, and would be sent again (R22).
    """
    return tuple(
        box
        for box in left_unticked(form, scope)
        if box.unit_on_channel in returning
        and is_by_default(link.state, box.subscription_type, box.channel)
        and box.subscription_type.is_public
    )


async def _save(request: Request, link: ManageLink, submission: _Submission) -> FlashMessage:
    """Save the changes in one transaction."""
    own = _part(request, link, submission.own, own_link=True)
    of_phone = _part(request, link, submission.phone, own_link=False)
    saved = await save_page(link.visitor, own, of_phone if submission.same_phone else None)
    phone_changed = saved.phone_skipped or (of_phone is not None and not submission.same_phone)
    return _message(saved, submission, phone_changed=phone_changed)


def _message(saved: SavedPage, submission: _Submission, *, phone_changed: bool) -> FlashMessage:
    decisions = [outcome.decision for outcome in saved.outcomes] + saved.pauses
    return FlashMessage(
        "saved",
        database.now().timestamp(),
        tuple(saved.event_ids),
        requested=tuple(
            (outcome.intent.subscription_type.id, outcome.intent.channel)
            for outcome in saved.outcomes
            if outcome.pending and outcome.intent.subscription_type
        ),
        ticked=submission.ticked if saved.event_ids else (),
        refused=any(isinstance(decision, Refused) for decision in decisions),
        phone_changed=phone_changed,
        opt_in_dropped=submission.opt_in_dropped,
        day_left_out=submission.own.day_left_out,
        asked_again=any(
            outcome.pending and not isinstance(outcome.decision, Pending) for outcome in saved.outcomes
        ),
    )


def _part(
    request: Request, link: ManageLink, changes: FormChanges, *, own_link: bool
) -> AddressChanges | None:
    """The changes to one of the two addresses, with their evidence; None without changes."""
    if not changes:
        return None
    intro = intro_of(link)
    notices = [*([intro.text] if intro else ()), *_notices(link, changes)]
    text = shown_text(link.translator, changes, notices)
    return AddressChanges(
        lambda recipient_id: changes.intents(recipient_id, own_link=own_link),
        actions.provenance(request, link, text, own_link=own_link),
        changes.pause_intents,
    )


def _notices(link: ManageLink, changes: FormChanges) -> list[str]:
    """What the page said about opting in while an opt-out of all was active (R12), for the evidence."""
    places: dict[BusinessUnit, list[Channel]] = {}
    for box in changes.boxes:
        channels = places.setdefault(box.subscription_type.business_unit, [])
        left = box.unit_on_channel in link.state.opt_outs_of_all
        if box.ticked and left and box.channel not in channels:
            channels.append(box.channel)
    page = view_input(link)
    return [return_notice(page, unit, channels) for unit, channels in places.items() if channels]
