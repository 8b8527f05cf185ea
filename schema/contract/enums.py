"""The enums of the schema: the domain's own, with their published names and descriptions."""

from __future__ import annotations

from enum import Enum

import strawberry

from preference_center.contacts.pages import ContactOrder
from preference_center.errors import ErrorCode
from preference_center.rules.eligibility import BlockReason
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
    "ResubscribePolicy",
    "Trigger",
    "Verdict",
]


def _publish(enum: type[Enum], description: str, *, name: str | None = None, **values: str) -> None:
    """Make an enum a part of the schema. `values` describes each of its members."""
    published = strawberry.enum(enum, name=name, description=description)
    for value in published.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values.pop(value.name)


_publish(
    Channel,
    "A channel on which messages are sent and preferences are held.",
    EMAIL="Email.",
    SMS="Text message.",
    WHATSAPP="WhatsApp message.",
)
_publish(
    RecipientKind,
    "What kind of address a recipient is.",
    EMAIL="An email address.",
    PHONE="A phone number. It is one recipient on both SMS and WhatsApp.",
)
_publish(
    PreferenceStatus,
    "Whether a recipient receives a subscription type on a channel.",
    OPTED_IN="The recipient is opted in.",
    NOT_OPTED="No decision holds: none was recorded, or the team reset it.",
    OPTED_OUT="The recipient is opted out.",
)
_publish(
    Purpose,
    "What the messages of a subscription type are for.",
    MARKETING="Marketing. Opt-outs and pauses apply.",
    TRANSACTIONAL="Needed messages, such as receipts. Marketing opt-outs and pauses do not stop them.",
)
_publish(
    LegalBasis,
    "The legal basis for sending messages to a person, or for processing and storing their data.",
    LEGITIMATE_INTEREST_PQL="Legitimate interest: the person is a prospect.",
    LEGITIMATE_INTEREST_CLIENT="Legitimate interest: the person is a customer.",
    LEGITIMATE_INTEREST_OTHER="Legitimate interest: another ground.",
    PERFORMANCE_OF_CONTRACT="Performance of a contract with the person.",
    CONSENT_WITH_NOTICE="Freely given consent, with a notice.",
    PROCESS_AND_STORE="Consent to process and store the person's data.",
    NON_GDPR="The GDPR does not apply.",
)
_publish(
    ConsentOrigin,
    "How a change of consent arrived. The first six come from the recipient, the others from the team.",
    PREFERENCE_PAGE="The recipient saved the preference page.",
    UNSUBSCRIBE_LINK="The recipient opened an unsubscribe link and confirmed.",
    ONE_CLICK="The recipient's mail program sent a one-click unsubscribe (RFC 8058).",
    KEYWORD="The recipient sent a keyword such as STOP.",
    CONFIRMATION="The recipient confirmed an opt-in.",
    PROVIDER="A mail or message provider reported what the recipient did there.",
    CONTACT_RECORD="A team member changed one recipient.",
    BULK_UPDATE="A bulk update by the team.",
    IMPORT="An import.",
    INTEGRATION="Another system, with an integration token.",
    WORKFLOW="A workflow.",
    REVERSAL="A bulk update or import was undone.",
)
_publish(
    BlockReason,
    "Why a message may not be sent. Where several reasons apply, the first in this order is given.",
    ADDRESS_UNUSABLE="The address is invalid, does not exist, or was erased.",
    TYPE_UNAVAILABLE="The subscription type is archived or not offered on the channel.",
    OPTED_OUT_OF_ALL="The recipient is opted out of everything from the business unit on the channel.",
    OPTED_OUT="The recipient is opted out of the subscription type.",
    PAUSED="The recipient receives no marketing until the pause ends.",
    CONFIRMATION_PENDING="The opt-in waits for the recipient's confirmation.",
    NOT_OPTED_IN="The recipient is not opted in, and the channel or the business unit requires an opt-in.",
)
_publish(
    LeavingReason,
    "Why a recipient left. Recipients are asked after they opted out, and may skip the question.",
    TOO_MANY="Too many messages.",
    NOT_AS_EXPECTED="The content is not what they expected.",
    NO_LONGER_INTERESTED="They are no longer interested.",
    NEVER_ASKED="They never signed up.",
    OTHER="Another reason.",
)
_publish(
    ResubscribePolicy,
    "Whether the team may opt a recipient back in after the recipient opted out.",
    WITH_LEGAL_BASIS="Yes, one recipient and type at a time, with a legal basis and an explanation.",
    RECIPIENT_ONLY="No. Only the recipient can opt back in.",
)
_publish(
    ContactOrder,
    "The order of a list of contacts.",
    CREATED_AT_ASC="Oldest first.",
    CREATED_AT_DESC="Newest first.",
    EMAIL_ASC="By email address.",
    NAME_ASC="By last name, then first name.",
    UPDATED_AT_DESC="Last updated first.",
)
_publish(
    OperationKind,
    "What an operation does.",
    BULK_UPDATE="Changes the preferences of many contacts.",
    IMPORT_OPT_OUTS="Imports a list of opt-outs.",
    IMPORT_CONTACTS="Imports contacts.",
    REVERSAL="Undoes a bulk update or an import.",
    WORKFLOW_ENROLMENT="Enrols contacts in a workflow.",
)
_publish(
    OperationState,
    "The state of an operation.",
    QUEUED="It waits to start.",
    RUNNING="It is running.",
    COMPLETED="It ended. Single contacts or rows may have been refused.",
    FAILED="It stopped because of an error.",
    CANCELLED="It was cancelled. What it had changed stays changed.",
)
_publish(
    Meaning,
    "How an incoming text message was classified.",
    name="MessageMeaning",
    STOP="An opt-out keyword.",
    START="An opt-in keyword.",
    HELP="A help keyword.",
    WITHDRAWAL="A request to stop, in the recipient's own words.",
    UNCLEAR="It may be a request to stop. A person has to review it.",
    NOTHING="It says nothing about consent.",
)
_publish(
    Verdict,
    "How a reviewer classified an unclear message.",
    name="MessageVerdict",
    OPT_OUT="The recipient opts out.",
    OPT_IN="The recipient opts in.",
    NOTHING="It says nothing about consent.",
)
_publish(
    Trigger,
    "What enrols a contact in a workflow. Contacts can be enrolled in any workflow by hand as well.",
    name="WorkflowTrigger",
    CONTACT_CREATED="A contact is created.",
    CONTACT_UPDATED="A contact is updated.",
    PREFERENCE_CHANGED="A preference of the contact changes.",
    MANUAL="Contacts are enrolled by `enrollContacts`.",
)
_publish(
    EnrolmentState,
    "How an enrolment ended.",
    name="WorkflowEnrolmentState",
    DONE="The actions ran. Each has its own result.",
    FAILED="The workflow cannot run, for example because one of its subscription types is archived.",
    CUT="The contact was not enrolled: too many workflows had started one another.",
)
_publish(
    ActionOutcome,
    "What a workflow action did to one subscription type of one contact.",
    name="WorkflowActionOutcome",
    CHANGED="The preference changed.",
    UNCHANGED="The preference had the status already.",
    PENDING="The opt-in waits for the recipient's confirmation.",
    REFUSED="The change was refused.",
)
_publish(
    ErrorCode,
    "Why input was refused. Act on the code; the message is for people.",
    name="UserErrorCode",
    NOT_FOUND="The object does not exist.",
    ALREADY_EXISTS="Another object has this key or address.",
    INVALID_ADDRESS="The email address or phone number is invalid.",
    INVALID_VALUE="The value is invalid.",
    ADDRESS_MISSING="The contact or recipient has no address on the channel.",
    LEGAL_BASIS_REQUIRED="The change needs a legal basis to communicate.",
    PROCESSING_BASIS_REQUIRED="The contact needs a legal basis to process and store their data.",
    EXPLANATION_REQUIRED="The change needs an explanation.",
    OPTED_OUT_BY_RECIPIENT="The recipient opted out. Only the recipient can undo that here.",
    OPTED_OUT_OF_ALL="The recipient is opted out of everything from the business unit on the channel.",
    PREVIOUSLY_OPTED_OUT="The recipient was opted out before. This origin cannot opt them in again.",
    CHANNEL_NOT_OFFERED="The subscription type is not offered on the channel.",
    TYPE_ARCHIVED="The subscription type is archived.",
    TYPE_IS_TRANSACTIONAL="The subscription type is transactional and cannot be opted out of.",
    SUPERSEDED="A newer decision on the same preference is recorded.",
    OCCURRED_IN_FUTURE="`occurredAt` lies in the future. An opt-out with such a time counts as now.",
    IDEMPOTENCY_CONFLICT="The idempotency key was used with other input.",
    NOT_REVERSIBLE="The operation cannot be undone.",
    LIMIT_EXCEEDED="A limit was reached. Try again later.",
)
