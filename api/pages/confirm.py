"""`/c/{token}`: confirms a double opt-in, with a button and nothing else (R19, R33).

A link confirms what was requested together: the page lists the types, and one button confirms those that are
still pending. An expired link whose opt-in was requested again since, and is pending, can send a new link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.done import DonePage
from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.forms import Fault, FormProblem, read_form
from api.pages.frame.language import choose_language, query
from api.pages.frame.layout import public_path
from api.pages.frame.localized import localized_text
from api.pages.frame.parts import LocalizedText
from api.pages.frame.problem import GONE, ProblemPage, link_request_form, new_link_label
from api.pages.frame.response import PageContext, respond
from api.pages.link_request import message_sent
from api.pages.preferences.boxes import returning_types
from preference_center.catalog.catalog import BusinessUnit, SubscriptionType, current_catalog
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
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class ConfirmedType:
    """A type that the page asks about: named in the heading if it is the only one, else in a list."""

    name: str
    description: LocalizedText


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What `confirm.html` shows."""

    heading: str
    types: tuple[ConfirmedType, ...]
    text: str
    address: str | None
    notice: str | None
    button: str

    @property
    def shown_text(self) -> str:
        """What a recipient reads and presses, for the evidence; the address is left out."""
        named = self.types if len(self.types) > 1 else ()
        names = {type_: f"- {type_.name}" for type_ in named}
        described = [line for type_ in self.types for line in (names.get(type_), type_.description.text)]
        lines = (self.heading, *described, self.text, self.notice, f"[{self.button}]")
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class ConfirmLink:
    """An opened confirm link."""

    types: tuple[SubscriptionType, ...]
    """Those of its types that are known here; all of one unit."""
    expired: bool
    channel: Channel
    visitor: Visitor
    state: RecipientState
    context: PageContext

    @property
    def pending(self) -> tuple[SubscriptionType, ...]:
        """The types whose opt-in is still to be confirmed, by this link or another."""
        return tuple(type_ for type_ in self.types if (type_.id, self.channel) in self.state.pending_opt_ins)

    @property
    def opted_in(self) -> tuple[SubscriptionType, ...]:
        """The types that the recipient is opted in to."""
        held = self.state.preferences
        return tuple(
            type_
            for type_ in self.types
            if (preference := held.get((type_.id, self.channel)))
            and preference.status is PreferenceStatus.OPTED_IN
        )


async def show(request: Request) -> Response:
    """The question with the button; or that it is confirmed already, or that the link is inactive."""
    link = await _open(request)
    if link.expired:
        return _inactive(link)
    if link.pending:
        return respond(link.context, "confirm.html", question(link, link.pending))
    return _confirmed(link, link.opted_in) if link.opted_in else _inactive(link)


async def act(request: Request) -> Response:
    """Confirm what is pending, once; repeating it changes nothing. Or send a new link."""
    form = (await read_form(request)).only("do", "lang")
    do = form.required("do")
    link = await _open(request, form.optional("lang"))
    if do == "fresh" and link.expired:
        return await _send_new_link(link)
    if do != "confirm":
        raise FormProblem(Fault.BAD_VALUE, "do")
    asked, recipient = link.pending or link.types, link.visitor.recipient
    if not asked or link.expired or recipient is None:
        return _inactive(link)
    page_act = PageAct(ConsentOrigin.CONFIRMATION, TokenKind.CONFIRM.path, question(link, asked).shown_text)
    provenance = page_provenance(request, link.context.translator, page_act)
    outcomes = await preferences.confirm_all(recipient.id, asked, link.channel, provenance)
    confirmed = [
        type_
        for type_, outcome in zip(asked, outcomes, strict=True)
        if not isinstance(outcome.decision, Refused)
    ]
    return _confirmed(link, confirmed) if confirmed else _inactive(link)


async def _open(request: Request, shown: str | None = None) -> ConfirmLink:
    claim, expired = _read(request.path_params["token"])
    visitor, state = await visitors.find_visitor_with_state(claim.recipient_kind, claim.fingerprint)
    catalog = await current_catalog()
    found = (catalog.type_by_reference(reference) for reference in dict.fromkeys(claim.type_references))
    types = tuple(type_ for type_ in found if type_ is not None)
    unit = types[0].business_unit if types else None
    translator = choose_language(request, contact=visitor.locale, unit=unit, shown=shown)
    context = PageContext(translator, catalog, unit)
    return ConfirmLink(types, expired, claim.channel, visitor, state, context)


def _read(token: str) -> tuple[ConfirmClaim, bool]:
    """The claim, and whether it has expired. Raises LinkInvalid."""
    try:
        return link_maker(settings.current()).read_confirm(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ConfirmClaim):
            raise
        return expired.claim, True


def question(link: ConfirmLink, types: Sequence[SubscriptionType]) -> ConfirmPage:
    """What the page asks."""
    translator, unit = link.context.translator, types[0].business_unit
    names = [type_.name(translator.language) for type_ in types]
    described = tuple(
        ConfirmedType(name, localized_text(translator, type_.descriptions, unit))
        for name, type_ in zip(names, types, strict=True)
    )
    if len(names) == 1:
        heading = translator.gettext("Subscribe to %(type)s?", type=names[0])
    else:
        heading = translator.gettext("Subscribe to all of these?")
    return ConfirmPage(
        heading,
        described,
        _how(translator, link.channel, unit.name),
        link.visitor.masked_address,
        _notice(link, unit),
        translator.gettext("Yes, subscribe me"),
    )


def _how(translator: Translator, channel: Channel, unit: str) -> str:
    if channel is Channel.EMAIL:
        return translator.gettext("%(unit)s will email you. You can unsubscribe at any time.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("%(unit)s will text you. You can unsubscribe at any time.", unit=unit)
    return translator.gettext(
        "%(unit)s will write to you on WhatsApp. You can unsubscribe at any time.", unit=unit
    )


def _notice(link: ConfirmLink, unit: BusinessUnit) -> str | None:
    """What else confirming brings back while an opt-out of all is active (R12)."""
    translator = link.context.translator
    if (unit.id, link.channel) not in link.state.opt_outs_of_all:
        return None
    returning = returning_types(link.state, link.context.catalog, unit, link.channel)
    names = [type_.name(translator.language) for type_ in returning]
    if not names:
        return translator.gettext("You’ll get nothing else from %(unit)s.", unit=unit.name)
    return translator.gettext(
        "You’ll also get what you had before you unsubscribed: %(names)s.", names=translator.listed(names)
    )


def _confirmed(link: ConfirmLink, types: Sequence[SubscriptionType]) -> Response:
    return respond(link.context, "done.html", confirmed_content(link, types))


def confirmed_content(link: ConfirmLink, types: Sequence[SubscriptionType]) -> DonePage:
    """What the page says after opt-ins were confirmed."""
    translator = link.context.translator
    names = translator.listed([type_.name(translator.language) for type_ in types])
    return DonePage(
        translator.gettext("You’re subscribed to %(names)s.", names=names),
        translator.gettext("Changed your mind? You can unsubscribe at any time."),
        link.visitor.masked_address,
        _withdraw_url(link, types),
    )


def _withdraw_url(link: ConfirmLink, types: Sequence[SubscriptionType]) -> str:
    """A link of its own kind, which can take the opt-in back: the confirm link cannot (R31)."""
    type_key = types[0].key if len(types) == 1 else None
    fingerprint, unit = link.visitor.fingerprint, types[0].business_unit
    token = link_maker(settings.current()).withdraw(fingerprint, link.channel, type_key, unit.key)
    return public_path(f"{TokenKind.WITHDRAW.path}/{token}") + query(link.context.translator)


async def _send_new_link(link: ConfirmLink) -> Response:
    """Send the message again to the address of the link, within limits; the response is always the same."""
    recipient = link.visitor.recipient
    for subscription_type in link.types if recipient else ():
        assert recipient
        await resend_confirmation(recipient.id, link.channel, subscription_type.id)
    return message_sent(link.context, link.visitor.recipient_kind)


def _inactive(link: ConfirmLink) -> Response:
    translator = link.context.translator
    if link.expired and link.pending:
        names = translator.listed([type_.name(translator.language) for type_ in link.pending])
        page = ProblemPage(
            translator.gettext("This link has expired"),
            translator.gettext("Still to be confirmed: %(names)s. Get a new link to do that.", names=names),
            address=link.visitor.masked_address,
            new_link_label=new_link_label(translator, link.visitor.recipient_kind),
        )
    else:
        page = ProblemPage(
            translator.gettext("There’s nothing to confirm"),
            translator.gettext(
                "The link is more than 7 days old, or you’ve changed your mind since. You won’t get anything."
                " To subscribe after all, get a link to your page and choose it there."
            ),
            link_request=link_request_form(link.context.unit, language=translator.language),
        )
    return respond(link.context, "problem.html", page, GONE)
