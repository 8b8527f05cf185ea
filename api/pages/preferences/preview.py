"""`/v/{token}`: the preference page as recipients of a unit see it, for its team: an example, never saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.forms import read_form
from api.pages.frame.language import choose
from api.pages.frame.problem import GONE, ProblemPage
from api.pages.frame.response import Status, frame, respond
from api.pages.preferences import page as preferences
from api.pages.preferences import view
from api.pages.preferences.open_link import Opened
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType, current_catalog
from preference_center.config import settings
from preference_center.links.claims import ManageClaim, PreviewClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.tokens import LinkInvalid
from preference_center.preferences.changes import HeldPreference, RecipientState
from preference_center.recipients.recipients import RecipientRow, fingerprint_of
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Purpose, RecipientKind
from preference_center.storage import database
from preference_center.translations import Translator

_EMAIL = Address(RecipientKind.EMAIL, "name@example.com")
_PHONE = Address(RecipientKind.PHONE, "+48601234567")


async def show(request: Request) -> Response:
    """The page of somebody who is nobody: some boxes ticked, with a phone number beside the email address."""
    return await _answer(request, None)


async def act(request: Request) -> Response:
    """The same page again, whatever was pressed."""
    return await _answer(request, (await read_form(request)).one("lang"))


async def _answer(request: Request, shown: str | None) -> Response:
    token, now = request.path_params["token"], database.now()
    catalog = await current_catalog()
    try:
        claim = link_maker(settings.current()).read_preview(token, now)
    except LinkExpired as expired:
        if not isinstance(expired.claim, PreviewClaim):
            raise
        return _ended(request, catalog, expired.claim, shown)
    unit = catalog.unit_by_reference(claim.unit_reference)
    if unit is None:
        raise LinkInvalid("its unit is none of ours")
    translator = choose(request, unit=unit.default_locale, shown=shown)
    page = preferences.page_of(request, _example(translator, catalog, unit, now))
    told = Status(True, translator.gettext("This is a preview: nothing is saved."))
    return respond(
        translator, "preferences.html", frame(translator, catalog, unit), replace(page, status=told)
    )


def _ended(request: Request, catalog: Catalog, claim: PreviewClaim, shown: str | None) -> Response:
    unit = catalog.unit_by_reference(claim.unit_reference)
    translator = choose(request, unit=unit.default_locale if unit else None, shown=shown)
    page = ProblemPage(
        translator.gettext("This preview has ended"),
        translator.gettext("A preview works for one day. Have a new link to it made."),
    )
    return respond(translator, "problem.html", frame(translator, catalog, unit), page, GONE)


def _example(translator: Translator, catalog: Catalog, unit: BusinessUnit, now: datetime) -> Opened:
    """A link as it would be opened by somebody with both addresses, who said yes to some of all."""
    email, phone = _row(_EMAIL), _row(_PHONE)
    visitor = Visitor(email.kind, email.fingerprint, email, translator.language, has_number=True, phone=phone)
    claim = ManageClaim(email.fingerprint, email.kind, unit.reference, round(now.timestamp() * 1000))
    state = RecipientState(preferences=_some(catalog, visitor.channels, now))
    return Opened(claim, None, visitor, state, catalog, unit, translator, now)


def _row(address: Address) -> RecipientRow:
    return RecipientRow(0, address.kind, fingerprint_of(address), address.value, None, None)


def _some(
    catalog: Catalog, channels: tuple[Channel, ...], now: datetime
) -> dict[tuple[int, Channel], HeldPreference]:
    """A yes to every other type of each unit, on its first channel."""
    said = HeldPreference(PreferenceStatus.OPTED_IN, ConsentOrigin.PREFERENCE_PAGE, None, now, now, 0, None)
    return {
        (type_.id, view.channels_of(type_, channels)[0]): said
        for unit in catalog.units
        for type_ in _chosen(catalog, channels, unit)[::2]
    }


def _chosen(catalog: Catalog, channels: tuple[Channel, ...], unit: BusinessUnit) -> list[SubscriptionType]:
    return [t for t in view.offered(catalog, channels, unit) if t.purpose is Purpose.MARKETING]
