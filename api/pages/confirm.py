"""`/c/{token}`: confirms a double opt-in, with a button and nothing else (R19, R33).

An expired link whose opt-in was requested again since, and is pending, can send a new link.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.copy import by_channel
from api.pages.frame.done import DonePage
from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.forms import Fault, FormProblem, read_form
from api.pages.frame.language import choose_language
from api.pages.frame.localized import localized_text
from api.pages.frame.parts import LocalizedText
from api.pages.frame.problem import GONE, ProblemPage, link_request_form, new_link_label
from api.pages.frame.response import PageContext, respond
from api.pages.link_request import message_sent
from api.pages.preferences import copy
from api.pages.preferences.boxes import returning_types
from preference_center.catalog.catalog import SubscriptionType, current_catalog
from preference_center.config import settings
from preference_center.ledger.confirmations import resend_confirmation
from preference_center.links.claims import ConfirmClaim
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.preferences import changes as preferences
from preference_center.recipients import visitors
from preference_center.recipients.states import RecipientState
from preference_center.recipients.visitors import Visitor
from preference_center.rules.decisions import Refused
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What `confirm.html` shows."""

    heading: str
    description: LocalizedText
    text: str
    address: str | None
    notice: str | None
    button: str

    @property
    def shown_text(self) -> str:
        """What a recipient reads and presses, for the evidence; the address is left out."""
        lines = (self.heading, self.description.text, self.text, self.notice, f"[{self.button}]")
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class _ConfirmLink:
    """An opened confirm link; `subscription_type` is None if its type is unknown here."""

    subscription_type: SubscriptionType | None
    expired: bool
    channel: Channel
    visitor: Visitor
    state: RecipientState
    context: PageContext

    @property
    def pending(self) -> bool:
        """Whether the opt-in is still to be confirmed, by this link or another."""
        type_ = self.subscription_type
        return type_ is not None and (type_.id, self.channel) in self.state.pending_opt_ins


async def show(request: Request) -> Response:
    """The question with the button; or that it is confirmed already, or that the link is inactive."""
    link = await _open(request)
    subscription_type = link.subscription_type
    if subscription_type is None or link.expired:
        return _inactive(link)
    held = link.state.preferences.get((subscription_type.id, link.channel))
    if held and held.status is PreferenceStatus.OPTED_IN:
        return _confirmed(link, subscription_type)
    if not link.pending:
        return _inactive(link)
    return respond(link.context, "confirm.html", _question(link, subscription_type))


async def act(request: Request) -> Response:
    """Confirm the pending opt-in, once; repeating it changes nothing. Or send a new link."""
    form = (await read_form(request)).only("do", "lang")
    do = form.required("do")
    link = await _open(request, form.optional("lang"))
    if do == "fresh" and link.expired:
        return await _send_new_link(link)
    if do != "confirm":
        raise FormProblem(Fault.BAD_VALUE, "do")
    subscription_type, recipient = link.subscription_type, link.visitor.recipient
    if subscription_type is None or link.expired or recipient is None:
        return _inactive(link)
    page_act = PageAct(
        ConsentOrigin.CONFIRMATION, TokenKind.CONFIRM.path, _question(link, subscription_type).shown_text
    )
    provenance = page_provenance(request, link.context.translator, page_act)
    outcome = await preferences.confirm(recipient.id, subscription_type, link.channel, provenance)
    if isinstance(outcome.decision, Refused):
        return _inactive(link)
    return _confirmed(link, subscription_type)


async def _open(request: Request, shown: str | None = None) -> _ConfirmLink:
    claim, expired = _read(request.path_params["token"])
    visitor, state = await visitors.find_visitor_with_state(claim.recipient_kind, claim.fingerprint)
    catalog = await current_catalog()
    subscription_type = catalog.type_by_reference(claim.type_reference)
    unit = subscription_type.business_unit if subscription_type else None
    translator = choose_language(request, contact=visitor.locale, unit=unit, shown=shown)
    context = PageContext(translator, catalog, unit)
    return _ConfirmLink(subscription_type, expired, claim.channel, visitor, state, context)


def _read(token: str) -> tuple[ConfirmClaim, bool]:
    """The claim, and whether it has expired. Raises LinkInvalid."""
    try:
        return link_maker(settings.current()).read_confirm(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ConfirmClaim):
            raise
        return expired.claim, True


def _question(link: _ConfirmLink, subscription_type: SubscriptionType) -> ConfirmPage:
    translator, unit = link.context.translator, subscription_type.business_unit
    type_name = subscription_type.name(translator.language)
    notice = None
    if (unit.id, link.channel) in link.state.opt_outs_of_all:
        returning = returning_types(link.state, link.context.catalog, unit, link.channel)
        names = [type_.name(translator.language) for type_ in returning]
        notice = copy.return_notice(translator, link.channel, names)
    return ConfirmPage(
        translator.gettext("Do you want to receive “%(type)s”?", type=type_name),
        localized_text(translator, subscription_type.descriptions, unit),
        translator.gettext(
            "%(unit)s will then send it to you %(how)s. You can stop it again at any time.",
            unit=unit.name,
            how=by_channel(translator, link.channel),
        ),
        link.visitor.masked_address,
        notice,
        translator.gettext("Yes, send it to me"),
    )


def _confirmed(link: _ConfirmLink, subscription_type: SubscriptionType) -> Response:
    translator = link.context.translator
    page = DonePage(
        translator.gettext("Confirmed"),
        translator.gettext(
            "From now on %(unit)s sends you “%(type)s”.",
            unit=subscription_type.business_unit.name,
            type=subscription_type.name(translator.language),
        ),
        address=link.visitor.masked_address,
    )
    return respond(link.context, "done.html", page)


async def _send_new_link(link: _ConfirmLink) -> Response:
    """Send the message again to the address of the link, within limits; the response is always the same."""
    subscription_type, recipient = link.subscription_type, link.visitor.recipient
    if subscription_type is not None and recipient is not None:
        await resend_confirmation(recipient.id, link.channel, subscription_type.id)
    return message_sent(link.context, link.visitor.recipient_kind)


def _inactive(link: _ConfirmLink) -> Response:
    translator, subscription_type = link.context.translator, link.subscription_type
    if subscription_type and link.expired and link.pending:
        page = ProblemPage(
            translator.gettext("This link has expired"),
            translator.gettext(
                "“%(type)s” still waits to be confirmed. With a fresh link you can do that.",
                type=subscription_type.name(translator.language),
            ),
            address=link.visitor.masked_address,
            new_link_label=new_link_label(translator, link.visitor.recipient_kind),
        )
    else:
        page = ProblemPage(
            translator.gettext("There is nothing to confirm any more"),
            translator.gettext(
                "It was not confirmed within 7 days, or was taken back since."
                " Nothing is sent. If you want it after all, choose it on the page of your preferences."
            ),
            link_request=link_request_form(link.context.unit),
        )
    return respond(link.context, "problem.html", page, GONE)
