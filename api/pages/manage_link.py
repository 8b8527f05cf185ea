"""Opens manage links: whose they are, in which language to answer, and whether they still work (R31, R34)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from starlette.requests import Request

from api.pages.frame.language import choose_language
from api.pages.frame.response import PageContext
from preference_center.catalog.catalog import BusinessUnit, Catalog, current_catalog
from preference_center.config import settings
from preference_center.links.claims import ManageClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.preferences.internal_types import InternalTypes, read_internal_types
from preference_center.recipients import visitors
from preference_center.recipients.states import RecipientState
from preference_center.recipients.visitors import Visitor
from preference_center.storage import database
from preference_center.translations import Translator
from preference_center.validation import LAST_INSTANT


class Inactive(Enum):
    """Why a link with a valid signature can do nothing but opt out."""

    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True)
class ManageLink:
    """An opened manage link."""

    claim: ManageClaim
    inactive: Inactive | None
    visitor: Visitor
    state: RecipientState
    """The state when the link was opened."""
    context: PageContext
    now: datetime
    internal_types: InternalTypes = field(default_factory=InternalTypes)

    @property
    def translator(self) -> Translator:
        """The language to answer in."""
        return self.context.translator

    @property
    def catalog(self) -> Catalog:
        """The catalog when the link was opened."""
        return self.context.catalog

    @property
    def unit(self) -> BusinessUnit | None:
        """The business unit to show first: that of the link, or else the first of all."""
        return self.context.unit

    @property
    def issued_at(self) -> datetime:
        """When the link was made."""
        return datetime.fromtimestamp(self.claim.issued_ms / 1000, UTC)

    @property
    def expires_at(self) -> datetime:
        """When the link expires. A sender's clock may have been far ahead when it made the link."""
        life = timedelta(days=settings.current().manage_link_days)
        return self.issued_at + min(life, LAST_INSTANT - self.issued_at)

    async def with_phone(self) -> ManageLink:
        """The same with the phone number of the contact, if nobody else has it, and its state."""
        return replace(self, visitor=await visitors.with_phone(self.visitor, self.state))


async def open_manage_link(request: Request, shown: str | None = None) -> ManageLink:
    """Open the link of a request; `shown` is the language of the form it posts.

    Raises LinkInvalid if the signature is wrong. `inactive` tells expired, revoked and erased.
    """
    now = database.now()
    claim, expired = _read(request.path_params["token"], now)
    visitor, state = await visitors.find_visitor_with_state(claim.recipient_kind, claim.fingerprint)
    inactive = _inactive(claim, visitor, expired)
    if inactive is None:
        visitor = await visitors.with_phone(visitor, state)
    catalog = await current_catalog()
    internal_types = await read_internal_types(state, catalog, now) if inactive is None else InternalTypes()
    unit = catalog.unit_by_reference(claim.unit_reference) if claim.unit_reference else None
    if unit is None and catalog.units:
        unit = catalog.units[0]
    translator = choose_language(request, contact=visitor.locale, unit=unit, shown=shown)
    context = PageContext(translator, catalog, unit)
    return ManageLink(claim, inactive, visitor, state, context, now, internal_types)


def _read(token: str, now: datetime) -> tuple[ManageClaim, bool]:
    """The claim, and whether it has expired. Raises LinkInvalid."""
    try:
        return link_maker(settings.current()).read_manage(token, now), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ManageClaim):
            raise
        return expired.claim, True


def _inactive(claim: ManageClaim, visitor: Visitor, expired: bool) -> Inactive | None:
    recipient = visitor.recipient
    if recipient and recipient.erased_at:
        return Inactive.ERASED
    if recipient and claim.revoked(recipient.links_revoked_at):
        return Inactive.REVOKED
    return Inactive.EXPIRED if expired else None
