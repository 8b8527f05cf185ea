"""What a manage link still does after its time: opting out of all, and asking for a fresh one (R34)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame import texts
from api.pages.frame.problem import GONE, ProblemPage, Stop, ask_form, fresh_button
from api.pages.frame.response import Status, frame, respond
from api.pages.link_request import asked, send_link
from api.pages.preferences import view
from api.pages.preferences.open_link import Lapse, Opened
from preference_center.preferences.changes import RecipientState
from preference_center.recipients import visitors
from preference_center.rules.addresses import Address


async def show(opened: Opened, *, stopped: bool = False) -> Response:
    """The page of a link that has lapsed; `stopped` where something was opted out of just now."""
    translator, fresh = opened.translator, _fresh_button(opened)
    heading, text = _said(opened)
    done = Status(True, translator.gettext("Done. It takes effect at once.")) if stopped else None
    page = ProblemPage(
        heading,
        text,
        address=opened.visitor.masked_address,
        status=done,
        fresh=fresh,
        stops=_stops(opened, await _state(opened) if stopped else opened.state),
        ask=None if fresh else ask_form(opened.unit),
    )
    around = frame(translator, opened.catalog, opened.unit)
    return respond(translator, "problem.html", around, page, 200 if stopped else GONE)


async def send_fresh(request: Request, opened: Opened) -> Response:
    """Send a fresh link to the address that the old one was for."""
    recipient = opened.visitor.recipient
    if recipient and recipient.address:
        address = Address(opened.visitor.kind, recipient.address)
        return await send_link(request, address, opened.translator, opened.catalog, opened.unit)
    return asked(opened.translator, opened.catalog, opened.unit, opened.visitor.kind)


def _fresh_button(opened: Opened) -> str | None:
    """What asks for a fresh link; None where nobody knows the address to send it to."""
    if opened.visitor.masked_address is None:
        return None
    return fresh_button(opened.translator, opened.visitor.kind)


def _said(opened: Opened) -> tuple[str, str]:
    translator = opened.translator
    if opened.lapse is Lapse.ERASED:
        return translator.gettext("Your data was erased"), translator.gettext(
            "We no longer hold the address that this link was made for."
            " What you had unsubscribed from stays that way, even if the address is given to us again."
        )
    heading = translator.gettext("This link has expired")
    if opened.lapse is Lapse.REVOKED:
        heading = translator.gettext("This link was switched off")
    return heading, translator.gettext("With a fresh link you can see and change everything you receive.")


async def _state(opened: Opened) -> RecipientState:
    """What holds now that something was changed."""
    visitor = opened.visitor
    return (await visitors.find_with_state(visitor.kind, visitor.fingerprint))[1]


def _stops(opened: Opened, state: RecipientState) -> tuple[Stop, ...]:
    """What can still be opted out of, the link's own unit first."""
    kind, translator = opened.visitor.kind, opened.translator
    return tuple(
        Stop(f"out:{unit.key}:{channel.value}", texts.stop_button(translator, channel, unit.name))
        for unit in sorted(opened.catalog.units, key=lambda unit: unit is not opened.unit)
        for channel in view.channels_used(opened.catalog, kind.channels, unit)
        if (unit.id, channel) not in state.opt_outs
    )
