"""API tokens belong to the team: an erasure leaves them as they are (R36)."""

from __future__ import annotations

from preference_center.personal_data import ENUM, PersonalData

_TOKEN = "Names an API client of the team, or verifies its token."  # noqa: S105 (a sentence)

PERSONAL_DATA = (
    PersonalData(
        table="access_tokens",
        never_personal={
            **dict.fromkeys(("name", "prefix", "digest"), _TOKEN),
            **dict.fromkeys(("scopes", "origin"), ENUM),
        },
    ),
)
