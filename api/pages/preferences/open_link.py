"""Opening a manage link: whose it is, which language to speak, and whether it still opens all (R31, R34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from starlette.requests import Request

from api.pages.frame.language import choose
from preference_center.catalog.catalog import BusinessUnit, Catalog, current_catalog
from preference_center.config import settings
from preference_center.links.claims import ManageClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.preferences.changes import RecipientState
from preference_center.recipients import visitors
from preference_center.recipients.visitors import Visitor
from preference_center.storage import database
from preference_center.translations import Translator


class Lapse(Enum):
    """Why a link whose signature is right opens no more than an opt-out."""

    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    ERASED = "ERASED"


@dataclass(frozen=True, slots=True)
class Opened:
    """A manage link that was opened."""

    claim: ManageClaim
    lapse: Lapse | None
    visitor: Visitor
    state: RecipientState
    """What held when it was opened."""
    catalog: Catalog
    unit: BusinessUnit | None
    """The unit to show first, where the link names one."""
    translator: Translator
    now: datetime

    @property
    def issued_at(self) -> datetime:
        """When the link was made."""
        return datetime.fromtimestamp(self.claim.issued_ms / 1000, UTC)


async def open_link(request: Request, shown: str | None = None) -> Opened:
    """Open the link that a request names; `shown` is the language of the form it posts.

    Raises LinkInvalid where the signature is wrong; expired, revoked and erased are told by `lapse`.
    """
    now = database.now()
    claim, expired = _read(request.path_params["token"], now)
    visitor, state = await visitors.find_with_state(claim.recipient_kind, claim.fingerprint)
    lapse = _lapse(claim, visitor, expired)
    if lapse is None:
        visitor = await visitors.with_phone(visitor, state)
    catalog = await current_catalog()
    unit = catalog.unit_by_reference(claim.unit_reference) if claim.unit_reference else None
    if unit is None and catalog.units:
        unit = catalog.units[0]
    translator = choose(
        request, contact=visitor.locale, unit=unit.default_locale if unit else None, shown=shown
    )
    return Opened(claim, lapse, visitor, state, catalog, unit, translator, now)


def _read(token: str, now: datetime) -> tuple[ManageClaim, bool]:
    try:
        return link_maker(settings.current()).read_manage(token, now), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, ManageClaim):
            raise
        return expired.claim, True


def _lapse(claim: ManageClaim, visitor: Visitor, expired: bool) -> Lapse | None:
    recipient = visitor.recipient
    if recipient and recipient.erased_at:
        return Lapse.ERASED
    if recipient and claim.revoked(recipient.links_revoked_at):
        return Lapse.REVOKED
    return Lapse.EXPIRED if expired else None
