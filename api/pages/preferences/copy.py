"""Copy of the preference page: buttons, notices and messages that evidence repeats (R18)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from api.pages.frame.copy import by_channel
from preference_center.rules.types import Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.translations import Translator

Channels = Collection[Channel]


def only(channels: Channels) -> Channel | None:
    """The only one of the channels; None if there are several."""
    return next(iter(channels)) if len(channels) == 1 else None


def how(translator: Translator, channels: Channels) -> str:
    """How messages arrive, within a sentence: "by email and on WhatsApp"."""
    return translator.listed([by_channel(translator, channel) for channel in channels])


def save_button(translator: Translator) -> str:
    """The button that saves the preference page."""
    return translator.gettext("Save choices")


def stop_button(translator: Translator, channels: Channels, unit: str) -> str:
    """The button that opts out of all of a unit on channels."""
    channel = only(channels)
    if channel is Channel.EMAIL:
        return translator.gettext("Stop all emails from %(unit)s", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Stop all SMS from %(unit)s", unit=unit)
    if channel is Channel.WHATSAPP:
        return translator.gettext("Stop all WhatsApp messages from %(unit)s", unit=unit)
    return translator.gettext("Stop all messages from %(unit)s", unit=unit)


def stop_chosen_button(translator: Translator) -> str:
    """The button that opts out of all of a unit on the channels that are chosen above it."""
    return translator.gettext("Stop these messages")


def stop_everything_button(translator: Translator) -> str:
    """The button that opts out of all of every unit on every channel."""
    return translator.gettext("Stop everything")


def return_button(translator: Translator, channels: Channels, unit: str) -> str:
    """The button that removes opt-outs of all and leaves every choice as it was (R12)."""
    channel = only(channels)
    if channel is Channel.EMAIL:
        return translator.gettext("Get emails from %(unit)s as before", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Get SMS from %(unit)s as before", unit=unit)
    if channel is Channel.WHATSAPP:
        return translator.gettext("Get WhatsApp messages from %(unit)s as before", unit=unit)
    return translator.gettext("Get everything from %(unit)s as before", unit=unit)


def opted_out_of_all(translator: Translator, channels: Channels, unit: str, *, whole: bool = False) -> str:
    """That an opt-out of all holds. `whole`: on every channel of several that the unit has."""
    if whole:
        return opted_out_of_units(translator, unit)
    channel = only(channels)
    if channel is Channel.EMAIL:
        return translator.gettext("You’re unsubscribed from all %(unit)s emails.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("You’re unsubscribed from all SMS from %(unit)s.", unit=unit)
    if channel is Channel.WHATSAPP:
        return translator.gettext("You’re unsubscribed from all WhatsApp messages from %(unit)s.", unit=unit)
    return translator.gettext(
        "You’re unsubscribed from all messages from %(unit)s %(how)s.",
        unit=unit,
        how=how(translator, channels),
    )


def unsubscribed_by(translator: Translator, unit: str, day: str) -> str:
    """That the team made an opt-out, and when."""
    return translator.gettext("%(unit)s unsubscribed you on %(day)s.", unit=unit, day=day)


def return_notice(translator: Translator, channels: Channels, returning: Sequence[str]) -> str:
    """What an opt-in does while an opt-out of all is active, shown before it is done (R12).

    `returning` names the types that come back with it.
    """
    channel = only(channels)
    if channel is Channel.EMAIL:
        notice = translator.gettext("To get emails again, tick what you want and save.")
    elif channel is Channel.SMS:
        notice = translator.gettext("To get SMS again, tick what you want and save.")
    elif channel is Channel.WHATSAPP:
        notice = translator.gettext("To get WhatsApp messages again, tick what you want and save.")
    else:
        notice = translator.gettext("To get messages again, tick what you want and save.")
    if not returning:
        return notice
    also = translator.gettext("%(names)s will come back too.", names=translator.listed(returning))
    return translator.joined(notice, also)


def not_confirmed(translator: Translator, *, own_link: bool, can_resend: bool) -> str:
    """That an opt-in waits for its confirmation (R19).

    `own_link`: the page's link went to that address. `can_resend`: a button beside it says what can be done.
    """
    if can_resend:
        return translator.gettext("Not confirmed yet.")
    if own_link:
        return translator.gettext("Not confirmed yet. Open the link we sent you.")
    return translator.gettext("Not confirmed yet. Open the link we sent to your phone.")


def send_again_button(translator: Translator) -> str:
    """The button that has the confirmation sent again."""
    return translator.gettext("Send it again")


def opted_out_of_units(translator: Translator, units: str) -> str:
    """That everything from some units was left."""
    return translator.gettext("You’re unsubscribed from all messages from %(units)s.", units=units)


def opted_out_of_brands(translator: Translator, number: int) -> str:
    """That everything from several units was left, too many to be named."""
    return translator.ngettext(
        "You’re unsubscribed from all messages from %(num)d brand.",
        "You’re unsubscribed from all messages from %(num)d brands.",
        number,
    )


def returned(translator: Translator, channels: Channels, unit: str, *, whole: bool = False) -> str:
    """That an opt-out of all was lifted and every choice is as before (R12). `whole` as for leaving."""
    if whole:
        return returned_to_units(translator, unit)
    channel = only(channels)
    if channel is Channel.EMAIL:
        return translator.gettext("You’ll get emails from %(unit)s as before.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("You’ll get SMS from %(unit)s as before.", unit=unit)
    if channel is Channel.WHATSAPP:
        return translator.gettext("You’ll get WhatsApp messages from %(unit)s as before.", unit=unit)
    return translator.gettext(
        "You’ll get messages from %(unit)s %(how)s as before.", unit=unit, how=how(translator, channels)
    )


def returned_to_units(translator: Translator, units: str) -> str:
    """That everything from some units comes as before."""
    return translator.gettext("You’ll get everything from %(units)s as before.", units=units)


def now_received(translator: Translator, names: str) -> str:
    """Which types come now."""
    return translator.gettext("You’ll now get %(names)s.", names=names)


def no_longer_received(translator: Translator, names: str) -> str:
    """Which types were left."""
    return translator.gettext("You’re unsubscribed from %(names)s.", names=names)


def named_channels(translator: Translator, name: str, channels: str) -> str:
    """A type on some of its channels, within a sentence: "Offers (SMS)"."""
    return translator.gettext("%(name)s (%(channels)s)", name=name, channels=channels)


def more(translator: Translator, number: int) -> str:
    """The end of a list that was shortened."""
    return translator.ngettext("%(num)d more", "%(num)d more", number)


def undo_button(translator: Translator) -> str:
    """The button that undoes what was just done."""
    return translator.gettext("Undo")


def undone(translator: Translator) -> str:
    """That something was undone. What holds now follows."""
    return translator.gettext("Undone.")


def not_undone(translator: Translator) -> str:
    """That nothing could be undone."""
    return translator.gettext("That can’t be undone any more, because something changed since.")


def nothing_to_save(translator: Translator) -> str:
    """That nothing was changed before saving."""
    return translator.gettext("No changes to save.")


def no_longer_offered(translator: Translator) -> str:
    """That something could not be saved."""
    return translator.gettext("Something you chose is no longer offered, so it wasn’t saved.")


def confirm_by_text(translator: Translator, names: str, phone: str | None) -> str:
    """What is left to do after an opt-in that is confirmed from a phone number (R19)."""
    if phone is None:
        return translator.gettext(
            "To get %(names)s, open the link in the text message we send you.", names=names
        )
    return translator.gettext(
        "To get %(names)s, open the link in the text message we send to %(number)s.",
        names=names,
        number=phone,
    )


def sent_again(translator: Translator, names: str) -> str:
    """That the confirmation of an opt-in is sent again (R19)."""
    return translator.gettext("We’re sending the confirmation for %(names)s again.", names=names)


def sent_lately(translator: Translator, names: str) -> str:
    """That the confirmation is not sent again yet, because it was sent only minutes ago, or often."""
    return translator.gettext(
        "The confirmation for %(names)s is already on its way. Give it a few minutes.", names=names
    )


def phone_changed(translator: Translator) -> str:
    """That the choices for a phone number were not saved, because the contact has another one now."""
    return translator.gettext(
        "Your phone number has changed in our records, so nothing was saved for SMS and WhatsApp."
    )


def opt_in_dropped(translator: Translator) -> str:
    """That an opt-in was not saved, because the page had not shown that it ends an opt-out of all (R12)."""
    return translator.gettext(
        "You were unsubscribed after this page was opened, so what you ticked wasn’t saved."
        " If you still want it, tick it again."
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
        return translator.gettext("You subscribed again on %(day)s.", day=day)
    return translator.gettext("%(unit)s cleared this choice on %(day)s.", unit=unit, day=day)


def _opted_in(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
    if origin is ConsentOrigin.CONFIRMATION:
        return translator.gettext("You confirmed this on %(day)s.", day=day)
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You asked for this by message on %(day)s.", day=day)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You chose this on %(day)s.", day=day)
    return translator.gettext("Added by %(unit)s on %(day)s.", unit=unit, day=day)


def _opted_out(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You stopped this by message on %(day)s.", day=day)
    if origin is ConsentOrigin.PROVIDER:
        return translator.gettext("You stopped this in your messaging app on %(day)s.", day=day)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You unsubscribed on %(day)s.", day=day)
    return unsubscribed_by(translator, unit, day)


def always_on(translator: Translator) -> str:
    """The fixed state of a type that cannot be turned off."""
    return translator.gettext("Always on")


def off(translator: Translator) -> str:
    """The fixed state of a type that cannot be turned on."""
    return translator.gettext("Off")


def on_channel(translator: Translator, channels: str, sentence: str) -> str:
    """A sentence about channels: "Email and SMS: You chose this on 3 May 2026."."""
    return translator.gettext("%(label)s: %(value)s", label=channels, value=sentence)


def default_explanation(translator: Translator) -> str:
    """Why a type is sent without an opt-in (R22)."""
    return translator.gettext("On by default; untick to stop.")


def internal_type(translator: Translator, unit: str) -> str:
    """Who can opt in to an internal type that the recipient had (R4)."""
    return translator.gettext("Only %(unit)s can sign you up for this again.", unit=unit)


def transactional_explanation(translator: Translator) -> str:
    """Why a transactional type cannot be turned off (R24)."""
    return translator.gettext("Sent only about your orders and account, so it can’t be turned off.")
