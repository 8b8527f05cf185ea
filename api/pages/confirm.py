"""`/c/{token}`: the second half of a double opt-in, by a button and by nothing else (R19, R33)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.i18n import choose
from api.pages import texts, view
from api.pages.forms import Fault, FormProblem, read_form
from api.pages.parts import Said
from api.pages.problem import GONE, ProblemPage, ask_form
from api.pages.proof import provenance
from api.pages.response import frame, respond
from api.pages.unsubscribe_views import DonePage
from preference_center import catalog, database, preferences, settings, visitors
from preference_center.catalog import Catalog, Type
from preference_center.links import ConfirmClaim, LinkExpired, link_maker
from preference_center.preferences import RecipientState
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Refused
from preference_center.visitors import Visitor
from preference_center.wording import Wording


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
    """A confirm link that was opened; `type` is None where it lapsed, or is about nothing known here."""

    type: Type | None
    channel: Channel
    visitor: Visitor
    state: RecipientState
    catalog: Catalog
    words: Wording


async def show(request: Request) -> Response:
    """The question; or that it was answered already, or came too late."""
    opened = await _open(request)
    type_ = opened.type
    if type_ is None:
        return _lapsed(opened)
    place = (type_.id, opened.channel)
    held = opened.state.preferences.get(place)
    if held and held.status is PreferenceStatus.OPTED_IN:
        return _confirmed(opened, type_)
    if place not in opened.state.pending:
        return _lapsed(opened)
    around = frame(opened.words, opened.catalog, type_.unit)
    return respond(opened.words, "confirm.html", around, _question(opened, type_))


async def act(request: Request) -> Response:
    """Confirm what waits, once; pressing again changes nothing."""
    form = (await read_form(request)).only("do", "lang")
    if form.needed("do") != "confirm":
        raise FormProblem(Fault.BAD_VALUE, "do")
    opened = await _open(request, form.one("lang"))
    type_, recipient = opened.type, opened.visitor.recipient
    if type_ is None or recipient is None:
        return _lapsed(opened)
    page = _question(opened, type_)
    lines = (page.heading, page.about.text, page.text, page.notice, f"[{page.button}]")
    wording = "\n".join(line for line in lines if line)
    source = provenance(request, opened.words, ConsentOrigin.CONFIRMATION, "/c", wording)
    outcome = await preferences.confirm(recipient.id, type_, opened.channel, source)
    if isinstance(outcome.decision, Refused):
        return _lapsed(opened)
    return _confirmed(opened, type_)


async def _open(request: Request, shown: str | None = None) -> _Opened:
    claim, expired = _read(request.path_params["token"])
    visitor, state = await visitors.find_with_state(claim.kind, claim.fingerprint)
    book = await catalog.current()
    type_ = book.type_by_reference(claim.type_reference)
    words = choose(
        request, contact=visitor.locale, unit=type_.unit.default_locale if type_ else None, shown=shown
    )
    return _Opened(None if expired else type_, claim.channel, visitor, state, book, words)


def _read(token: str) -> tuple[ConfirmClaim, bool]:
    try:
        return link_maker(settings.current()).read_confirm(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ConfirmClaim):
            raise
        return expired.claim, True


def _question(opened: _Opened, type_: Type) -> ConfirmPage:
    words, unit = opened.words, type_.unit
    notice = None
    if (unit.id, opened.channel) in opened.state.opt_outs:
        shown = view.Shown(words, opened.catalog, opened.visitor.kind, opened.state, database.now())
        notice = texts.coming_back(words, opened.channel, view.returning(shown, unit, opened.channel))
    return ConfirmPage(
        words.gettext("Do you want to receive “%(type)s”?", type=type_.name(words.language)),
        view.said(words, type_.descriptions, unit),
        words.gettext(
            "%(unit)s will then send it to you %(how)s. You can stop it again at any time.",
            unit=unit.name,
            how=texts.by_channel(words, opened.channel),
        ),
        opened.visitor.masked_address,
        notice,
        texts.confirm_button(words),
    )


def _confirmed(opened: _Opened, type_: Type) -> Response:
    words = opened.words
    page = DonePage(
        words.gettext("Confirmed"),
        words.gettext(
            "From now on %(unit)s sends you “%(type)s”.",
            unit=type_.unit.name,
            type=type_.name(words.language),
        ),
        address=opened.visitor.masked_address,
    )
    return respond(words, "done.html", frame(words, opened.catalog, type_.unit), page)


def _lapsed(opened: _Opened) -> Response:
    words, unit = opened.words, opened.type.unit if opened.type else None
    page = ProblemPage(
        words.gettext("There is nothing to confirm any more"),
        words.gettext(
            "It was not confirmed within 7 days, or was taken back since."
            " Nothing is sent. If you want it after all, choose it on the page of your preferences."
        ),
        ask=ask_form(unit),
    )
    return respond(words, "problem.html", frame(words, opened.catalog, unit), page, GONE)
