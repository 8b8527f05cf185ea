"""`/p/{token}/forget` and `/f/{token}`: being forgotten, asked for and then confirmed (R36).

The first only sends a message to the address itself. What is behind the message's link erases, by a button
and by nothing else (R33): whoever got hold of a preference link can erase nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.forms import Fault, FormProblem, read_form
from api.pages.frame.language import choose
from api.pages.frame.problem import GONE, ProblemPage, ask_form
from api.pages.frame.response import frame, page_headers, path_to, respond
from api.pages.link_request import asked
from api.pages.preferences import expired_link as lapsed
from api.pages.preferences.open_link import Opened, open_link
from api.pages.unsubscribe.view import DonePage
from preference_center.catalog.catalog import BusinessUnit, Catalog, current_catalog
from preference_center.config import settings
from preference_center.erasure import erase as erasure
from preference_center.links.claims import ErasureClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.outbox import delivery as outbox
from preference_center.recipients import visitors
from preference_center.recipients.states import RecipientState
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.types import RecipientKind
from preference_center.storage import database
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class ForgetPage:
    """What `forget.html` shows."""

    heading: str
    address: str | None
    phone: str | None
    next: str
    do: str
    button: str
    back: str | None = None


@dataclass(frozen=True, slots=True)
class _Confirming:
    """A forget link that was opened; `lapsed` where it came too late, or was revoked."""

    lapsed: bool
    visitor: Visitor
    catalog: Catalog
    unit: BusinessUnit | None
    translator: Translator

    @property
    def erased(self) -> bool:
        """Whether it is done already."""
        return self.visitor.recipient is not None and self.visitor.recipient.erased_at is not None


async def show(request: Request) -> Response:
    """What being forgotten does; or the page that helps where the link has lapsed."""
    opened = await open_link(request)
    if opened.lapse:
        return await lapsed.show(opened)
    around = frame(opened.translator, opened.catalog, opened.unit)
    return respond(opened.translator, "forget.html", around, _explanation(opened, request.url.path))


def lead_here(request: Request) -> Response:
    """Send the browser from the preference page to this one (303).

    A page does not have its own token on it, so its link to this one is a question mark and a word. The
    address has no host: it cannot lead to another.
    """
    asked_for = [(name, value) for name, value in request.query_params.items() if name in ("lang", "chosen")]
    path = path_to(f"/p/{quote(request.path_params['token'], safe='')}/forget")
    headers = page_headers("default-src 'none'; frame-ancestors 'none'")
    location = path + ("?" + urlencode(asked_for) if asked_for else "")
    return Response(status_code=303, headers={**headers, "location": location})


async def act(request: Request) -> Response:
    """Send the message that asks once more. The answer is the same whether there is anybody to send it to."""
    form = (await read_form(request)).only("do", "lang")
    if form.needed("do") != "send":
        raise FormProblem(Fault.BAD_VALUE, "do")
    opened = await open_link(request, form.one("lang"))
    if opened.lapse:
        return await lapsed.show(opened)
    recipient = opened.visitor.recipient
    if recipient and recipient.address:
        address = Address(opened.visitor.kind, recipient.address)
        await outbox.queue("FORGET", address, opened.unit, None, opened.translator.language)
    return asked(opened.translator, opened.catalog, opened.unit, opened.visitor.kind)


async def show_confirmation(request: Request) -> Response:
    """The question with the one button; or that it is done, or came too late."""
    opened = await _open(request)
    if opened.erased:
        return _done(opened)
    if opened.lapsed:
        return _too_late(opened)
    around = frame(opened.translator, opened.catalog, opened.unit)
    return respond(opened.translator, "forget.html", around, _question(opened))


async def confirm(request: Request) -> Response:
    """Erase; pressing again changes nothing."""
    form = (await read_form(request)).only("do", "lang")
    if form.needed("do") != "forget":
        raise FormProblem(Fault.BAD_VALUE, "do")
    opened = await _open(request, form.one("lang"))
    if opened.lapsed and not opened.erased:
        return _too_late(opened)
    await erasure.erase_on_request(opened.visitor.kind, opened.visitor.fingerprint)
    return _done(opened)


def _explanation(opened: Opened, path: str) -> ForgetPage:
    translator, visitor = opened.translator, opened.visitor
    if visitor.kind is RecipientKind.EMAIL:
        sent = translator.gettext(
            "First we send a mail to this address. Nothing is removed until you confirm there."
        )
    else:
        sent = translator.gettext(
            "First we send a text message to this number. Nothing is removed until you confirm there."
        )
    return ForgetPage(
        translator.gettext("Be forgotten"),
        visitor.masked_address,
        visitor.masked_phone,
        sent,
        "send",
        translator.gettext("Send me the link to confirm"),
        ".." if path.endswith("/") else ".",
    )


async def _open(request: Request, shown: str | None = None) -> _Confirming:
    claim, expired = _read(request.path_params["token"])
    visitor = await visitors.find(claim.recipient_kind, claim.fingerprint)
    recipient = visitor.recipient
    late = expired or recipient is None or claim.revoked(recipient.links_revoked_at)
    if not late:
        visitor = await visitors.with_phone(visitor, RecipientState())
    catalog = await current_catalog()
    unit = catalog.unit_by_reference(claim.unit_reference) if claim.unit_reference else None
    translator = choose(
        request, contact=visitor.locale, unit=unit.default_locale if unit else None, shown=shown
    )
    return _Confirming(late, visitor, catalog, unit, translator)


def _read(token: str) -> tuple[ErasureClaim, bool]:
    try:
        return link_maker(settings.current()).read_erasure(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ErasureClaim):
            raise
        return expired.claim, True


def _question(opened: _Confirming) -> ForgetPage:
    translator, visitor = opened.translator, opened.visitor
    return ForgetPage(
        translator.gettext("Do you want us to forget you?"),
        visitor.masked_address,
        visitor.masked_phone,
        translator.gettext("It is done at once when you press the button."),
        "forget",
        translator.gettext("Yes, forget me"),
    )


def _done(opened: _Confirming) -> Response:
    translator = opened.translator
    page = DonePage(
        translator.gettext("You are forgotten"),
        translator.gettext(
            "We have removed what we kept about you, and you are unsubscribed from everything."
        ),
    )
    return respond(translator, "done.html", frame(translator, opened.catalog, opened.unit), page)


def _too_late(opened: _Confirming) -> Response:
    """Nothing was removed; with a fresh link to the preferences it can be asked for again (R34)."""
    translator = opened.translator
    page = ProblemPage(
        translator.gettext("This link has expired"),
        translator.gettext(
            "Nothing was removed. With a fresh link you can open your preferences"
            " and ask again to be forgotten."
        ),
        ask=ask_form(opened.unit),
    )
    return respond(translator, "problem.html", frame(translator, opened.catalog, opened.unit), page, GONE)
