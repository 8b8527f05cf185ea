"""Copy of the consent record: what happened, who did it, and on which legal basis."""

from __future__ import annotations

from api.pages.preferences.explanations import explanation
from preference_center.history.events import EventRow
from preference_center.rules.types import ConsentOrigin, LegalBasis, Maker, PreferenceStatus
from preference_center.translations import Translator


def everything(translator: Translator, unit: str) -> str:
    """What an opt-out of all is about."""
    return translator.gettext("Everything from %(unit)s", unit=unit)


def event_text(translator: Translator, event: EventRow, unit: str) -> str:
    """What happened, in a sentence."""
    if event.about_pause:
        return _pause_text(translator, event, unit)
    day = translator.date(event.occurred_at)
    if event.subscription_type_id is None and _removed_by_team(event):
        return translator.gettext("%(unit)s lifted the unsubscription on %(day)s.", unit=unit, day=day)
    return explanation(translator, event.after, event.origin, day, unit)


def _removed_by_team(event: EventRow) -> bool:
    """Whether the team removed an opt-out of all (R8)."""
    by_team = event.origin.maker is Maker.TEAM and event.origin is not ConsentOrigin.REVERSAL
    return by_team and event.after is PreferenceStatus.NOT_OPTED


def _pause_text(translator: Translator, event: EventRow, unit: str) -> str:
    own, day = event.origin.maker is Maker.RECIPIENT, translator.date(event.occurred_at)
    if event.paused_until is None:
        if own:
            return translator.gettext("You ended your break on %(day)s.", day=day)
        return translator.gettext("%(unit)s ended the break on %(day)s.", unit=unit, day=day)
    until = translator.date(event.paused_until)
    if own:
        return translator.gettext("On %(day)s you took a break until %(until)s.", day=day, until=until)
    return translator.gettext(
        "On %(day)s %(unit)s paused this until %(until)s.", unit=unit, day=day, until=until
    )


def superseded(translator: Translator) -> str:
    """That the event had no effect, because a newer decision was recorded already (R17)."""
    return translator.gettext(
        "It came in late and changed nothing: something newer had been decided already."
    )


def legal_basis(translator: Translator, basis: LegalBasis) -> str:
    """The legal basis to communicate, in everyday words."""
    if basis is LegalBasis.CONSENT_WITH_NOTICE:
        name = translator.gettext("your consent")
    elif basis is LegalBasis.PERFORMANCE_OF_CONTRACT:
        name = translator.gettext("a contract with you")
    elif basis is LegalBasis.PROCESS_AND_STORE:
        name = translator.gettext("your consent to keep your data")
    elif basis is LegalBasis.NON_GDPR:
        name = translator.gettext("outside European data protection law")
    else:
        name = translator.gettext("legitimate interest")
    return translator.gettext("Legal basis: %(basis)s", basis=name)
