"""Erasing a person from the short links (R36)."""

from __future__ import annotations

from preference_center.personal_data import ENUM, PersonalData

PERSONAL_DATA = (
    PersonalData(
        table="short_links",
        # A code stays as long as the link that it stands for: the link of an erased person says so, and opts
        # out what is left (R34).
        fingerprints=("payload",),
        never_personal={"digest": "A keyed digest of a random code.", "kind": ENUM},
    ),
)
