"""Copy of the preference page: buttons, notices and messages that evidence repeats (R18)."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.rules.types import Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.translations import Translator


def save_button(translator: Translator) -> str:
    """The button that saves the preference page."""
    return translator.gettext("Save choices")


def return_button(translator: Translator, channel: Channel, unit: str) -> str:
    """The button that removes one's own opt-out of all."""
    if channel is Channel.EMAIL:
        return translator.gettext("Receive %(unit)s emails as before", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Receive SMS from %(unit)s as before", unit=unit)
    return translator.gettext("Receive WhatsApp messages from %(unit)s as before", unit=unit)


def opted_out_of_all(translator: Translator, channel: Channel, unit: str) -> str:
    """The notice of an active opt-out of all."""
    if channel is Channel.EMAIL:
        return translator.gettext("You are unsubscribed from all %(unit)s emails.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("You receive no SMS from %(unit)s.", unit=unit)
    return translator.gettext("You receive no WhatsApp messages from %(unit)s.", unit=unit)


def return_notice(
    translator: Translator, channel: Channel, returning: Sequence[str], *, several_channels: bool = False
) -> str:
    """What an opt-in does while an opt-out of all is active, shown before it is done (R12).

    `returning` names the types that come back with it. `several_channels`: the page has boxes for email and
    for other channels.
    """
    if returning:
        after = translator.gettext(
            "You will then receive what you tick, and again what you had before: %(names)s.",
            names=translator.listed(returning),
        )
    else:
        after = translator.gettext("You will then receive what you tick, and nothing else.")
    return translator.joined(_how_to_return(translator, channel, several_channels), after)


def _how_to_return(translator: Translator, channel: Channel, several_channels: bool) -> str:
    if channel is Channel.EMAIL:
        if several_channels:
            return translator.gettext("Ticking a box for email and saving ends this.")
        return translator.gettext("Ticking a box and saving ends this.")
    if channel is Channel.SMS:
        return translator.gettext("Ticking a box for SMS and saving ends this.")
    return translator.gettext("Ticking a box for WhatsApp and saving ends this.")


def pending_notice(translator: Translator, *, own_link: bool, can_resend: bool) -> str:
    """The notice of a pending opt-in (R19).

    `own_link`: the page's link was sent to that address. `can_resend`: saving sends the message again.
    """
    if own_link:
        return translator.gettext("Not confirmed yet. Tick and save to receive it.")
    sent = translator.gettext("Not confirmed yet. Open the link in the text message that we sent you.")
    if not can_resend:
        return sent
    return translator.joined(
        sent, translator.gettext("If it has not come within 10 minutes, tick and save to have it sent again.")
    )


def confirm_by_text(translator: Translator, phone: str | None) -> str:
    """What is left to do after an opt-in that is confirmed from a phone number (R19)."""
    if phone is None:
        return translator.gettext("One step is left: open the link in the text message that we send you.")
    return translator.gettext(
        "One step is left: open the link in the text message that we send to %(number)s.", number=phone
    )


def phone_changed(translator: Translator) -> str:
    """That the choices for a phone number were not saved, because the contact has another one now."""
    return translator.gettext(
        "Meanwhile your phone number was changed in our records, so nothing was saved for SMS and WhatsApp."
    )


def opt_in_dropped(translator: Translator) -> str:
    """That an opt-in was not saved, because the page had not shown that it ends an opt-out of all (R12)."""
    return translator.gettext(
        "An unsubscribe came in after this page was opened, so what you ticked was not saved."
        " If you want it all the same, tick it again."
    )


def explanation(
    translator: Translator, status: PreferenceStatus, origin: ConsentOrigin, day: str, unit: str
) -> str:
    """Why a preference has its status, and since when."""
    if origin is ConsentOrigin.REVERSAL:
        return translator.gettext("Your earlier choice was restored on %(day)s.", day=day)
    if status is PreferenceStatus.OPTED_IN:
        return _opted_in(translator, origin, day, unit)
    if status is PreferenceStatus.OPTED_OUT:
        return _opted_out(translator, origin, day, unit)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You came back on %(day)s.", day=day)
    return translator.gettext("%(unit)s marked this as undecided on %(day)s.", unit=unit, day=day)


def _opted_in(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
    if origin is ConsentOrigin.CONFIRMATION:
        return translator.gettext("You confirmed this on %(day)s.", day=day)
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You asked for this by message on %(day)s.", day=day)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You chose this on %(day)s.", day=day)
    if origin is ConsentOrigin.IMPORT:
        return translator.gettext(
            "%(unit)s took your subscription over from a list on %(day)s.", unit=unit, day=day
        )
    if origin is ConsentOrigin.INTEGRATION:
        return translator.gettext(
            "A form or service of %(unit)s noted on %(day)s that you want this.", unit=unit, day=day
        )
    return translator.gettext("%(unit)s noted on %(day)s that you want this.", unit=unit, day=day)


def _opted_out(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You stopped this by message on %(day)s.", day=day)
    if origin is ConsentOrigin.PROVIDER:
        return translator.gettext("You stopped this in your messaging app on %(day)s.", day=day)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You unsubscribed on %(day)s.", day=day)
    return translator.gettext("%(unit)s unsubscribed you on %(day)s.", unit=unit, day=day)


def default_explanation(translator: Translator, unit: str) -> str:
    """Why a type is sent without an opt-in (R22)."""
    return translator.gettext("%(unit)s sends this until you say no.", unit=unit)


def internal_type(translator: Translator, unit: str) -> str:
    """Who can opt in to an internal type that the recipient had (R4)."""
    return translator.gettext("Only %(unit)s can sign you up for this again.", unit=unit)


def transactional_explanation(translator: Translator, unit: str) -> str:
    """Why a transactional type is sent (R24)."""
    return translator.gettext("It belongs to what you do with %(unit)s, such as an order.", unit=unit)
