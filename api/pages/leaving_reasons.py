"""Asks for a leaving reason after an opt-out on a page, and records the one that is given.

The form appears only right after an opt-out by a person. It carries a signed token that names the events, so
it needs no further input, and nobody can give a reason for somebody else.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from api.pages.frame.done import DonePage
from api.pages.frame.forms import Fault, Form, FormProblem
from api.pages.frame.parts import LeavingReasonsView, ReasonView
from api.pages.frame.response import PageContext, respond
from preference_center.config import settings
from preference_center.links.claims import LeavingReasonClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.tokens import LinkInvalid
from preference_center.preferences import leaving_reasons
from preference_center.recipients.visitors import Visitor
from preference_center.rules.types import LeavingReason
from preference_center.storage import database
from preference_center.translations import Translator

FIELD: Final = "leaving"
_PREFIX: Final = "reason:"


def reasons_view(
    translator: Translator, token: str | None, given: LeavingReason | None = None
) -> LeavingReasonsView | None:
    """The form that asks, with the reason that was given pressed; None without a token."""
    if not token:
        return None
    labels = {
        LeavingReason.TOO_MANY: translator.gettext("Too many messages"),
        LeavingReason.NOT_AS_EXPECTED: translator.gettext("Not what I expected"),
        LeavingReason.NO_LONGER_INTERESTED: translator.gettext("Not interested any more"),
        LeavingReason.NEVER_ASKED: translator.gettext("I never asked for this"),
        LeavingReason.OTHER: translator.gettext("Another reason"),
    }
    buttons = (ReasonView(_PREFIX + reason.value, label, reason is given) for reason, label in labels.items())
    return LeavingReasonsView(token, tuple(buttons))


def is_reason(do: str) -> bool:
    """Whether the button of a leaving reason was pressed, known or not."""
    return do.startswith(_PREFIX)


def pressed_reason(do: str) -> LeavingReason | None:
    """The reason whose button was pressed; None for any other button. Raises FormProblem."""
    if not is_reason(do):
        return None
    try:
        return LeavingReason(do.removeprefix(_PREFIX))
    except ValueError:
        raise FormProblem(Fault.BAD_VALUE, "do") from None


def read_reason_token(form: Form) -> LeavingReasonClaim | None:
    """What the reason is for; None if the token has expired or is not one of ours. Raises FormProblem."""
    try:
        return link_maker(settings.current()).read_leaving_reason(form.required(FIELD), database.now())
    except (LinkExpired, LinkInvalid):
        return None


async def give_reason(
    claim: LeavingReasonClaim | None, visitor: Visitor, reason: LeavingReason
) -> list[int | None]:
    """Record the reason for the visitor's own events; the result is that of `leaving_reasons.record`."""
    if claim is None:
        return []
    own_ids = [row.id for row in (visitor.recipient, visitor.phone) if row and row.erased_at is None]
    return await leaving_reasons.record(claim.event_ids, own_ids, reason)


def thanks_page(context: PageContext) -> Response:
    """The response if nothing could be recorded: thanks, and nothing about anybody's preferences."""
    return respond(context, "done.html", DonePage(thanks(context.translator), ""))


def thanks(translator: Translator) -> str:
    """The message after a reason was given."""
    return translator.gettext("Thank you.")
