"""The enums of a brand's own look, as the schema publishes them."""

from __future__ import annotations

from preference_center.catalog.appearance import FontStack, FooterLinkKind, PreferencePageScope
from preference_center.catalog.custom_texts import TextKey
from preference_center.catalog.previews import PreviewPage
from schema.contract.enums import publish

__all__ = ["FontStack", "FooterLinkKind", "PreferencePageScope", "PreviewPage", "TextKey"]

publish(
    FontStack,
    "The fonts of pages. Each choice is a list of fonts that devices have already, so nothing is loaded.",
    SYSTEM="The font of the device.",
    HUMANIST="Warm letters without serifs, such as Gill Sans and Optima.",
    GEOMETRIC="Round, even letters without serifs, such as Avenir and Futura.",
    ROUNDED="Letters with round ends.",
    SERIF="Letters with serifs, made for screens, such as Charter and Georgia.",
    BOOK="Letters with serifs as in books, such as Palatino.",
    SLAB="Letters with heavy serifs, such as Rockwell.",
    MONOSPACE="Letters of one width, as in a terminal.",
)
publish(
    FooterLinkKind,
    "What a link at the foot of pages and mails leads to. Without a label, it is named after this.",
    PRIVACY="The privacy notice.",
    IMPRINT="The imprint: who is behind the brand.",
    HELP="Help, or a way to get in touch.",
    WEBSITE="The website of the brand.",
    OTHER="Something else. The link needs a label.",
)
publish(
    PreferencePageScope,
    "Whose subscription types a preference page shows that was opened from a message of a business unit.",
    OWN_UNIT="Those of the business unit only.",
    ALL_UNITS="Those of the business unit first, then those of the other business units.",
)
publish(
    PreviewPage,
    "What a preview shows, with example data.",
    PREFERENCES="The preference page of somebody who gets some types.",
    PREFERENCES_STOPPED="The preference page of somebody who just opted out of all emails.",
    PREFERENCES_PAUSED="The preference page of somebody who paused emails.",
    UNSUBSCRIBE="The page that a link to unsubscribe opens.",
    UNSUBSCRIBED="The page after unsubscribing.",
    CONFIRM="The page that asks to confirm an opt-in.",
    CONFIRMED="The page after an opt-in was confirmed.",
    LINK_REQUEST="The page where a link can be requested.",
    LINK_REQUESTED="The page after a link was requested.",
    EXPIRED_LINK="The page of a link that has expired.",
    HISTORY="The page with a recipient's history.",
    ERASURE="The page that asks before it deletes a recipient's data.",
    LINK_MAIL="The mail with a link to the preferences.",
    LINK_MAIL_TEXT="The same mail as plain text, with its sender and subject.",
    CONFIRM_MAIL="The mail that asks to confirm an opt-in.",
    CONFIRM_MAIL_TEXT="The same mail as plain text, with its sender and subject.",
    CONFIRM_SEVERAL_MAIL="The mail that asks to confirm several opt-ins together.",
    CONFIRM_SEVERAL_MAIL_TEXT="The same mail as plain text, with its sender and subject.",
    ERASURE_MAIL="The mail that asks before it deletes a recipient's data.",
    ERASURE_MAIL_TEXT="The same mail as plain text, with its sender and subject.",
    TEXT_MESSAGES="All text messages, as plain text.",
)
publish(
    TextKey,
    "A short text of pages, mails and text messages that a business unit may word itself."
    " `BusinessUnit.texts` shows each of them as it is now.",
    PREFERENCES_HEADING="The heading of the preference page.",
    PREFERENCES_LEAD="The sentence below the heading of the preference page.",
    PREFERENCES_SAVE="The button that saves the choices.",
    ALWAYS_ON="The note beside a type that cannot be turned off.",
    STOP_ALL_EMAILS="The button that opts out of all emails of the business unit.",
    STOP_ALL_SMS="The button that opts out of all SMS of the business unit.",
    STOP_ALL_WHATSAPP="The button that opts out of all WhatsApp messages of the business unit.",
    STOPPED_ALL_EMAILS="The message after an opt-out of all emails of the business unit.",
    PAUSE_NOTE="The sentence that says what a pause does, beside the choice of its length.",
    UNSUBSCRIBE_HEADING="The heading of the unsubscribe page.",
    UNSUBSCRIBE_TYPE_BUTTON="The button that opts out of one type by email.",
    PAUSE_EMAILS_BUTTON="The button that pauses all emails of the business unit for 30 days.",
    UNSUBSCRIBED_TYPE="The message after an opt-out of one type by email.",
    UNDONE="The message after an opt-out of one type by email was undone.",
    LEAVING_REASONS_HEADING="The question why somebody left.",
    LEAVING_REASON_TOO_MANY="The button for the reason `TOO_MANY`.",
    LEAVING_REASON_NOT_AS_EXPECTED="The button for the reason `NOT_AS_EXPECTED`.",
    LEAVING_REASON_NO_LONGER_INTERESTED="The button for the reason `NO_LONGER_INTERESTED`.",
    LEAVING_REASON_NEVER_ASKED="The button for the reason `NEVER_ASKED`.",
    LEAVING_REASON_OTHER="The button for the reason `OTHER`.",
    LEAVING_REASON_THANKS="The message after a reason was given.",
    CONFIRM_HEADING="The heading of the page that asks to confirm an opt-in.",
    CONFIRM_BUTTON="The button that confirms an opt-in.",
    CONFIRMED_HEADING="The heading of the page after an opt-in was confirmed.",
    CONFIRMED_NOTE="The sentence on the page after an opt-in was confirmed.",
    LINK_REQUEST_HEADING="The heading of the page where a link can be requested.",
    LINK_REQUEST_BUTTON="The button with which somebody has a link sent to their address.",
    LINK_REQUESTED_HEADING="The heading of the page after a link was requested.",
    LINK_MAIL_SUBJECT="The subject of the mail with a link to the preferences.",
    LINK_MAIL_LEAD="The first sentence of the mail with a link to the preferences.",
    LINK_MAIL_BUTTON="The button of the mail with a link to the preferences.",
    CONFIRM_MAIL_SUBJECT="The subject of the mail that asks to confirm an opt-in.",
    CONFIRM_MAIL_LEAD="The first sentence of the mail that asks to confirm an opt-in.",
    CONFIRM_MAIL_BUTTON="The button of the mail that asks to confirm an opt-in.",
    FOOTER_WHY="Why somebody gets a message, in the footer of messages.",
    FOOTER_MANAGE="The link to the preferences, in the footer of messages.",
    FOOTER_UNSUBSCRIBE_TYPE="The link to opt out of the type, in the footer of messages.",
    FOOTER_UNSUBSCRIBE_ALL="The link to opt out of all, in the footer of messages.",
)
