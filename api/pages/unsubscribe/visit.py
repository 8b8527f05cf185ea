"""A person's request with a withdraw link: who they are, in which language, and what they have left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request

from api.pages.frame.evidence import PageAct, page_provenance
from api.pages.frame.language import choose_language
from api.pages.frame.response import PageContext
from preference_center.catalog.catalog import BusinessUnit, current_catalog
from preference_center.config import settings
from preference_center.ledger.types import Provenance
from preference_center.links.claims import Withdrawal
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import link_maker
from preference_center.preferences.withdrawal import WithdrawalTarget, withdrawal_target
from preference_center.recipients import visitors
from preference_center.recipients.states import RecipientState
from preference_center.recipients.visitors import Visitor
from preference_center.rules.types import ConsentOrigin, Maker, PreferenceStatus


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a withdraw link withdraws, by the current catalog."""

    withdrawal: Withdrawal
    target: WithdrawalTarget


@dataclass(frozen=True, slots=True)
class Left:
    """One opt-out that is current: the event that made it, and whether the recipient made it."""

    event_id: int
    by_recipient: bool
    covered_by_all: bool = False
    """Whether an opt-out of all is active on top of the type's own: that has to be undone first."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's request with a withdraw link."""

    request: Request
    link: OpenedLink
    visitor: Visitor
    context: PageContext
    state: RecipientState = field(default_factory=RecipientState)
    """The current state; empty for a press, which does not need it."""

    @property
    def target(self) -> WithdrawalTarget:
        """What the link withdraws."""
        return self.link.target

    @property
    def erased(self) -> bool:
        """Whether the recipient was erased."""
        return self.visitor.recipient is not None and self.visitor.recipient.erased_at is not None

    @property
    def asks_for_reasons(self) -> bool:
        """Whether those who leave are asked why, as their business unit wants it."""
        return any(unit.appearance.leaving_reasons for unit in self.target.business_units)

    @property
    def can_be_sent_a_link(self) -> bool:
        """Whether the address is known, so that a link can be sent to it."""
        return self.visitor.recipient is not None and self.visitor.recipient.address is not None

    @property
    def paused_until(self) -> datetime | None:
        """When the first pause ends; None unless every business unit of the link is paused."""
        ends = [self.state.pauses.get((unit.id, self.target.channel)) for unit in self.target.business_units]
        return min((pause.until for pause in ends if pause), default=None) if all(ends) else None

    def is_current_pause(self, event_ids: Collection[int]) -> bool:
        """Whether a pause that one of these events set is still the current one."""
        return any(pause.event_id in event_ids for pause in self.state.pauses.values())

    def has_left(self, target: WithdrawalTarget) -> bool:
        """Whether the recipient has left the target themselves. A team's opt-out can be taken over (R11)."""
        left = self.left(target)
        return bool(left) and all(each.by_recipient for each in left)

    def provenance(self, origin: ConsentOrigin, shown_text: str) -> Provenance:
        """The person's act on the page."""
        page_act = PageAct(origin, TokenKind.WITHDRAW.path, shown_text, self.link.withdrawal.campaign)
        return page_provenance(self.request, self.context.translator, page_act)

    def left(self, target: WithdrawalTarget) -> tuple[Left, ...]:
        """The opt-outs that the target consists of; empty unless the recipient is opted out of all of it."""
        found = [self._left(target, unit) for unit in target.business_units]
        return tuple(each for each in found if each) if all(found) else ()

    def _left(self, target: WithdrawalTarget, unit: BusinessUnit) -> Left | None:
        of_all = self.state.opt_outs_of_all.get((unit.id, target.channel))
        type_ = target.subscription_type
        held = self.state.preferences.get((type_.id, target.channel)) if type_ else None
        if held and held.status is PreferenceStatus.OPTED_OUT:
            own = any(each.origin.maker is Maker.RECIPIENT for each in (held, of_all) if each)
            return Left(held.event_id, own, covered_by_all=of_all is not None)
        if of_all is None:
            return None
        return Left(of_all.event_id, of_all.origin.maker is Maker.RECIPIENT)


async def open_link(request: Request) -> OpenedLink:
    """What the link withdraws. It never expires; raises LinkInvalid if its signature is wrong (R31)."""
    withdrawal = link_maker(settings.current()).read_withdraw(request.path_params["token"])
    return OpenedLink(withdrawal, withdrawal_target(withdrawal, await current_catalog()))


async def visit_to_see(request: Request, link: OpenedLink) -> Visit:
    """A visit that shows the page."""
    visitor, state = await visitors.find_visitor_with_state(
        link.withdrawal.recipient_kind, link.withdrawal.fingerprint
    )
    return Visit(request, link, visitor, await _context(request, link, visitor), state)


async def visit_to_act(request: Request, link: OpenedLink, shown: str | None) -> Visit:
    """A visit that pressed a button; `shown` is the language of the posted form."""
    visitor = await visitors.find_visitor(link.withdrawal.recipient_kind, link.withdrawal.fingerprint)
    return Visit(request, link, visitor, await _context(request, link, visitor, shown))


async def _context(
    request: Request, link: OpenedLink, visitor: Visitor, shown: str | None = None
) -> PageContext:
    unit = link.target.business_unit
    translator = choose_language(request, contact=visitor.locale, unit=unit, shown=shown)
    return PageContext(translator, await current_catalog(), unit)
