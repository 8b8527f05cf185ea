"""The terms of the domain as types: channels, statuses, origins, legal bases, actors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class DomainEnum(Enum):
    """An enum of the domain. Members are singletons, so hashing by identity is safe; it is faster."""

    __hash__ = object.__hash__


class Channel(DomainEnum):
    """A way to reach a person that carries subscriptions."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    WHATSAPP = "WHATSAPP"


class RecipientKind(DomainEnum):
    """What an address is. A phone number is one recipient on two channels (R3)."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that reach this kind of address."""
        return _CHANNELS_OF_KIND[self]


class PreferenceStatus(DomainEnum):
    """The state of (recipient, channel, subscription type)."""

    OPTED_IN = "OPTED_IN"
    NOT_OPTED = "NOT_OPTED"
    OPTED_OUT = "OPTED_OUT"


class Purpose(DomainEnum):
    """Why a type of message is sent (R24)."""

    MARKETING = "MARKETING"
    TRANSACTIONAL = "TRANSACTIONAL"


class LegalBasis(DomainEnum):
    """The legal basis to communicate with a person, or to process and store their data."""

    LEGITIMATE_INTEREST_PQL = "LEGITIMATE_INTEREST_PQL"
    LEGITIMATE_INTEREST_CLIENT = "LEGITIMATE_INTEREST_CLIENT"
    LEGITIMATE_INTEREST_OTHER = "LEGITIMATE_INTEREST_OTHER"
    PERFORMANCE_OF_CONTRACT = "PERFORMANCE_OF_CONTRACT"
    CONSENT_WITH_NOTICE = "CONSENT_WITH_NOTICE"
    PROCESS_AND_STORE = "PROCESS_AND_STORE"
    NON_GDPR = "NON_GDPR"

    @property
    def allows_communication(self) -> bool:
        """Whether it is a ground for messages: consent to process and store data is none (R6)."""
        return self is not LegalBasis.PROCESS_AND_STORE


class ConsentOrigin(DomainEnum):
    """How a change arrived."""

    PREFERENCE_PAGE = "PREFERENCE_PAGE"
    UNSUBSCRIBE_LINK = "UNSUBSCRIBE_LINK"
    ONE_CLICK = "ONE_CLICK"
    KEYWORD = "KEYWORD"
    CONFIRMATION = "CONFIRMATION"
    PROVIDER = "PROVIDER"
    CONTACT_RECORD = "CONTACT_RECORD"
    BULK_UPDATE = "BULK_UPDATE"
    IMPORT = "IMPORT"
    INTEGRATION = "INTEGRATION"
    WORKFLOW = "WORKFLOW"
    REVERSAL = "REVERSAL"

    @property
    def maker(self) -> Maker:
        """Whether a change of this origin is recipient-made or team-made."""
        return Maker.RECIPIENT if self in _RECIPIENT_MADE else Maker.TEAM


class Maker(DomainEnum):
    """Who made the decision behind a state; NOBODY if there was none."""

    NOBODY = "NOBODY"
    TEAM = "TEAM"
    RECIPIENT = "RECIPIENT"


class ResubscribePolicy(DomainEnum):
    """Whether a unit's team may resubscribe a recipient who opted out themselves (R7)."""

    WITH_LEGAL_BASIS = "WITH_LEGAL_BASIS"
    RECIPIENT_ONLY = "RECIPIENT_ONLY"


class OperationKind(DomainEnum):
    """What an operation does."""

    BULK_UPDATE = "BULK_UPDATE"
    IMPORT_OPT_OUTS = "IMPORT_OPT_OUTS"
    IMPORT_CONTACTS = "IMPORT_CONTACTS"
    REVERSAL = "REVERSAL"
    WORKFLOW_ENROLMENT = "WORKFLOW_ENROLMENT"


class OperationState(DomainEnum):
    """How far an operation has come."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Meaning(DomainEnum):
    """What a text message means for consent (R27, R29)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"
    WITHDRAWAL = "WITHDRAWAL"
    """A withdrawal in the person's own words."""
    UNCLEAR = "UNCLEAR"
    """A person has to review it."""
    NOTHING = "NOTHING"


class Verdict(DomainEnum):
    """What a reviewer decided about an unclear message."""

    OPT_OUT = "OPT_OUT"
    OPT_IN = "OPT_IN"
    NOTHING = "NOTHING"


class Trigger(DomainEnum):
    """What makes a workflow enrol contacts."""

    CONTACT_CREATED = "CONTACT_CREATED"
    CONTACT_UPDATED = "CONTACT_UPDATED"
    PREFERENCE_CHANGED = "PREFERENCE_CHANGED"
    MANUAL = "MANUAL"
    """A request of the team."""


class EnrolmentState(DomainEnum):
    """The result of an enrolment."""

    DONE = "DONE"
    FAILED = "FAILED"
    """The workflow itself is broken: one of its types is archived, for example."""
    CUT = "CUT"
    """Not enrolled: too many workflows triggered one another."""


class ActionOutcome(DomainEnum):
    """What one action of an enrolment did to one subscription type."""

    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    PENDING = "PENDING"
    """It waits for the recipient's confirmation (R19)."""
    REFUSED = "REFUSED"


class LeavingReason(DomainEnum):
    """Why a person opted out: a voluntary answer, asked for after the opt-out."""

    TOO_MANY = "TOO_MANY"
    NOT_AS_EXPECTED = "NOT_AS_EXPECTED"
    NO_LONGER_INTERESTED = "NO_LONGER_INTERESTED"
    NEVER_ASKED = "NEVER_ASKED"
    OTHER = "OTHER"


class ErrorCode(DomainEnum):
    """Why a request is rejected or a change refused; `UserErrorCode` in the GraphQL schema."""

    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    INVALID_ADDRESS = "INVALID_ADDRESS"
    INVALID_VALUE = "INVALID_VALUE"
    ADDRESS_MISSING = "ADDRESS_MISSING"
    LEGAL_BASIS_REQUIRED = "LEGAL_BASIS_REQUIRED"
    PROCESSING_BASIS_REQUIRED = "PROCESSING_BASIS_REQUIRED"
    EXPLANATION_REQUIRED = "EXPLANATION_REQUIRED"
    OPTED_OUT_BY_RECIPIENT = "OPTED_OUT_BY_RECIPIENT"
    OPTED_OUT_OF_ALL = "OPTED_OUT_OF_ALL"
    PREVIOUSLY_OPTED_OUT = "PREVIOUSLY_OPTED_OUT"
    CHANNEL_NOT_OFFERED = "CHANNEL_NOT_OFFERED"
    TYPE_ARCHIVED = "TYPE_ARCHIVED"
    TYPE_IS_TRANSACTIONAL = "TYPE_IS_TRANSACTIONAL"
    SUPERSEDED = "SUPERSEDED"
    OCCURRED_IN_FUTURE = "OCCURRED_IN_FUTURE"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    NOT_REVERSIBLE = "NOT_REVERSIBLE"
    OPERATION_ENDED = "OPERATION_ENDED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    FORBIDDEN = "FORBIDDEN"
    """The token lacks a scope. Only what may be done says so: a request is refused before it is decided."""


FOR: Final = " for "
"""Stands between a token and the end user that it acts for, where an actor is recorded."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a recipient, or the team through a named API token or the command line."""

    name: str
    maker: Maker = Maker.TEAM
    origin: ConsentOrigin = ConsentOrigin.CONTACT_RECORD
    on_behalf_of: str | None = None

    def __str__(self) -> str:
        return f"{self.name}{FOR}{self.on_behalf_of}" if self.on_behalf_of else self.name


RECIPIENT = Actor("recipient", Maker.RECIPIENT, ConsentOrigin.PREFERENCE_PAGE)
COMMAND_LINE = Actor("command line")
_CHANNELS_OF_KIND = {
    RecipientKind.EMAIL: (Channel.EMAIL,),
    RecipientKind.PHONE: (Channel.SMS, Channel.WHATSAPP),
}
_RECIPIENT_MADE = frozenset(
    {
        ConsentOrigin.PREFERENCE_PAGE,
        ConsentOrigin.UNSUBSCRIBE_LINK,
        ConsentOrigin.ONE_CLICK,
        ConsentOrigin.KEYWORD,
        ConsentOrigin.CONFIRMATION,
        ConsentOrigin.PROVIDER,
    }
)
