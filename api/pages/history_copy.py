"""The history in words: one sentence for each event, which says who did what."""

from __future__ import annotations

from preference_center.history.events import EventRow
from preference_center.rules.types import RECIPIENT, ConsentOrigin, LegalBasis, Maker, PreferenceStatus
from preference_center.translations import Translator


def sentence(translator: Translator, event: EventRow, unit: str) -> str:
    """What happened, without the day, under which the events are grouped."""
    if event.about_pause:
        return _pause(translator, event, unit)
    if event.origin is ConsentOrigin.REVERSAL:
        if event.actor == RECIPIENT.name:
            return translator.gettext("You undid your last change.")
        return translator.gettext("%(unit)s undid a change, so your earlier choice applies again.", unit=unit)
    if event.after is PreferenceStatus.OPTED_IN:
        return _opted_in(translator, event.origin, unit)
    if event.after is PreferenceStatus.OPTED_OUT:
        return _opted_out(translator, event.origin, unit)
    if event.origin.maker is Maker.RECIPIENT:
        return translator.gettext("You subscribed again.")
    if event.subscription_type_id is None:
        return translator.gettext("%(unit)s cancelled the unsubscribe.", unit=unit)
    return translator.gettext("%(unit)s cleared this choice.", unit=unit)


def shown_label(translator: Translator, event: EventRow) -> str:
    """What opens the wording that is kept with an event: what was shown, or what the recipient wrote."""
    if event.origin is ConsentOrigin.KEYWORD:
        return translator.gettext("What you wrote")
    return translator.gettext("What you saw")


def superseded(translator: Translator) -> str:
    """That the event had no effect, because a newer decision was recorded already (R17)."""
    return translator.gettext("This came in late and changed nothing: a newer choice already applied.")


def carried_over(translator: Translator) -> str:
    """That the opt-out was made for the contact's earlier address (R38)."""
    return translator.gettext("Carried over from your earlier address.")


def recorded_on(translator: Translator, event: EventRow) -> str | None:
    """The day on which it was recorded, if it was decided on another."""
    if event.occurred_at.date() == event.recorded_at.date():
        return None
    return translator.gettext("Recorded on %(day)s.", day=translator.date(event.recorded_at))


def legal_basis(translator: Translator, basis: LegalBasis) -> str:
    """The legal basis to communicate, in everyday words."""
    if basis is LegalBasis.CONSENT_WITH_NOTICE:
        return translator.gettext("Legal basis: your consent")
    if basis is LegalBasis.PERFORMANCE_OF_CONTRACT:
        return translator.gettext("Legal basis: a contract with you")
    if basis is LegalBasis.PROCESS_AND_STORE:
        return translator.gettext("Legal basis: your consent to keep your data")
    if basis is LegalBasis.NON_GDPR:
        return translator.gettext("Legal basis: outside European data protection law")
    return translator.gettext("Legal basis: legitimate interest")


def _pause(translator: Translator, event: EventRow, unit: str) -> str:
    own = event.origin.maker is Maker.RECIPIENT
    if event.paused_until is None:
        if own:
            return translator.gettext("You ended the pause.")
        return translator.gettext("%(unit)s ended the pause.", unit=unit)
    until = translator.date(event.paused_until)
    if own:
        return translator.gettext("You paused this until %(day)s.", day=until)
    return translator.gettext("%(unit)s paused this until %(day)s.", unit=unit, day=until)


def _opted_in(translator: Translator, origin: ConsentOrigin, unit: str) -> str:
    if origin is ConsentOrigin.CONFIRMATION:
        return translator.gettext("You confirmed your subscription.")
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You subscribed by message.")
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You subscribed.")
    if origin is ConsentOrigin.IMPORT:
        return translator.gettext("%(unit)s added you from a list.", unit=unit)
    if origin is ConsentOrigin.INTEGRATION:
        return translator.gettext("%(unit)s added you through a form or another service.", unit=unit)
    return translator.gettext("%(unit)s added you.", unit=unit)


def _opted_out(translator: Translator, origin: ConsentOrigin, unit: str) -> str:
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You unsubscribed by message.")
    if origin is ConsentOrigin.PROVIDER:
        return translator.gettext("You unsubscribed through your mail or messaging app.")
    if origin is ConsentOrigin.ONE_CLICK:
        return translator.gettext("You unsubscribed with the button in your mail app.")
    if origin is ConsentOrigin.UNSUBSCRIBE_LINK:
        return translator.gettext("You unsubscribed with the link in a message.")
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You unsubscribed.")
    return translator.gettext("%(unit)s unsubscribed you.", unit=unit)
