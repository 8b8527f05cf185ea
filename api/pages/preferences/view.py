"""What the preference page shows of an opened manage link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages import record
from api.pages.frame.language import query
from api.pages.frame.localized import localized_text
from api.pages.frame.parts import Button, LeavingReasonsView, LocalizedText, UnitView
from api.pages.manage_link import ManageLink
from api.pages.preferences import copy
from api.pages.preferences.boxes import ViewInput, phone_channels_shown
from api.pages.preferences.outcome import Outcome, OutcomeView, outcome_view, reasons_view
from api.pages.preferences.phone import phone_token
from api.pages.preferences.unit_view import unit_views
from preference_center.catalog.appearance import PreferencePageScope
from preference_center.rules.types import Channel


@dataclass(frozen=True, slots=True)
class PreferencesPage:
    """What `preferences.html` shows."""

    status: OutcomeView | None
    intro: LocalizedText | None
    """The brand's own words above the choices."""
    addresses: tuple[str, ...]
    """The masked email address and phone number, if the page is about both."""
    phone_token: str | None
    """Names the phone number that the page shows, for its form to post."""
    stop: Button | None
    """What stops all of the link's own brand on the channels of the link."""
    units: tuple[UnitView, ...]
    stop_everything: Button | None
    """None where that is no more than `stop`."""
    save_label: str
    can_save: bool
    expires: str
    record_url: str
    erasure_url: str
    leaving_reasons: LeavingReasonsView | None = None
    has_error: bool = False
    """Whether the day of a pause is wrong; shown at the top and at its field."""


def view_input(link: ManageLink) -> ViewInput:
    """What the page of a link is built from."""
    phone_channels: tuple[Channel, ...] = ()
    if link.visitor.phone:
        phone_channels = phone_channels_shown(link.catalog, link.state, link.internal_types)
    return ViewInput(
        link.translator,
        link.catalog,
        link.visitor.recipient_kind,
        link.state,
        link.now,
        phone_channels,
        internal_types=link.internal_types,
        own_unit=link.unit,
        own_unit_only=own_unit_only(link),
    )


def own_unit_only(link: ManageLink) -> bool:
    """Whether the page shows the unit alone whose link it is: the unit wants it so."""
    unit = link.unit if link.claim.unit_reference else None
    return unit is not None and unit.appearance.preference_page_scope is PreferencePageScope.OWN_UNIT


def page_of(
    link: ManageLink, page: ViewInput | None = None, outcome: Outcome | None = None
) -> PreferencesPage:
    """The page of a link, with what was just done on it."""
    translator, visitor = link.translator, link.visitor
    page = page or view_input(link)
    units = unit_views(page)
    masked = (visitor.masked_address, visitor.masked_phone if page.phone_channels else None)
    return PreferencesPage(
        status=outcome_view(outcome, link),
        intro=intro_of(link),
        addresses=tuple(address for address in masked if address),
        phone_token=phone_token(visitor) if page.phone_channels else None,
        stop=_stop(units, link),
        units=units,
        stop_everything=_stop_everything(units, link),
        save_label=copy.save_button(translator),
        can_save=any(unit.has_boxes for unit in units),
        expires=translator.date(link.expires_at),
        record_url=query(translator, see=record.SEE),
        erasure_url=query(translator, forget="1"),
        leaving_reasons=reasons_view(outcome, link),
    )


def intro_of(link: ManageLink) -> LocalizedText | None:
    """The brand's own words above the choices."""
    if link.unit is None:
        return None
    text = localized_text(link.translator, dict(link.unit.appearance.intro), link.unit)
    return text if text.text else None


def _stop(units: Sequence[UnitView], link: ManageLink) -> Button | None:
    """Of the link's own unit, or of the first that has anything to show."""
    own = next((unit for unit in units if link.unit and unit.key == link.unit.key), None)
    found = own or next(iter(units), None)
    return found.stop if found else None


def _stop_everything(units: Sequence[UnitView], link: ManageLink) -> Button | None:
    """What stops all units on all channels, where there are several of either and any is left."""
    left = [unit for unit in units if unit.stop]
    several = len(units) > 1 or any(len(unit.heads) > 1 for unit in units)
    return Button("out", copy.stop_everything_button(link.translator)) if left and several else None
