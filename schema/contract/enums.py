"""The enums of the schema: the domain's own, with their published names and descriptions."""

from __future__ import annotations

from enum import Enum

import strawberry

from preference_center.access.actors import ActorKind
from preference_center.contacts.pages import ContactOrder
from preference_center.errors import ErrorCode
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.permissions.actions import Requirement
from preference_center.rules.types import (
    ActionOutcome,
    Channel,
    ConsentOrigin,
    EnrolmentState,
    LeavingReason,
    LegalBasis,
    Meaning,
    OperationKind,
    OperationState,
    PreferenceStatus,
    Purpose,
    RecipientKind,
    ResubscribePolicy,
    Trigger,
    Verdict,
)

__all__ = [
    "ActionOutcome",
    "ActorKind",
    "BlockReason",
    "Channel",
    "ConsentOrigin",
    "ContactOrder",
    "EnrolmentState",
    "ErrorCode",
    "LeavingReason",
    "LegalBasis",
    "Meaning",
    "OperationKind",
    "OperationState",
    "PreferenceStatus",
    "Purpose",
    "RecipientKind",
    "Requirement",
    "ResubscribePolicy",
    "Trigger",
    "Verdict",
]


def publish(enum: type[Enum], description: str, *, name: str | None = None, **values: str) -> None:
    """Make an enum a part of the schema. `values` describes each of its members."""
    published = strawberry.enum(enum, name=name, description=description)
    for value in published.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values.pop(value.name)


publish(
    Channel,
    "A channel on which messages are sent and preferences are held. Calls are no"
    " channel: see `Contact.callPermission`.",
    EMAIL="Messages to an email address.",
    SMS="Text messages to a phone number. They always need an opt-in.",
    WHATSAPP="WhatsApp messages to a phone number. They always need an opt-in.",
)
publish(
    RecipientKind,
    "What kind of address a recipient is.",
    EMAIL="An email address. It receives messages on the channel `EMAIL`.",
    PHONE="A phone number. It is one recipient on both `SMS` and `WHATSAPP`, with preferences for each.",
)
publish(
    ActorKind,
    "Who can act: the recipient, or somebody of the team in one of several ways.",
    RECIPIENT="The person whose address it is: on a page, by a link, or by a text message.",
    TOKEN="A program of the team or an integration, by the name of its API token.",  # noqa: S106
    WORKFLOW="A workflow, by the name that it had.",
    SYSTEM="Sayso's command line, without a token.",
)
publish(
    PreferenceStatus,
    "What was decided about a subscription type on a channel. Whether a message may"
    " be sent also depends on other things: ask `eligibility`.",
    OPTED_IN="The recipient agreed, or the team opted them in with a legal basis.",
    NOT_OPTED="No decision holds: none was recorded, or the team reset it. Marketing email may"
    " be sent only if the business unit's `dataPrivacy` is off.",
    OPTED_OUT="The recipient said no, or the team opted them out. No marketing of this type may be sent.",
)
publish(
    Purpose,
    "What the messages of a subscription type are for.",
    MARKETING="Advertising, newsletters, invitations. Opt-outs and pauses apply.",
    TRANSACTIONAL="Messages that somebody needs, such as receipts. Marketing opt-outs and pauses"
    " do not stop them, and by email they need no opt-in.",
)
publish(
    LegalBasis,
    "The ground on which messages are sent to a person, or their data is"
    " processed and stored (GDPR, article 6). It is recorded with the change as proof. Which one"
    " applies is for your lawyers to say.",
    LEGITIMATE_INTEREST_PQL="Legitimate interest in writing to a prospect: somebody who has"
    " shown interest, for example by asking for a quote or trying the product, and has not bought yet.",
    LEGITIMATE_INTEREST_CLIENT="Legitimate interest in writing to an existing customer, about"
    " things like those they bought.",
    LEGITIMATE_INTEREST_OTHER="Legitimate interest of another kind, for example in writing to a"
    " partner or supplier. Say which in the explanation.",
    PERFORMANCE_OF_CONTRACT="The messages are needed to perform a contract with the person, or"
    " to prepare one at their request.",
    CONSENT_WITH_NOTICE="The person agreed freely, after a notice said what they agree to,"
    " for example by ticking a box in a form. Pass the wording as `evidence`.",
    PROCESS_AND_STORE="The person agreed to have their data processed and stored. It is no"
    " consent to messages: use it as a `processingBasis` only. As a basis to communicate it is refused.",
    NON_GDPR="The GDPR does not apply to the person, for example because neither"
    " they nor the business are in the European Economic Area. Other laws may.",
)
publish(
    ConsentOrigin,
    "How a change of consent arrived. `PREFERENCE_PAGE`, `UNSUBSCRIBE_LINK`,"
    " `ONE_CLICK`, `KEYWORD`, `CONFIRMATION` and `PROVIDER` are made by the recipient, all others by"
    " the team. What the recipient decided is protected from the team's changes.",
    PREFERENCE_PAGE="The recipient saved the preference page.",
    UNSUBSCRIBE_LINK="The recipient opened an unsubscribe link and pressed the button.",
    ONE_CLICK='The recipient pressed "unsubscribe" in their mail program, which sent a'
    " one-click request (RFC 8058).",
    KEYWORD="The recipient sent a keyword such as STOP, or the same in other words, by text message.",
    CONFIRMATION="The recipient confirmed an opt-in with the button behind the link that was sent to them.",
    PROVIDER="A mail or message provider reported what the recipient did there, such as a"
    " complaint about spam.",
    CONTACT_RECORD="A team member, or a token without `--origin INTEGRATION`, changed one recipient.",
    BULK_UPDATE="The team changed many contacts at once with `bulkUpdatePreferences`.",
    IMPORT="The team imported a file of contacts or opt-outs.",
    INTEGRATION="Another system changed it, with a token made with `--origin INTEGRATION`.",
    WORKFLOW="An action of a workflow set it.",
    REVERSAL="The team undid a bulk update or an import with `revertOperation`.",
)
publish(
    BlockReason,
    "Why a message may not be sent. Where several reasons apply, the first in this order is given.",
    ADDRESS_UNUSABLE="The text is no address on this channel, the address cannot be reached (no such"
    " mailbox), or it was erased.",
    TYPE_UNAVAILABLE="The subscription type is archived, or not offered on the channel.",
    OPTED_OUT_OF_ALL="The recipient is opted out of everything from the business unit on the channel.",
    OPTED_OUT="The recipient is opted out of this subscription type on the channel.",
    PAUSED="The recipient receives no marketing from the business unit until a pause ends: see `until`.",
    CONFIRMATION_PENDING="The recipient opted in to a type with `doubleOptIn`, and has not confirmed it yet.",
    NOT_OPTED_IN="The recipient is not opted in. SMS and WhatsApp always need an opt-in,"
    " marketing email where the business unit's `dataPrivacy` is on.",
)
publish(
    LeavingReason,
    "Why a recipient left. Recipients are asked after they opted out, and may skip the question.",
    TOO_MANY="They get more messages than they want.",
    NOT_AS_EXPECTED="The content is not what they expected.",
    NO_LONGER_INTERESTED="The subject no longer interests them.",
    NEVER_ASKED="They say that they never signed up.",
    OTHER="None of the reasons that the page offers.",
)
publish(
    ResubscribePolicy,
    "Whether the team may opt in a recipient again who opted out themselves."
    " Recipients can always come back on their own.",
    WITH_LEGAL_BASIS="Yes, one recipient and type at a time, with a legal basis and an explanation.",
    RECIPIENT_ONLY="No. Only the recipient can opt back in.",
)
publish(
    ContactOrder,
    "The order of a list of contacts. Contacts that are equal in it are ordered by the time of creation.",
    CREATED_AT_ASC="By `createdAt`, oldest first.",
    CREATED_AT_DESC="By `createdAt`, newest first.",
    EMAIL_ASC="By email address, from a to z. Contacts without one come last.",
    EMAIL_DESC="By email address, from z to a. Contacts without one come last.",
    NAME_ASC="By last name, then first name, from a to z. Case does not matter. Contacts without a name come"
    " last.",
    NAME_DESC="By last name, then first name, from z to a. Case does not matter. Contacts without a name come"
    " last.",
    UPDATED_AT_ASC="By `updatedAt`, first updated first.",
    UPDATED_AT_DESC="By `updatedAt`, last updated first.",
    PROPERTY_ASC="By the property `orderByProperty`: numbers, smallest first, then texts from a to z by"
    " the code points of their first 200 characters, then false and true. Contacts without the property,"
    " and those whose property is a list or an object, come last.",
    PROPERTY_DESC="As `PROPERTY_ASC` the other way round: true and false, then texts, then numbers,"
    " largest first. Contacts without the property, and those whose property is a list or an object, come"
    " last.",
)
publish(
    OperationKind,
    "What an operation does. All of them but `WORKFLOW_ENROLMENT` and `REVERSAL` can"
    " be undone with `revertOperation`.",
    BULK_UPDATE="Changes the preferences of many contacts: `bulkUpdatePreferences`.",
    IMPORT_OPT_OUTS="Imports a list of addresses that opted out: `POST /imports/opt-outs`.",
    IMPORT_CONTACTS="Creates and updates contacts from a file, with their consent: `POST /imports/contacts`.",
    REVERSAL="Undoes a bulk update or an import: `revertOperation`.",
    WORKFLOW_ENROLMENT="Enrols contacts in a workflow: `enrollContacts`.",
)
publish(
    OperationState,
    "How far an operation is. It ends as `COMPLETED`, `FAILED` or `CANCELLED`.",
    QUEUED="It waits for a worker to start it.",
    RUNNING="A worker processes it, in parts: `processed` of `total` are done.",
    COMPLETED="Everything was processed. Single contacts or rows may have been refused.",
    FAILED="It stopped because of the problem in `error`. What it had changed stays changed.",
    CANCELLED="`cancelOperation` stopped it. What it had changed stays changed.",
)
publish(
    Meaning,
    "How Sayso read an incoming text message.",
    name="MessageMeaning",
    STOP="An opt-out keyword such as STOP: it opts out of everything from the business unit on the channel.",
    START="An opt-in keyword such as START: it lifts the opt-out of all, and opts in to"
    " the types of the sender number.",
    HELP="A help keyword such as HELP: it is answered and changes nothing.",
    WITHDRAWAL="A plain request to stop, in the recipient's own words. It counts like STOP.",
    UNCLEAR="It may be a request to stop. It changes nothing until a person has settled it.",
    NOTHING="The text says nothing about consent, and changes nothing.",
)
publish(
    Verdict,
    "How a person settles a message that Sayso could not settle by itself.",
    name="MessageVerdict",
    OPT_OUT="The recipient opts out of everything from the business unit on the channel, at"
    " the time of the message.",
    OPT_IN="The recipient lifts the opt-out of all, and opts in to the types of the sender number.",
    NOTHING="The message says nothing about consent: nothing changes.",
)
publish(
    Trigger,
    "What enrols a contact in a workflow. Contacts can be enrolled in any workflow"
    " with `enrollContacts` too.",
    name="WorkflowTrigger",
    CONTACT_CREATED="A contact is created, over the API or by an import.",
    CONTACT_UPDATED="A field or property of a contact changes. `whenProperty` limits it to one.",
    PREFERENCE_CHANGED="A preference of one of the contact's addresses changes, whatever the origin."
    " `whenPreference` limits it to one change.",
    MANUAL="Nothing enrols by itself: contacts are enrolled with `enrollContacts` alone.",
)
publish(
    EnrolmentState,
    "How the enrolment of a contact in a workflow ended.",
    name="WorkflowEnrolmentState",
    DONE="The actions ran. Each has a result of its own, which can be a refusal.",
    FAILED="The workflow cannot run, for example because one of its subscription types is"
    " archived. `reason` says why.",
    CUT="The contact was not enrolled, because five workflows had started one another before.",
)
publish(
    ActionOutcome,
    "What a workflow action did to one subscription type of one contact.",
    name="WorkflowActionOutcome",
    CHANGED="The preference has the status now, and had another one before.",
    UNCHANGED="The preference had the status already.",
    PENDING="The opt-in waits for the recipient's confirmation, and grants nothing until then.",
    REFUSED="The rules do not allow the change: `code` says why.",
)
publish(
    ErrorCode,
    "Why input was refused. Let programs act on the code; messages are for people"
    " and may change. New codes can be added: treat one that you do not know like `INVALID_VALUE`.",
    name="UserErrorCode",
    NOT_FOUND="There is no object with this id, key or address, or there is nothing to change.",
    ALREADY_EXISTS="Another object has this key, name, address or number. Choose another one, or"
    " change that object.",
    INVALID_ADDRESS="The text is no email address, or no phone number that exists.",
    INVALID_VALUE="The value is too long, of the wrong form, or contradicts another one. The"
    " message says what is expected.",
    ADDRESS_MISSING="The contact or recipient has no address on the channel: an email address for"
    " `EMAIL`, a phone number for the others.",
    LEGAL_BASIS_REQUIRED="Give a legal basis to communicate (`legalBasis`).",
    PROCESSING_BASIS_REQUIRED="No legal basis to process and store the person's data is on record. Give one"
    " (`processingBasis`).",
    EXPLANATION_REQUIRED="Say why the change is made (`explanation`).",
    OPTED_OUT_BY_RECIPIENT="The recipient opted out or paused themselves. Only the recipient can take that"
    " back here; send them a link with `sendPreferenceLink`.",
    OPTED_OUT_OF_ALL="The recipient is opted out of everything from the business unit on the channel."
    " Remove that first (`removeOptOutOfAll`).",
    PREVIOUSLY_OPTED_OUT="The recipient was opted out before. An import or a workflow cannot reverse"
    " that; `updatePreferences` can.",
    CHANNEL_NOT_OFFERED="The subscription type is not offered on the channel: see"
    " `SubscriptionType.channels`.",
    TYPE_ARCHIVED="The subscription type is archived. Restore it first (`archiveSubscriptionType`).",
    TYPE_IS_TRANSACTIONAL="Recipients cannot opt out of a transactional type.",
    SUPERSEDED="A newer decision on the same preference is on record. This one was recorded without effect.",
    OCCURRED_IN_FUTURE="`occurredAt` is later than now. Only an opt-out may have such a time: it counts"
    " as now.",
    IDEMPOTENCY_CONFLICT="The idempotency key was used before with other input. Use a new key.",
    NOT_REVERSIBLE="The operation cannot be undone, or the preference changed since.",
    OPERATION_ENDED="The operation has ended, so it cannot be cancelled. See `revertible` for whether it can"
    " be undone.",
    LIMIT_EXCEEDED="Something was done too often, such as sending a confirmation. Try again later.",
    FORBIDDEN="The token lacks the scope for the action. Only fields such as `Preference.actions` give this"
    " code; a mutation that is tried all the same is answered with the error `FORBIDDEN`.",
)
publish(
    Requirement,
    "What has to be given with an action. Whoever gives exactly what is required is not refused for"
    " something missing.",
    LEGAL_BASIS="A legal basis to communicate (`legalBasis`).",
    PROCESSING_BASIS="A legal basis to process and store (`processingBasis`): none is on record.",
    EXPLANATION="An explanation that is not empty (`explanation`).",
)
