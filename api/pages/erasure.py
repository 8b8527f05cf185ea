"""`/p/{token}/forget` requests an erasure, `/f/{token}` confirms it (R36).

The request only sends a message to the address itself. The link in that message erases, with a button and
nothing else (R33): a leaked preference link can erase nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.done import DonePage
from api.pages.frame.forms import Fault, FormProblem, read_form
from api.pages.frame.language import choose_language
from api.pages.frame.problem import GONE, ProblemPage, link_request_form
from api.pages.frame.response import PageContext, respond
from api.pages.link_request import message_sent
from api.pages.manage_link import ManageLink, open_manage_link
from api.pages.preferences import inactive_link
from preference_center.catalog.catalog import current_catalog
from preference_center.config import settings
from preference_center.erasure.erase import erase_on_request
from preference_center.links.claims import ErasureClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.outbox.queue import queue_erasure_link
from preference_center.recipients import visitors
from preference_center.recipients.states import RecipientState
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.types import RecipientKind
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class ErasurePage:
    """What `erasure.html` shows."""

    heading: str
    address: str | None
    phone: str | None
    next_step: str | None
    do: str
    button: str
    back: str | None = None


@dataclass(frozen=True, slots=True)
class ErasureLink:
    """An opened erasure link; `inactive` if it has expired or was revoked."""

    inactive: bool
    visitor: Visitor
    context: PageContext

    @property
    def erased(self) -> bool:
        """Whether the recipient was erased already."""
        return self.visitor.recipient is not None and self.visitor.recipient.erased_at is not None


async def show_request(request: Request) -> Response:
    """What an erasure does, with the button that requests it; or the page of an inactive link."""
    link = await open_manage_link(request)
    if link.inactive:
        return await inactive_link.show(link)
    return respond(link.context, "erasure.html", _request_page(link, request.scope["path"]))


async def request_erasure(request: Request) -> Response:
    """Send the message with the link to confirm. The response is the same without an address to send to."""
    form = (await read_form(request)).only("do", "lang")
    if form.required("do") != "send":
        raise FormProblem(Fault.BAD_VALUE, "do")
    link = await open_manage_link(request, form.optional("lang"))
    if link.inactive:
        return await inactive_link.show(link, dropped=True)
    recipient, recipient_kind = link.visitor.recipient, link.visitor.recipient_kind
    if recipient and recipient.address:
        address = Address(recipient_kind, recipient.address)
        await queue_erasure_link(address, link.unit, link.translator.language)
    return message_sent(link.context, recipient_kind)


async def show_confirmation(request: Request) -> Response:
    """The question with the button that erases; or that it is done, or that the link is inactive."""
    link = await _open_erasure_link(request)
    if link.erased:
        return _erased(link)
    if link.inactive:
        return _inactive(link)
    return respond(link.context, "erasure.html", confirmation_page(link))


async def confirm(request: Request) -> Response:
    """Erase the recipient. Repeating it changes nothing."""
    form = (await read_form(request)).only("do", "lang")
    if form.required("do") != "forget":
        raise FormProblem(Fault.BAD_VALUE, "do")
    link = await _open_erasure_link(request, form.optional("lang"))
    if link.inactive and not link.erased:
        return _inactive(link)
    await erase_on_request(link.visitor.recipient_kind, link.visitor.fingerprint)
    return _erased(link)


def _request_page(link: ManageLink, path: str) -> ErasurePage:
    translator, visitor = link.translator, link.visitor
    if visitor.recipient_kind is RecipientKind.EMAIL:
        next_step = translator.gettext(
            "First we’ll email you a link to confirm. Nothing is deleted until then."
        )
    else:
        next_step = translator.gettext(
            "First we’ll text you a link to confirm. Nothing is deleted until then."
        )
    return ErasurePage(
        translator.gettext("Delete my data"),
        visitor.masked_address,
        visitor.masked_phone,
        next_step,
        "send",
        translator.gettext("Send me the link"),
        ".." if path.endswith("/") else ".",
    )


def confirmation_page(link: ErasureLink) -> ErasurePage:
    """What the page asks before it erases."""
    translator, visitor = link.context.translator, link.visitor
    return ErasurePage(
        translator.gettext("Delete your data?"),
        visitor.masked_address,
        visitor.masked_phone,
        None,
        "forget",
        translator.gettext("Yes, delete my data"),
    )


async def _open_erasure_link(request: Request, shown: str | None = None) -> ErasureLink:
    claim, expired = _read(request.path_params["token"])
    visitor = await visitors.find_visitor(claim.recipient_kind, claim.fingerprint)
    recipient = visitor.recipient
    inactive = expired or recipient is None or claim.revoked(recipient.links_revoked_at)
    if not inactive:
        visitor = await visitors.with_phone(visitor, RecipientState())
    catalog = await current_catalog()
    unit = catalog.unit_by_reference(claim.unit_reference) if claim.unit_reference else None
    translator = choose_language(request, contact=visitor.locale, unit=unit, shown=shown)
    return ErasureLink(inactive, visitor, PageContext(translator, catalog, unit))


def _read(token: str) -> tuple[ErasureClaim, bool]:
    """The claim, and whether it has expired. Raises LinkInvalid."""
    try:
        return link_maker(settings.current()).read_erasure(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ErasureClaim):
            raise
        return expired.claim, True


def _erased(link: ErasureLink) -> Response:
    translator = link.context.translator
    page = DonePage(
        translator.gettext("Your data is deleted"),
        translator.gettext("You’re also unsubscribed from everything."),
    )
    return respond(link.context, "done.html", page)


def _inactive(link: ErasureLink) -> Response:
    """Nothing was removed. A new link to the preferences lets the recipient request it again (R34)."""
    translator = link.context.translator
    page = ProblemPage(
        translator.gettext("This link has expired"),
        translator.gettext(
            "Nothing was deleted. To start again, get a link to your page and choose “Delete my data” there."
        ),
        link_request=link_request_form(link.context.unit, language=translator.language),
    )
    return respond(link.context, "problem.html", page, GONE)
