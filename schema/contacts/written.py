"""A contact as the payload of a change shows it to a token that may not read contacts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from preference_center.access.scopes import READ_CONTACTS
from schema.contacts.types import Contact

_DATA: Final = frozenset(
    {
        "email",
        "phone",
        "first_name",
        "last_name",
        "locale",
        "properties",
        "processing_basis",
        "created_at",
        "updated_at",
    }
)


class WrittenContact(Contact):
    """A contact of which only the id and what the request wrote can be read."""

    unread: frozenset[str] = frozenset()

    @classmethod
    def of(cls, contact: Contact, changes: Mapping[str, Any]) -> Self:
        """Return the contact without the data that is not in `changes`: reading that is FORBIDDEN.

        Properties are in them only if all were replaced.
        """
        written = changes.keys() - {"properties"}
        if changes.get("replace_properties") is not None:
            written |= {"properties"}
        shown = cls(**vars(contact))
        shown.unread = _DATA - written
        return shown

    def __getattribute__(self, name: str) -> Any:
        """Raise Forbidden for data that the token may not read."""
        if name in _DATA and name in object.__getattribute__(self, "unread"):
            object.__getattribute__(self, "context").require(READ_CONTACTS)
        return object.__getattribute__(self, name)
