"""The words of the domain as types: channels, statuses, origins, and what the rules take and give back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Word(Enum):
    """A word of the domain. One of each, so hashed by identity: they are looked up by the million."""

    __hash__ = object.__hash__


class Channel(Word):
    """A way of writing to a person that carries subscriptions."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    WHATSAPP = "WHATSAPP"


class RecipientKind(Word):
    """What an address is: a phone number is one recipient on two channels (R3)."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels on which this kind of address can be written to."""
        return _CHANNELS_OF_KIND[self]


class PreferenceStatus(Word):
    """What holds for (recipient, channel, subscription type)."""

    OPTED_IN = "OPTED_IN"
    NOT_OPTED = "NOT_OPTED"
    OPTED_OUT = "OPTED_OUT"


class Purpose(Word):
    """Why a type of message is sent (R24)."""

    MARKETING = "MARKETING"
    TRANSACTIONAL = "TRANSACTIONAL"


class LegalBasis(Word):
    """The ground on which somebody may be written to, or their data kept."""

    LEGITIMATE_INTEREST_PQL = "LEGITIMATE_INTEREST_PQL"
    LEGITIMATE_INTEREST_CLIENT = "LEGITIMATE_INTEREST_CLIENT"
    LEGITIMATE_INTEREST_OTHER = "LEGITIMATE_INTEREST_OTHER"
    PERFORMANCE_OF_CONTRACT = "PERFORMANCE_OF_CONTRACT"
    CONSENT_WITH_NOTICE = "CONSENT_WITH_NOTICE"
    PROCESS_AND_STORE = "PROCESS_AND_STORE"
    NON_GDPR = "NON_GDPR"


class ConsentOrigin(Word):
    """By what way a change came."""

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
        """Whose act a change of this origin is."""
        return Maker.RECIPIENT if self in _RECIPIENT_MADE else Maker.TEAM


class Maker(Word):
    """Whose act a held state is; NOBODY where nothing was ever said."""

    NOBODY = "NOBODY"
    TEAM = "TEAM"
    RECIPIENT = "RECIPIENT"


class ResubscribePolicy(Word):
    """Whether a unit's team may resubscribe whom the recipient's own opt-out keeps out (R7)."""

    WITH_LEGAL_BASIS = "WITH_LEGAL_BASIS"
    RECIPIENT_ONLY = "RECIPIENT_ONLY"


class OperationKind(Word):
    """What a long job does."""

    BULK_UPDATE = "BULK_UPDATE"
    IMPORT_OPT_OUTS = "IMPORT_OPT_OUTS"
    IMPORT_CONTACTS = "IMPORT_CONTACTS"
    REVERSAL = "REVERSAL"
    WORKFLOW_ENROLMENT = "WORKFLOW_ENROLMENT"


class OperationState(Word):
    """Where a long job stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Meaning(Word):
    """What a text message says about being written to (R27, R29)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"
    WITHDRAWAL = "WITHDRAWAL"
    """A withdrawal in words of the person's own."""
    UNCLEAR = "UNCLEAR"
    """For a person to review."""
    NOTHING = "NOTHING"


class Verdict(Word):
    """What a person took a message for that was unclear."""

    OPT_OUT = "OPT_OUT"
    OPT_IN = "OPT_IN"
    NOTHING = "NOTHING"


class Trigger(Word):
    """What a workflow enrols contacts by."""

    CONTACT_CREATED = "CONTACT_CREATED"
    CONTACT_UPDATED = "CONTACT_UPDATED"
    PREFERENCE_CHANGED = "PREFERENCE_CHANGED"
    MANUAL = "MANUAL"
    """Somebody asks for it."""


class EnrolmentState(Word):
    """What became of an enrolment."""

    DONE = "DONE"
    FAILED = "FAILED"
    """The workflow itself is broken: a type of it is archived, say."""
    CUT = "CUT"
    """Not enrolled: the chain of workflows that led here is too long."""


class ActionOutcome(Word):
    """What one action of an enrolment did to one subscription type."""

    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    PENDING = "PENDING"
    """It waits for the recipient's confirmation (R19)."""
    REFUSED = "REFUSED"


class LeavingReason(Word):
    """Why somebody left, in one press of their own; asked for after they had left, and never needed."""

    TOO_MANY = "TOO_MANY"
    NOT_AS_EXPECTED = "NOT_AS_EXPECTED"
    NO_LONGER_INTERESTED = "NO_LONGER_INTERESTED"
    NEVER_ASKED = "NEVER_ASKED"
    OTHER = "OTHER"


class BlockReason(Word):
    """Why a message may not be sent, in the order in which reasons are looked for (R21)."""

    ADDRESS_UNUSABLE = "ADDRESS_UNUSABLE"
    TYPE_UNAVAILABLE = "TYPE_UNAVAILABLE"
    OPTED_OUT_OF_ALL = "OPTED_OUT_OF_ALL"
    OPTED_OUT = "OPTED_OUT"
    PAUSED = "PAUSED"
    CONFIRMATION_PENDING = "CONFIRMATION_PENDING"
    NOT_OPTED_IN = "NOT_OPTED_IN"


class ErrorCode(Word):
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
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a recipient, or the team through a named API token or the command line."""

    name: str
    maker: Maker = Maker.TEAM
    origin: ConsentOrigin = ConsentOrigin.CONTACT_RECORD
    on_behalf_of: str | None = None

    def __str__(self) -> str:
        return f"{self.name} for {self.on_behalf_of}" if self.on_behalf_of else self.name


RECIPIENT = Actor("recipient", Maker.RECIPIENT, ConsentOrigin.PREFERENCE_PAGE)


class Moment(Word):
    """When a change was decided, seen from something held.

    NOW is a change that names no time: it comes after all that is held, whatever the clocks say.
    """

    NOW = "NOW"
    AFTER = "AFTER"
    SAME = "SAME"
    BEFORE = "BEFORE"


def moment(occurred_at: datetime | None, held_at: datetime | None) -> Moment:
    """Place a change's own time against the time of what is held (R17)."""
    if occurred_at is None:
        return Moment.NOW
    if held_at is None or occurred_at > held_at:
        return Moment.AFTER
    return Moment.SAME if occurred_at == held_at else Moment.BEFORE


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the rules need to know of a business unit."""

    data_privacy: bool
    resubscribe: ResubscribePolicy = ResubscribePolicy.WITH_LEGAL_BASIS


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What the rules need to know of a subscription type, on the channel in question."""

    purpose: Purpose = Purpose.MARKETING
    offered: bool = True
    public: bool = True
    double_opt_in: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A wish to set a status, without its time: of one type, or of all (`facts` None; NOT_OPTED removes)."""

    status: PreferenceStatus
    origin: ConsentOrigin
    facts: TypeFacts | None
    has_legal_basis: bool = False
    has_processing_basis: bool = False
    has_explanation: bool = False
    in_future: bool = False
    through_own_link: bool = True
    """Whether the page or link that it was made on was sent to the address itself (R19)."""


@dataclass(frozen=True, slots=True)
class Held:
    """What holds before a change, and how the change's own time stands to it (R17).

    For a change of all, `status`/`by` are the opt-out of all's own and `all_by` is NOBODY.
    """

    status: PreferenceStatus = PreferenceStatus.NOT_OPTED
    by: Maker = Maker.NOBODY
    when: Moment = Moment.NOW
    all_by: Maker = Maker.NOBODY
    """Who made the opt-out of all that stands; NOBODY where none stands."""
    when_all: Moment = Moment.NOW
    when_own_opt_in: Moment = Moment.NOW
    """For an opt-out of all: against the newest opt-in that the recipient made in that unit (R12, R17)."""
    pending: bool = False
    processing_basis: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The change takes effect. `lifts_all`: the opt-out of all goes with it (R12)."""

    lifts_all: bool = False


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The change asks for what holds already (R16)."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A newer decision is held: recorded, without effect (R17)."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The opt-in waits for the recipient's confirmation (R19)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The change is not permitted."""

    code: ErrorCode


Decision = Accepted | Unchanged | Superseded | Pending | Refused


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a message may be sent (R21): the first reason that blocks, and the end of a pause."""

    reason: BlockReason | None = None
    until: datetime | None = None

    @property
    def allowed(self) -> bool:
        """True where nothing blocks."""
        return self.reason is None


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
