"""The GraphQL operations of the journeys."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.rules.types import Channel
from tests.journeys.catalog import TYPES

UPDATE = """
mutation Update($input: UpdatePreferencesInput!) {
  updatePreferences(input: $input) {
    outcomes { subscriptionType { key } channel status changed error { code } }
    userErrors { code field }
  }
}"""
OPT_OUT_OF_ALL = """
mutation OptOut($input: OptOutOfAllInput!) {
  optOutOfAll(input: $input) { recipient { id } userErrors { code } }
}"""
REMOVE_OPT_OUT_OF_ALL = """
mutation Remove($input: RemoveOptOutOfAllInput!) {
  removeOptOutOfAll(input: $input) { recipient { id } userErrors { code } }
}"""
PAUSE = """
mutation Pause($input: PauseInput!) { pausePreferences(input: $input) { userErrors { code } } }"""
CREATE_CONTACT = """
mutation Create($input: CreateContactInput!) {
  createContact(input: $input) { contact { id } userErrors { code field } }
}"""
UPDATE_CONTACT = """
mutation Change($input: UpdateContactInput!) { updateContact(input: $input) { userErrors { code } } }"""
DELETE_CONTACT = """
mutation Delete($input: DeleteContactInput!) {
  deleteContact(input: $input) { deletedId userErrors { code } }
}"""
ERASE = """
mutation Erase($input: EraseRecipientInput!) { eraseRecipient(input: $input) { userErrors { code } } }"""
ARCHIVE = """
mutation Archive($input: ArchiveSubscriptionTypeInput!) {
  archiveSubscriptionType(input: $input) { subscriptionType { archivedAt } userErrors { code } }
}"""


def all_that_is_seen(way: str, people: int, channels: Sequence[Channel]) -> str:
    """One query for the state of some addresses, and for what may be sent to them.

    `way` is how addresses are named, `email` or `phone`; they are the variables `$a0` and so on, and `$all`.
    """
    names = [f"a{number}" for number in range(people)]
    declared = ", ".join(f"${name}: String!" for name in names)
    held = " ".join(f"{name}: recipient(by: {{ {way}: ${name} }}) {{ ...Held }}" for name in names)
    sending = " ".join(
        f'{channel.value}_{key}: eligibility(subscriptionType: "{key}", channel: {channel.value},'
        " addresses: $all) { eligibility { allowed reason } }"
        for channel in channels
        for key in TYPES
    )
    return f"query Seen({declared}, $all: [String!]!) {{ {held} {sending} }}" + HELD


HELD = """
fragment Held on Recipient {
  preferences { subscriptionType { key } channel status }
  optOutsOfAll { channel businessUnit { key } }
  pauses { channel businessUnit { key } }
}"""
