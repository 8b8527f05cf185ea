"""The catalog keeps nothing about recipients: an erasure leaves its tables as they are (R36)."""

from __future__ import annotations

from preference_center.personal_data import ENUM, PersonalData

_BRAND = "Describes the brand, on pages and in messages."
_NUMBER = "The business's own number."
_KEYWORD = "A keyword that the business unit accepts, for everybody."

PERSONAL_DATA = (
    PersonalData(
        table="business_units",
        never_personal={
            **dict.fromkeys(
                ("key", "name", "default_locale", "colour", "logo", "postal_address", "appearance"), _BRAND
            ),
            "resubscribe": ENUM,
        },
    ),
    PersonalData(
        table="subscription_types",
        never_personal={
            **dict.fromkeys(
                ("key", "reference", "names", "descriptions", "group_names", "frequencies"), _BRAND
            ),
            **dict.fromkeys(("purpose", "channels"), ENUM),
        },
    ),
    PersonalData(
        table="previews",
        never_personal=dict.fromkeys(("reference", "settings", "colour", "logo"), _BRAND),
    ),
    PersonalData(
        table="sender_numbers",
        never_personal={**dict.fromkeys(("number", "provider_id"), _NUMBER), "channel": ENUM},
    ),
    PersonalData(
        table="keywords",
        never_personal={**dict.fromkeys(("word", "locale"), _KEYWORD), "meaning": ENUM},
    ),
)
