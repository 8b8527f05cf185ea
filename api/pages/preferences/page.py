"""`/p/{token}`: everything a recipient can receive, shown and changed in one place (R4, R12, R24).

The page of a contact's email address also shows the contact's phone number, with boxes of its own. Saving
redirects to the page, so that reloading it never repeats a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages import leaving_reasons
from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.forms import Form, read_form
from api.pages.frame.layout import public_path
from api.pages.frame.response import redirect, respond
from api.pages.manage_link import ManageLink, open_manage_link
from api.pages.preferences import inactive_link, pauses, phone, record
from api.pages.preferences.flash import FlashMessage, redirect_with
from api.pages.preferences.form import (
    FormChanges,
    opt_outs_shown,
    read_changes,
    shown_text,
    touched_boxes,
)
from api.pages.preferences.pauses import PauseDayError
from api.pages.preferences.scope import PageScope
from api.pages.preferences.unit_view import return_notice
from api.pages.preferences.view import page_of, view_input
from preference_center.links.kinds import TokenKind
from preference_center.preferences.save_page import AddressChanges, SavedPage, save_page
from preference_center.rules.decisions import Accepted, Refused
from preference_center.rules.types import Channel, ConsentOrigin, LeavingReason, RecipientKind

_FIELDS = ("on", "was", "out", "do", "lang", phone.FIELD, leaving_reasons.FIELD)


async def show(request: Request) -> Response:
    """The page, the record (`?see=record`), or the page of an inactive link."""
    if "forget" in request.query_params:
        return _redirect_to_erasure(request)
    link = await open_manage_link(request)
    if link.inactive:
        return await inactive_link.show(link)
    if request.query_params.get("see") == record.SEE:
        return await record.show(request, link)
    return respond(link.context, "preferences.html", page_of(request, link))


async def act(request: Request) -> Response:
    """Save what the person touched; with an inactive link only the opt-outs (R34)."""
    form = await read_form(request)
    link = await open_manage_link(request, form.optional("lang"))
    do = form.only(*_FIELDS, *pauses.field_names(link.catalog, Channel)).required("do")
    if reason := leaving_reasons.pressed_reason(do):
        return await _give_reason(request, link, form, reason)
    if link.inactive:
        return await _act_on_inactive_link(request, link, form, do)
    try:
        submission = _submission(form, link, do)
    except PauseDayError as error:
        return _show_error(request, link, form, error)
    return redirect_with(request, await _save(request, link, submission))


def _redirect_to_erasure(request: Request) -> Response:
    """Redirect to `/p/{token}/forget`.

    A page never contains its own token, so its link to the erasure is the query `?forget=1`.
    """
    kept = [(name, value) for name, value in request.query_params.items() if name in ("lang", "chosen")]
    path = public_path(f"{TokenKind.MANAGE.path}/{quote(request.path_params['token'], safe='')}/forget")
    return redirect(path + ("?" + urlencode(kept) if kept else ""))


def _show_error(request: Request, link: ManageLink, form: Form, error: PauseDayError) -> Response:
    """The page again, with what was touched and typed, and what is wrong with the day of a pause."""
    scope = PageScope(link.catalog, link.visitor.channels, link.now)
    boxes = touched_boxes(form, scope)
    page = replace(
        view_input(link),
        pause_error=error,
        typed_days=pauses.typed_days(form, link.catalog, link.visitor.channels),
        touched={(box.subscription_type.id, box.channel): box.ticked for box in boxes},
    )
    content = replace(page_of(request, link, page), status=None, has_error=True)
    return respond(link.context, "preferences.html", content, 422)


async def _give_reason(request: Request, link: ManageLink, form: Form, reason: LeavingReason) -> Response:
    """Record a leaving reason; the response to an inactive link is thanks and nothing else."""
    claim = leaving_reasons.read_reason_token(form)
    if link.inactive:
        return leaving_reasons.thanks_page(link.context)
    recorded = await leaving_reasons.give_reason(claim, link.visitor, reason)
    reason_token = form.required(leaving_reasons.FIELD) if recorded else None
    return redirect_with(request, FlashMessage("thanked", reason_token=reason_token, reason=reason))


async def _act_on_inactive_link(request: Request, link: ManageLink, form: Form, do: str) -> Response:
    """Save the opt-outs of a page shown before its link became inactive, also those of the phone number."""
    if do == "fresh":
        return await inactive_link.send_new_link(request, link)
    days = pauses.field_names(link.catalog, Channel)
    dropped = pauses.is_pause_button(do) or any(value.strip() for name in days for value in form.all(name))
    if pauses.is_pause_button(do):
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

    def opt_outs(self) -> _Submission:
        """The opt-outs alone."""
        return replace(self, own=self.own.opt_outs(), phone=self.phone.opt_outs())


def _submission(form: Form, link: ManageLink, do: str) -> _Submission:
    """Read the form. Raises FormProblem, PauseDayError."""
    token, own_channels = form.optional(phone.FIELD), link.visitor.recipient_kind.channels
    # A form shown without a phone number has no boxes for one, even if the contact has one by now.
    phone_channels = RecipientKind.PHONE.channels if token is not None else ()
    same_phone = token is not None and phone.is_same_phone(link.visitor, token)
    scope = PageScope(link.catalog, own_channels + phone_channels, link.now)
    wanted = read_changes(form, do, scope)
    kept = wanted.without_opt_ins(link.state.opt_outs_of_all.keys() - opt_outs_shown(form, scope))
    return _Submission(
        kept.on(own_channels), kept.on(phone_channels), same_phone, opt_in_dropped=kept != wanted
    )


async def _save(request: Request, link: ManageLink, submission: _Submission) -> FlashMessage:
    """Save the changes in one transaction."""
    own = _part(request, link, submission.own, own_link=True)
    of_phone = _part(request, link, submission.phone, own_link=False)
    saved = await save_page(link.visitor, own, of_phone if submission.same_phone else None)
    phone_changed = saved.phone_skipped or (of_phone is not None and not submission.same_phone)
    return _message(saved, phone_changed=phone_changed, opt_in_dropped=submission.opt_in_dropped)


def _message(saved: SavedPage, *, phone_changed: bool, opt_in_dropped: bool) -> FlashMessage:
    decisions = [outcome.decision for outcome in saved.outcomes] + saved.pauses
    changes = sum(isinstance(decision, Accepted) for decision in decisions)
    refused = any(isinstance(decision, Refused) for decision in decisions)
    return FlashMessage(
        "partly" if refused else "saved" if changes else "unchanged",
        changes,
        pending=any(outcome.pending for outcome in saved.outcomes),
        phone_changed=phone_changed,
        opt_in_dropped=opt_in_dropped,
        reason_token=leaving_reasons.reason_token(saved.outcomes),
    )


def _part(
    request: Request, link: ManageLink, changes: FormChanges, *, own_link: bool
) -> AddressChanges | None:
    """The changes to one of the two addresses, with their evidence; None without changes."""
    if not changes:
        return None
    translator = link.translator
    page_act = PageAct(
        ConsentOrigin.PREFERENCE_PAGE,
        TokenKind.MANAGE.path,
        shown_text(translator, changes, _notices(link, changes)),
        link.claim.campaign,
        link_sent_to="" if own_link else "email",
    )
    return AddressChanges(
        lambda recipient_id: changes.intents(recipient_id, own_link=own_link),
        page_provenance(request, translator, page_act),
        changes.pause_intents,
    )


def _notices(link: ManageLink, changes: FormChanges) -> list[str]:
    """What the page said about opting in while an opt-out of all was active (R12), for the evidence."""
    opted_in = {
        (box.subscription_type.business_unit, box.channel): None for box in changes.boxes if box.ticked
    }
    if not opted_in:
        return []
    page = view_input(link)
    return [
        return_notice(page, unit, channel)
        for unit, channel in opted_in
        if (unit.id, channel) in page.state.opt_outs_of_all
    ]
