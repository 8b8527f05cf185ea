"""Why somebody left: asked below everything else after they had left, answered with one press, or not at all.

The block comes only where something was left just now, by a person. It carries a signed token of what that
was, so that nothing has to be asked of them again and nobody can speak for others.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from api.pages.frame.forms import Fault, Form, FormProblem
from api.pages.frame.parts import ReasonView, WhyView
from api.pages.frame.response import frame, respond
from api.pages.unsubscribe.view import DonePage
from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.config import settings
from preference_center.ledger.record import Outcome
from preference_center.links.claims import LeavingReasonClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.payloads import MAX_LEAVING_REASON_EVENTS
from preference_center.links.tokens import LinkInvalid
from preference_center.preferences import leaving_reasons
from preference_center.preferences.withdrawal import opt_out_event_ids
from preference_center.recipients.visitors import Visitor
from preference_center.rules.types import LeavingReason
from preference_center.storage import database
from preference_center.translations import Translator

FIELD: Final = "leaving"
_ACT: Final = "reason:"


def token(outcomes: Iterable[Outcome]) -> str | None:
    """What lets somebody say why of a press; None where it turned nothing off, or more than 50 things.

    A mere take-over of a team's opt-out is no leaving (R11).
    """
    ids = opt_out_event_ids(outcomes)
    if not 0 < len(ids) <= MAX_LEAVING_REASON_EVENTS:
        return None
    return link_maker(settings.current()).leaving_reason(ids, database.now())


def block(translator: Translator, token: str | None, pressed: LeavingReason | None = None) -> WhyView | None:
    """The block that asks, marked with what was answered; None where there is nothing to ask of."""
    if not token:
        return None
    labels = {
        LeavingReason.TOO_MANY: translator.gettext("Too many messages"),
        LeavingReason.NOT_AS_EXPECTED: translator.gettext("Not what I expected"),
        LeavingReason.NO_LONGER_INTERESTED: translator.gettext("Not interested any more"),
        LeavingReason.NEVER_ASKED: translator.gettext("I never asked for this"),
        LeavingReason.OTHER: translator.gettext("Another reason"),
    }
    views = (ReasonView(_ACT + one.value, label, one is pressed) for one, label in labels.items())
    return WhyView(token, tuple(views))


def pressed(do: str) -> LeavingReason | None:
    """The reason whose button was pressed; None for any other button. Raises FormProblem."""
    if not do.startswith(_ACT):
        return None
    name = do.removeprefix(_ACT)
    found = next((reason for reason in LeavingReason if reason.value == name), None)
    if found is None:
        raise FormProblem(Fault.BAD_VALUE, "do")
    return found


def read(form: Form) -> LeavingReasonClaim | None:
    """What the reason is about; None for a token that is over, or none of ours. Raises FormProblem."""
    try:
        return link_maker(settings.current()).read_leaving_reason(form.needed(FIELD), database.now())
    except (LinkExpired, LinkInvalid):
        return None


async def give(claim: LeavingReasonClaim | None, visitor: Visitor, reason: LeavingReason) -> list[int | None]:
    """Note a visitor's reason; answers the types it was noted of, as `leaving_reasons.give` does."""
    own = [row.id for row in (visitor.recipient, visitor.phone) if row and row.erased_at is None]
    return await leaving_reasons.give(claim.event_ids, own, reason) if claim else []


def thanked(translator: Translator, catalog: Catalog, unit: BusinessUnit | None) -> Response:
    """The answer where there was nothing to note: the same thanks, and not a word about anybody's choices."""
    return respond(
        translator, "done.html", frame(translator, catalog, unit), DonePage(thanks(translator), "")
    )


def thanks(translator: Translator) -> str:
    """What is said to whoever gave a reason."""
    return translator.gettext("Thank you.")


def undo_token(claim: LeavingReasonClaim) -> str:
    """What takes back what the reason is about: good for as long as the one that was there before."""
    return link_maker(settings.current()).undo(
        claim.event_ids, datetime.fromtimestamp(claim.issued_ms / 1000, UTC)
    )
