"""Scopes: what each lets an API token read and do.

This is the only table of them. Fields, filters, files and routes name its entries, docs/scopes.md shows it,
and tests compare both with it. Whatever lets a caller conclude something counts as reading it: filters,
counts, orders, dry runs, and the reasons of refusals.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

ADMIN: Final = "admin"
DESCRIPTIONS: Final = {
    "contacts:read": "read contacts, operations and workflows",
    "contacts:write": "create, change, delete and erase contacts",
    "preferences:read": "read consent: preferences, eligibility, the ledger, messages, statistics",
    "preferences:write": "change the preferences of one recipient at a time",
    "links:create": "create, send and revoke links: a manage link shows and changes preferences",
    "catalog:write": "change business units and subscription types",
    "operations:write": "import files, update in bulk, undo and cancel",
    "workflows:write": "change workflows, and enrol contacts in them",
    "integrations:write": "change sender numbers and keywords",
    ADMIN: "everything",
}
"""What each scope lets a token do, in short."""
SCOPES: Final = frozenset(DESCRIPTIONS)
"""The scopes a token can have; `admin` includes all others."""


@dataclass(frozen=True, slots=True)
class Access:
    """Something that a token may read or do, and the scopes that it needs for it."""

    what: str
    """As the docs say it."""
    scopes: tuple[str, ...]
    """All of them; with `any_of`, one of them."""
    any_of: bool = False

    def missing(self, held: Collection[str]) -> str | None:
        """Return a scope that is needed and not among those of a token; None if it has what is needed."""
        lacking = [scope for scope in self.scopes if scope not in held]
        is_enough = len(lacking) < len(self.scopes) if self.any_of else not lacking
        return None if is_enough or ADMIN in held else lacking[0]


READ_CONTACTS: Final = Access(
    "Contacts: everything but the id of a contact, wherever one is returned; `/exports/contacts`",
    ("contacts:read",),
)
FILTER_BY_CONTACT: Final = Access(
    "Conditions on a contact's data, in every filter, search and parameter: `search`, `emails`,"
    " `emailDomains`, `phones`, `hasEmail`, `hasPhone`, `locale`, `processingBases`, `hasProcessingBasis`,"
    " `createdAt`, `updatedAt`, `property`, `properties`",
    ("contacts:read",),
)
READ_CONSENT: Final = Access(
    "Consent: recipients, their preferences, opt-outs of all, pauses and history, eligibility, call"
    " permissions, the ledger, its evidence, messages to review, leaving reasons, and the counts of all"
    " these; `/eligibility`, `/exports/suppressions`, `/exports/events`, and the columns of"
    " `/exports/contacts` about consent",
    ("preferences:read",),
)
FILTER_BY_CONSENT: Final = Access(
    "Conditions on consent, in every filter and parameter: `preference`, `preferenceChanged`,"
    " `optedOutOfEmail`, `unsubscribedFromAllEmail`, `optedOutOfAll`, `pendingOptIn`, `paused`,"
    " `deliverability`; `subscription_type`, `status` and `channel` of `/exports/contacts`",
    ("preferences:read",),
)
READ_ADDRESSES: Final = Access(
    "The address of a recipient, wherever one is returned; whether `sendPreferenceLink` found an address",
    ("contacts:read", "preferences:read"),
    any_of=True,
)
READ_OPERATIONS: Final = Access(
    "`operation`, `operations`, their number in `badges`, and the operation of an event", ("contacts:read",)
)
WATCH_OPERATIONS: Final = Access(
    "`/operations/{id}` and its refusals: progress, results, and refusals for a reason in the file, the"
    " contact or the catalog",
    ("operations:write", "contacts:read"),
    any_of=True,
)
READ_REFUSED_CONTACTS: Final = Access(
    "Who was refused: addresses in the refusals of an operation, and the contacts of a file's lines; in a dry"
    " run, which contacts do not exist or have no address",
    ("contacts:read",),
)
READ_REFUSAL_REASONS: Final = Access(
    "Refusals of an operation for reasons that tell consent, such as `OPTED_OUT_BY_RECIPIENT`, and their"
    " counts",
    ("preferences:read",),
)
READ_DRY_RUNS: Final = Access(
    "What a dry run would change: its numbers, apart from progress; `updatePreferences` with `dryRun`",
    ("preferences:read",),
)
READ_DRY_RUNS_OF_CONTACTS: Final = Access(
    "The same for an import of contacts, and for `updatePreferences` with `dryRun` of a contact by id; all"
    " numbers of a dry run that enrols contacts",
    ("contacts:read", "preferences:read"),
)
READ_WORKFLOWS: Final = Access("`workflow`, `workflows`; the filter of a workflow", ("contacts:read",))
READ_ENROLMENTS: Final = Access(
    "Enrolments in workflows, and their counts", ("contacts:read", "preferences:read")
)
WRITE_CONTACTS: Final = Access(
    "`createContact`, `updateContact`, `deleteContact`, `eraseRecipient`", ("contacts:write",)
)
WRITE_PREFERENCES: Final = Access(
    "`updatePreferences`, `optOutOfAll`, `removeOptOutOfAll`, `pausePreferences`, `settleMessage`,"
    " `permitCall`, `recordCall`",
    ("preferences:write",),
)
CREATE_LINKS: Final = Access(
    "`createPreferenceLinks`, `sendPreferenceLink`, `revokePreferenceLinks`, `resendConfirmation`; `/links`",
    ("links:create",),
)
CREATE_LINKS_OF_CONTACTS: Final = Access(
    "`createPreferenceLinks` for contacts by id: the page of a link shows the address",
    ("links:create", "contacts:read"),
)
WRITE_CATALOG: Final = Access(
    "`createBusinessUnit`, `updateBusinessUnit`, `createSubscriptionType`, `updateSubscriptionType`,"
    " `archiveSubscriptionType`, `orderSubscriptionTypes`, `createPreview`",
    ("catalog:write",),
)
RUN_OPERATIONS: Final = Access(
    "`bulkUpdatePreferences`, `revertOperation`, `cancelOperation`; `/imports/opt-outs`, `/imports/contacts`",
    ("operations:write",),
)
WRITE_WORKFLOWS: Final = Access(
    "`createWorkflow`, `updateWorkflow`, `deleteWorkflow`, `enrollContacts`", ("workflows:write",)
)
WRITE_INTEGRATIONS: Final = Access(
    "`createSenderNumber`, `updateSenderNumber`, `deleteSenderNumber`, `addKeyword`, `removeKeyword`",
    ("integrations:write",),
)
TABLE: Final = (
    READ_CONTACTS,
    FILTER_BY_CONTACT,
    READ_CONSENT,
    FILTER_BY_CONSENT,
    READ_ADDRESSES,
    READ_OPERATIONS,
    WATCH_OPERATIONS,
    READ_REFUSED_CONTACTS,
    READ_REFUSAL_REASONS,
    READ_DRY_RUNS,
    READ_DRY_RUNS_OF_CONTACTS,
    READ_WORKFLOWS,
    READ_ENROLMENTS,
    WRITE_CONTACTS,
    WRITE_PREFERENCES,
    CREATE_LINKS,
    CREATE_LINKS_OF_CONTACTS,
    WRITE_CATALOG,
    RUN_OPERATIONS,
    WRITE_WORKFLOWS,
    WRITE_INTEGRATIONS,
)
"""Every entry, in the order of the docs. Whatever has none needs a token and no scope."""
