"""The links of one message for each address of a long list, without footers (R31, R32)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from preference_center.address_lists.written import Writer, is_plain
from preference_center.calculations import calculate
from preference_center.exports.stream import Format
from preference_center.links.batches import list_unsubscribe_headers
from preference_center.links.claims import recipient_kind_of
from preference_center.links.message_links import LinkedMessage, link_batch

_COLUMNS: Final = (
    "manage_url",
    "unsubscribe_url",
    "unsubscribe_all_url",
    "list_unsubscribe",
    "list_unsubscribe_post",
)


class ListedLinks:
    """Answers lists of addresses with the links and headers of a message. Reads nothing from the database."""

    def __init__(self, message: LinkedMessage, file_format: Format) -> None:
        """Raises Invalid for a campaign that is too long or cannot be stored."""
        self.kind = recipient_kind_of(message.channel)
        self.writer = Writer(file_format, _COLUMNS, {})
        self._plain = self.writer.end_of_plain_texts()
        self._batch = link_batch(message)

    async def ends(self, fingerprints: Sequence[bytes]) -> Sequence[str]:
        """Return the links to each address, as the end of its line."""
        return await calculate(len(fingerprints), self._ends, fingerprints)

    def _ends(self, fingerprints: Sequence[bytes]) -> list[str]:
        links = [self._links(fingerprint) for fingerprint in fingerprints]
        # Links of one message differ in their tokens alone, which need no escaping.
        if is_plain("".join(links[0])):
            return [self._plain % each for each in links]
        return [self.writer.end(dict(zip(_COLUMNS, each, strict=True))) for each in links]

    def _links(self, fingerprint: bytes) -> tuple[str, str, str, str, str]:
        """The columns of one address."""
        manage_url, type_url, all_url = self._batch.urls(fingerprint)
        unsubscribe_url = type_url or all_url
        return manage_url, unsubscribe_url, all_url, *list_unsubscribe_headers(unsubscribe_url)
