"""The pages of a preview: what recipients see, with the example recipient."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.pages import confirm, erasure, link_request, record
from api.pages.frame.language import query
from api.pages.frame.problem import link_request_form
from api.pages.frame.response import PageContext, respond
from api.pages.link_request import LinkRequestPage
from api.pages.manage_link import ManageLink
from api.pages.preferences import inactive_link
from api.pages.preferences.flash import FlashMessage
from api.pages.preferences.outcome import Outcome
from api.pages.preferences.view import page_of
from api.pages.preview import examples
from api.pages.preview.examples import NO_EVENT, PAUSED_FOR, types_to_show
from api.pages.unsubscribe.outcome import PressOutcome
from api.pages.unsubscribe.view import page_after, page_now
from api.pages.unsubscribe.visit import OpenedLink, Visit
from preference_center.catalog.catalog import BusinessUnit
from preference_center.catalog.previews import PreviewPage
from preference_center.links.claims import Target, Withdrawal
from preference_center.preferences.own_page.events import PageEvent
from preference_center.preferences.withdrawal import withdrawal_target
from preference_center.recipients.states import RecipientState
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, RecipientKind


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of a preview is made from."""

    request: Request
    context: PageContext
    unit: BusinessUnit
    now: datetime

    def link(self, state: RecipientState | None = None, *, expired: bool = False) -> ManageLink:
        """An opened manage link of the example recipient."""
        state = state or examples.with_opt_ins(self.context, self.now)
        return examples.manage_link_of(self.context, self.unit, state, self.now, expired=expired)


async def _preferences(shown: Shown) -> Response:
    return respond(shown.context, "preferences.html", page_of(shown.link()))


async def _stopped(shown: Shown) -> Response:
    state = examples.with_opt_ins(shown.context, shown.now)
    link = shown.link(examples.with_opt_out_of_all(state, shown.unit, shown.now))
    return _after(shown, link, _event(shown))


async def _paused(shown: Shown) -> Response:
    state = examples.with_opt_ins(shown.context, shown.now)
    link = shown.link(examples.with_pause(state, shown.unit, shown.now))
    return _after(shown, link, replace(_event(shown), about_pause=True, paused_until=shown.now + PAUSED_FOR))


def _event(shown: Shown) -> PageEvent:
    return PageEvent(
        id=NO_EVENT,
        recipient_id=0,
        channel=Channel.EMAIL,
        business_unit_id=shown.unit.id,
        subscription_type_id=None,
        before=PreferenceStatus.NOT_OPTED,
        after=PreferenceStatus.OPTED_OUT,
        origin=ConsentOrigin.PREFERENCE_PAGE,
        about_pause=False,
        paused_until=None,
        paused_before=None,
    )


def _after(shown: Shown, link: ManageLink, event: PageEvent) -> Response:
    """The preference page after a press that made this event."""
    outcome = Outcome(FlashMessage("saved", shown.now.timestamp(), (NO_EVENT,)), (event,))
    return respond(shown.context, "preferences.html", page_of(link, outcome=outcome))


def _visit(shown: Shown, *, left: bool) -> Visit:
    """A visit with a link to unsubscribe from the first type; from all if the unit has no type."""
    channel, types = types_to_show(shown.context.catalog, shown.unit)
    visitor, state = examples.visitor_of(shown.context), RecipientState()
    target = Target.TYPE if types else Target.UNIT
    reference = types[0].reference if types else shown.unit.reference
    withdrawal = Withdrawal(visitor.fingerprint, channel, target, reference)
    if left and types:
        examples.with_opt_out(state, types[0], channel, shown.now)
    elif left:
        examples.with_opt_out_of_all(state, shown.unit, shown.now)
    link = OpenedLink(withdrawal, withdrawal_target(withdrawal, shown.context.catalog))
    return Visit(shown.request, link, visitor, shown.context, state)


async def _unsubscribe(shown: Shown) -> Response:
    return respond(shown.context, "unsubscribe.html", page_now(_visit(shown, left=False)))


async def _unsubscribed(shown: Shown) -> Response:
    visit = _visit(shown, left=True)
    page = page_after(visit, PressOutcome("unsubscribed", shown.now.timestamp(), event_ids=(NO_EVENT,)))
    return respond(shown.context, "unsubscribe.html", page or page_now(visit))


def _confirm_link(shown: Shown) -> confirm.ConfirmLink:
    channel, types = types_to_show(shown.context.catalog, shown.unit)
    asked = tuple(type_ for type_ in types if type_.double_opt_in)[:1] or tuple(types[:1])
    visitor = examples.visitor_of(shown.context)
    return confirm.ConfirmLink(asked, False, channel, visitor, RecipientState(), shown.context)


async def _confirm(shown: Shown) -> Response:
    link = _confirm_link(shown)
    if not link.types:
        return await _preferences(shown)
    return respond(shown.context, "confirm.html", confirm.question(link, link.types))


async def _confirmed(shown: Shown) -> Response:
    link = _confirm_link(shown)
    if not link.types:
        return await _preferences(shown)
    page = confirm.confirmed_content(link, link.types)
    unsubscribe = query(shown.context.translator, page=PreviewPage.UNSUBSCRIBE.value)
    return respond(shown.context, "done.html", replace(page, unsubscribe_url=unsubscribe))


async def _link_request(shown: Shown) -> Response:
    translator = shown.context.translator
    form = link_request_form(shown.unit, language=translator.language)
    # Posted to the preview, which sends nothing.
    here = replace(form, action=query(translator, page=PreviewPage.LINK_REQUEST.value))
    return respond(shown.context, "link_request.html", LinkRequestPage(here))


async def _link_requested(shown: Shown) -> Response:
    return link_request.message_sent(shown.context, RecipientKind.EMAIL)


async def _expired_link(shown: Shown) -> Response:
    return await inactive_link.show(shown.link(expired=True))


async def _history(shown: Shown) -> Response:
    return await record.show(shown.request, shown.link())


async def _erasure(shown: Shown) -> Response:
    link = erasure.ErasureLink(False, examples.visitor_of(shown.context), shown.context)
    return respond(shown.context, "erasure.html", erasure.confirmation_page(link))


PAGES: Final[dict[PreviewPage, Callable[[Shown], Awaitable[Response]]]] = {
    PreviewPage.PREFERENCES: _preferences,
    PreviewPage.PREFERENCES_STOPPED: _stopped,
    PreviewPage.PREFERENCES_PAUSED: _paused,
    PreviewPage.UNSUBSCRIBE: _unsubscribe,
    PreviewPage.UNSUBSCRIBED: _unsubscribed,
    PreviewPage.CONFIRM: _confirm,
    PreviewPage.CONFIRMED: _confirmed,
    PreviewPage.LINK_REQUEST: _link_request,
    PreviewPage.LINK_REQUESTED: _link_requested,
    PreviewPage.EXPIRED_LINK: _expired_link,
    PreviewPage.HISTORY: _history,
    PreviewPage.ERASURE: _erasure,
}
