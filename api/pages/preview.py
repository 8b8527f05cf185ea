"""`/v/{token}`: an example of a unit's preference page for its team. It saves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.forms import read_form
from api.pages.frame.language import choose_language
from api.pages.frame.problem import GONE, ProblemPage
from api.pages.frame.response import PageContext, respond
from api.pages.manage_link import ManageLink
from api.pages.preferences.boxes import offered_channels, offered_types
from api.pages.preferences.outcome import OutcomeView
from api.pages.preferences.view import page_of
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType, current_catalog
from preference_center.config import settings
from preference_center.links.claims import ManageClaim, PreviewClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.tokens import LinkInvalid
from preference_center.recipients.recipients import RecipientRow, fingerprint_of
from preference_center.recipients.states import PreferenceState, RecipientState
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Purpose, RecipientKind
from preference_center.storage import database

_EMAIL = Address(RecipientKind.EMAIL, "name@example.com")
_PHONE = Address(RecipientKind.PHONE, "+48601234567")


async def show(request: Request) -> Response:
    """The page of an example recipient: some boxes ticked, with an email address and a phone number."""
    return await _answer(request, None)


async def act(request: Request) -> Response:
    """The same page again, whatever was pressed."""
    return await _answer(request, (await read_form(request)).optional("lang"))


async def _answer(request: Request, shown: str | None) -> Response:
    catalog = await current_catalog()
    claim, expired = _read(request.path_params["token"])
    unit = catalog.unit_by_reference(claim.unit_reference)
    if unit is None and not expired:
        raise LinkInvalid("its business unit does not exist here")
    translator = choose_language(request, unit=unit, shown=shown)
    context = PageContext(translator, catalog, unit)
    if unit is None or expired:
        return _expired(context)
    page = page_of(_example(context, unit))
    notice = OutcomeView(True, translator.gettext("This is a preview: nothing is saved."))
    return respond(context, "preferences.html", replace(page, status=notice))


def _read(token: str) -> tuple[PreviewClaim, bool]:
    """The claim, and whether it has expired. Raises LinkInvalid."""
    try:
        return link_maker(settings.current()).read_preview(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, PreviewClaim):
            raise
        return expired.claim, True


def _expired(context: PageContext) -> Response:
    page = ProblemPage(
        context.translator.gettext("This preview has ended"),
        context.translator.gettext("A preview works for one day. Have a new link to it made."),
    )
    return respond(context, "problem.html", page, GONE)


def _example(context: PageContext, unit: BusinessUnit) -> ManageLink:
    """An opened manage link of somebody with both addresses, opted in to some types of each unit."""
    now = database.now()
    email, phone = _recipient(_EMAIL), _recipient(_PHONE)
    locale = context.translator.language
    visitor = Visitor(email.kind, email.fingerprint, email, locale, has_phone=True, phone=phone)
    claim = ManageClaim(email.fingerprint, email.kind, unit.reference, round(now.timestamp() * 1000))
    state = RecipientState(preferences=_opt_ins(context.catalog, visitor.channels, now))
    return ManageLink(claim, None, visitor, state, context, now)


def _recipient(address: Address) -> RecipientRow:
    return RecipientRow(0, address.kind, fingerprint_of(address), address.value, None, None)


def _opt_ins(
    catalog: Catalog, channels: tuple[Channel, ...], now: datetime
) -> dict[tuple[int, Channel], PreferenceState]:
    """An opt-in to every second type of each unit, on its first channel."""
    opt_in = PreferenceState(
        PreferenceStatus.OPTED_IN, ConsentOrigin.PREFERENCE_PAGE, None, now, now, 0, None
    )
    return {
        (subscription_type.id, offered_channels(subscription_type, channels)[0]): opt_in
        for unit in catalog.units
        for subscription_type in _marketing_types(catalog, channels, unit)[::2]
    }


def _marketing_types(
    catalog: Catalog, channels: tuple[Channel, ...], unit: BusinessUnit
) -> list[SubscriptionType]:
    types = offered_types(catalog, channels, unit)
    return [
        subscription_type for subscription_type in types if subscription_type.purpose is Purpose.MARKETING
    ]
