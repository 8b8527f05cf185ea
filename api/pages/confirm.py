"""`/c/{token}`: the second half of a double opt-in, by a button and by nothing else (R19, R33).

A link whose days are over, while what it was about was asked for again and waits, has a fresh one sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame import texts
from api.pages.frame.evidence import provenance
from api.pages.frame.forms import Fault, FormProblem, read_form
from api.pages.frame.language import choose
from api.pages.frame.parts import Said
from api.pages.frame.problem import GONE, ProblemPage, ask_form, fresh_button
from api.pages.frame.response import frame, respond
from api.pages.link_request import asked
from api.pages.preferences import view
from api.pages.unsubscribe.view import DonePage
from preference_center.catalog.catalog import Catalog, SubscriptionType, current_catalog
from preference_center.config import settings
from preference_center.ledger.confirmations import send_again
from preference_center.links.claims import ConfirmClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.preferences import changes as preferences
from preference_center.preferences.changes import RecipientState
from preference_center.recipients import visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.decisions import Refused
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What `confirm.html` shows."""

    heading: str
    about: Said
    text: str
    address: str | None
    notice: str | None
    button: str


@dataclass(frozen=True, slots=True)
class _Opened:
    """A confirm link that was opened; `type` is None where it is about nothing known here."""

    type: SubscriptionType | None
    expired: bool
    channel: Channel
    visitor: Visitor
    state: RecipientState
    catalog: Catalog
    translator: Translator

    @property
    def waits(self) -> bool:
        """Whether the opt-in that the link is about waits to be confirmed, by this link or another."""
        return self.type is not None and (self.type.id, self.channel) in self.state.pending


async def show(request: Request) -> Response:
    """The question; or that it was answered already, or came too late."""
    opened = await _open(request)
    type_ = opened.type
    if type_ is None or opened.expired:
        return _lapsed(opened)
    held = opened.state.preferences.get((type_.id, opened.channel))
    if held and held.status is PreferenceStatus.OPTED_IN:
        return _confirmed(opened, type_)
    if not opened.waits:
        return _lapsed(opened)
    around = frame(opened.translator, opened.catalog, type_.business_unit)
    return respond(opened.translator, "confirm.html", around, _question(opened, type_))


async def act(request: Request) -> Response:
    """Confirm what waits, once; pressing again changes nothing. Or have a fresh link sent."""
    form = (await read_form(request)).only("do", "lang")
    do = form.needed("do")
    opened = await _open(request, form.one("lang"))
    if do == "fresh" and opened.expired:
        return await _send_fresh(opened)
    if do != "confirm":
        raise FormProblem(Fault.BAD_VALUE, "do")
    type_, recipient = opened.type, opened.visitor.recipient
    if type_ is None or opened.expired or recipient is None:
        return _lapsed(opened)
    page = _question(opened, type_)
    lines = (page.heading, page.about.text, page.text, page.notice, f"[{page.button}]")
    wording = "\n".join(line for line in lines if line)
    source = provenance(request, opened.translator, ConsentOrigin.CONFIRMATION, "/c", wording)
    outcome = await preferences.confirm(recipient.id, type_, opened.channel, source)
    if isinstance(outcome.decision, Refused):
        return _lapsed(opened)
    return _confirmed(opened, type_)


async def _open(request: Request, shown: str | None = None) -> _Opened:
    claim, expired = _read(request.path_params["token"])
    visitor, state = await visitors.find_with_state(claim.recipient_kind, claim.fingerprint)
    catalog = await current_catalog()
    type_ = catalog.type_by_reference(claim.type_reference)
    translator = choose(
        request,
        contact=visitor.locale,
        unit=type_.business_unit.default_locale if type_ else None,
        shown=shown,
    )
    return _Opened(type_, expired, claim.channel, visitor, state, catalog, translator)


def _read(token: str) -> tuple[ConfirmClaim, bool]:
    try:
        return link_maker(settings.current()).read_confirm(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ConfirmClaim):
            raise
        return expired.claim, True


def _question(opened: _Opened, type_: SubscriptionType) -> ConfirmPage:
    translator, unit = opened.translator, type_.business_unit
    notice = None
    if (unit.id, opened.channel) in opened.state.opt_outs:
        shown = view.Shown(translator, opened.catalog, opened.visitor.kind, opened.state, database.now())
        notice = texts.coming_back(translator, opened.channel, view.returning(shown, unit, opened.channel))
    return ConfirmPage(
        translator.gettext("Do you want to receive “%(type)s”?", type=type_.name(translator.language)),
        view.said(translator, type_.descriptions, unit),
        translator.gettext(
            "%(unit)s will then send it to you %(how)s. You can stop it again at any time.",
            unit=unit.name,
            how=texts.by_channel(translator, opened.channel),
        ),
        opened.visitor.masked_address,
        notice,
        texts.confirm_button(translator),
    )


def _confirmed(opened: _Opened, type_: SubscriptionType) -> Response:
    translator = opened.translator
    page = DonePage(
        translator.gettext("Confirmed"),
        translator.gettext(
            "From now on %(unit)s sends you “%(type)s”.",
            unit=type_.business_unit.name,
            type=type_.name(translator.language),
        ),
        address=opened.visitor.masked_address,
    )
    return respond(translator, "done.html", frame(translator, opened.catalog, type_.business_unit), page)


async def _send_fresh(opened: _Opened) -> Response:
    """Send the question again to the address that the link was for, within limits; the answer is the same."""
    type_, visitor = opened.type, opened.visitor
    if type_ is not None and visitor.recipient is not None:
        await send_again(visitor.recipient.id, opened.channel, type_.id)
    return asked(opened.translator, opened.catalog, type_.business_unit if type_ else None, visitor.kind)


def _lapsed(opened: _Opened) -> Response:
    translator, unit = opened.translator, opened.type.business_unit if opened.type else None
    if opened.type and opened.expired and opened.waits:
        page = ProblemPage(
            translator.gettext("This link has expired"),
            translator.gettext(
                "“%(type)s” still waits to be confirmed. With a fresh link you can do that.",
                type=opened.type.name(translator.language),
            ),
            address=opened.visitor.masked_address,
            fresh=fresh_button(translator, opened.visitor.kind),
        )
    else:
        page = ProblemPage(
            translator.gettext("There is nothing to confirm any more"),
            translator.gettext(
                "It was not confirmed within 7 days, or was taken back since."
                " Nothing is sent. If you want it after all, choose it on the page of your preferences."
            ),
            ask=ask_form(unit),
        )
    return respond(translator, "problem.html", frame(translator, opened.catalog, unit), page, GONE)
