"""What the recipients' pages say where it counts as wording: buttons and notices that evidence repeats (R18).

Everything takes a `Translator` and gives plain text in its language; the templates escape it.
"""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.rules.types import Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.translations import Translator


def channel_name(translator: Translator, channel: Channel) -> str:
    """The channel as a column is headed."""
    if channel is Channel.EMAIL:
        return translator.gettext("Email")
    return translator.gettext("SMS") if channel is Channel.SMS else "WhatsApp"


def channel_names(translator: Translator, channels: Sequence[Channel]) -> str:
    """Several channels, as a heading."""
    return translator.listed([channel_name(translator, channel) for channel in channels])


def by_channel(translator: Translator, channel: Channel) -> str:
    """The channel as the way in which something comes."""
    if channel is Channel.EMAIL:
        return translator.gettext("by email")
    return translator.gettext("by SMS") if channel is Channel.SMS else translator.gettext("on WhatsApp")


def save_button(translator: Translator) -> str:
    """The button that saves the preference page."""
    return translator.gettext("Save choices")


def stop_button(translator: Translator, channel: Channel, unit: str) -> str:
    """The button that opts out of all of a unit on a channel."""
    if channel is Channel.EMAIL:
        return translator.gettext("Unsubscribe from all %(unit)s emails", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Stop all SMS from %(unit)s", unit=unit)
    return translator.gettext("Stop all WhatsApp messages from %(unit)s", unit=unit)


def back_button(translator: Translator, channel: Channel, unit: str) -> str:
    """The button that removes one's own opt-out of all."""
    if channel is Channel.EMAIL:
        return translator.gettext("Receive %(unit)s emails as before", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Receive SMS from %(unit)s as before", unit=unit)
    return translator.gettext("Receive WhatsApp messages from %(unit)s as before", unit=unit)


def stopped(translator: Translator, channel: Channel, unit: str) -> str:
    """That an opt-out of all stands."""
    if channel is Channel.EMAIL:
        return translator.gettext("You are unsubscribed from all %(unit)s emails.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("You receive no SMS from %(unit)s.", unit=unit)
    return translator.gettext("You receive no WhatsApp messages from %(unit)s.", unit=unit)


def coming_back(
    translator: Translator, channel: Channel, returning: Sequence[str], *, among_others: bool = False
) -> str:
    """What an opt-in does while an opt-out of all stands, said before it is done (R12).

    `among_others`: the page has boxes for email and for other channels too.
    """
    if returning:
        after = translator.gettext(
            "You will then receive what you tick, and again what you had before: %(names)s.",
            names=translator.listed(returning),
        )
    else:
        after = translator.gettext("You will then receive what you tick, and nothing else.")
    return translator.joined(_ends(translator, channel, among_others), after)


def _ends(translator: Translator, channel: Channel, among_others: bool) -> str:
    if channel is Channel.EMAIL:
        if among_others:
            return translator.gettext("Ticking a box for email and saving ends this.")
        return translator.gettext("Ticking a box and saving ends this.")
    if channel is Channel.SMS:
        return translator.gettext("Ticking a box for SMS and saving ends this.")
    return translator.gettext("Ticking a box for WhatsApp and saving ends this.")


def paused(translator: Translator, channel: Channel, day: str) -> str:
    """That a unit is silent on a channel until a day."""
    if channel is Channel.EMAIL:
        return translator.gettext("Emails are paused until %(day)s.", day=day)
    if channel is Channel.SMS:
        return translator.gettext("SMS are paused until %(day)s.", day=day)
    return translator.gettext("WhatsApp messages are paused until %(day)s.", day=day)


def rest_heading(translator: Translator, channel: Channel, unit: str) -> str:
    """What opens the choice of a pause."""
    if channel is Channel.EMAIL:
        return translator.gettext("Take a break from %(unit)s emails", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Take a break from %(unit)s SMS", unit=unit)
    return translator.gettext("Take a break from %(unit)s WhatsApp messages", unit=unit)


def rest_meaning(translator: Translator) -> str:
    """What a pause does and what it leaves."""
    return translator.gettext("During the break only essential messages come. Your choices stay as they are.")


def rest_days(translator: Translator, days: int) -> str:
    """How long a pause lasts, on its button."""
    return translator.ngettext("%(num)d day", "%(num)d days", days)


def rest_problem(translator: Translator, last: str) -> str:
    """What is wrong with the day of a pause."""
    return translator.gettext("Choose a day after today and no later than %(day)s.", day=last)


def resume_button(translator: Translator) -> str:
    """The button that ends a pause."""
    return translator.gettext("End the break now")


def why(translator: Translator, status: PreferenceStatus, origin: ConsentOrigin, day: str, unit: str) -> str:
    """Why and since when something holds, in plain words."""
    if origin is ConsentOrigin.REVERSAL:
        return translator.gettext("Your earlier choice was restored on %(day)s.", day=day)
    if status is PreferenceStatus.OPTED_IN:
        return _why_in(translator, origin, day, unit)
    if status is PreferenceStatus.OPTED_OUT:
        return _why_out(translator, origin, day, unit)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You came back on %(day)s.", day=day)
    return translator.gettext("%(unit)s marked this as undecided on %(day)s.", unit=unit, day=day)


def _why_in(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
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


def _why_out(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You stopped this by message on %(day)s.", day=day)
    if origin is ConsentOrigin.PROVIDER:
        return translator.gettext("You stopped this in your messaging app on %(day)s.", day=day)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You unsubscribed on %(day)s.", day=day)
    return translator.gettext("%(unit)s unsubscribed you on %(day)s.", unit=unit, day=day)


def why_open(translator: Translator, unit: str) -> str:
    """Why something comes that was never asked for (R22)."""
    return translator.gettext("%(unit)s sends this until you say no.", unit=unit)


def why_essential(translator: Translator, unit: str) -> str:
    """Why a transactional type comes (R24)."""
    return translator.gettext("It belongs to what you do with %(unit)s, such as an order.", unit=unit)


def waiting(translator: Translator, *, here: bool, again: bool) -> str:
    """That an opt-in waits to be confirmed (R19): `here`, on a page that its address was sent the link of.

    `again`: the message can be sent once more.
    """
    if here:
        return translator.gettext("Not confirmed yet. Tick and save to receive it.")
    sent = translator.gettext("Not confirmed yet. Open the link in the text message that we sent you.")
    if not again:
        return sent
    return translator.joined(
        sent, translator.gettext("If it has not come within 10 minutes, tick and save to have it sent again.")
    )


def confirm_by_text(translator: Translator, number: str | None) -> str:
    """What is left to do after an opt-in that a phone number has to confirm (R19)."""
    if number is None:
        return translator.gettext("One step is left: open the link in the text message that we send you.")
    return translator.gettext(
        "One step is left: open the link in the text message that we send to %(number)s.", number=number
    )


def moved(translator: Translator) -> str:
    """That a page's choices for a phone number came to nothing."""
    return translator.gettext(
        "Meanwhile your phone number was changed in our records, so nothing was saved for SMS and WhatsApp."
    )


def stopped_meanwhile(translator: Translator) -> str:
    """That an opt-in was held back, for the page had not told that it ends an opt-out of all (R12)."""
    return translator.gettext(
        "An unsubscribe came in after this page was opened, so what you ticked was not saved."
        " If you want it all the same, tick it again."
    )


def unsubscribe_question(translator: Translator, type_name: str | None, unit: str | None) -> str:
    """The heading of the unsubscribe page: of one type, of a unit's all, or of everything."""
    if type_name:
        return translator.gettext("Unsubscribe from “%(type)s”?", type=type_name)
    if unit:
        return translator.gettext("Unsubscribe from everything from %(unit)s?", unit=unit)
    return translator.gettext("Unsubscribe from everything?")


def unsubscribe_effect(
    translator: Translator, channel: Channel, type_name: str | None, units: Sequence[str]
) -> str:
    """How far the press of the unsubscribe button reaches."""
    how, unit = by_channel(translator, channel), translator.listed(units)
    if type_name:
        return translator.gettext(
            "You will no longer get “%(type)s” from %(unit)s %(how)s. It takes effect at once.",
            unit=unit,
            type=type_name,
            how=how,
        )
    return translator.gettext(
        "You will get nothing more from %(unit)s %(how)s. It takes effect at once.", unit=unit, how=how
    )


def unsubscribed(
    translator: Translator, channel: Channel, type_name: str | None, units: Sequence[str]
) -> str:
    """What holds after the unsubscribe button was pressed."""
    how, unit = by_channel(translator, channel), translator.listed(units)
    if type_name:
        return translator.gettext(
            "From now on you don’t get “%(type)s” from %(unit)s %(how)s.", unit=unit, type=type_name, how=how
        )
    return translator.gettext("From now on you get nothing from %(unit)s %(how)s.", unit=unit, how=how)


def essential_stay(translator: Translator, names: Sequence[str]) -> str:
    """Which transactional types an opt-out of all email leaves (R24)."""
    return translator.gettext(
        "Only essential messages keep coming: %(names)s.", names=translator.listed(names)
    )


def cannot_stop_alone(translator: Translator, type_name: str) -> str:
    """That a transactional type can be left by SMS or WhatsApp only together with everything else (R24)."""
    return translator.gettext(
        "“%(type)s” cannot be stopped by itself, so the button stops everything.", type=type_name
    )


def unsubscribe_button(translator: Translator) -> str:
    """The one button of the unsubscribe page."""
    return translator.gettext("Unsubscribe")


def confirm_button(translator: Translator) -> str:
    """The button that confirms an opt-in (R19)."""
    return translator.gettext("Yes, send it to me")
