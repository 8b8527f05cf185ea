"""Looks of a business unit that are not saved, kept for a day so that a link can show them.

A look has up to three pictures, so it does not fit into a URL. Nothing else refers to these rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from preference_center.catalog.appearance import Appearance, from_stored, stored
from preference_center.catalog.appearance_settings import checked_appearance, with_appearance
from preference_center.catalog.catalog import BusinessUnit, Catalog, exact_catalog
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables import catalog as tables

REFERENCE_BYTES: Final = 16
VALID_FOR: Final = timedelta(days=1)
_MOST_KEPT: Final = 500
"""Of a row with three pictures, 33 MB."""


class PreviewPage(Enum):
    """What a preview can show: every page, mail and text message that recipients see."""

    PREFERENCES = "PREFERENCES"
    PREFERENCES_STOPPED = "PREFERENCES_STOPPED"
    PREFERENCES_PAUSED = "PREFERENCES_PAUSED"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    CONFIRM = "CONFIRM"
    CONFIRMED = "CONFIRMED"
    LINK_REQUEST = "LINK_REQUEST"
    LINK_REQUESTED = "LINK_REQUESTED"
    EXPIRED_LINK = "EXPIRED_LINK"
    HISTORY = "HISTORY"
    ERASURE = "ERASURE"
    LINK_MAIL = "LINK_MAIL"
    LINK_MAIL_TEXT = "LINK_MAIL_TEXT"
    CONFIRM_MAIL = "CONFIRM_MAIL"
    CONFIRM_MAIL_TEXT = "CONFIRM_MAIL_TEXT"
    CONFIRM_SEVERAL_MAIL = "CONFIRM_SEVERAL_MAIL"
    CONFIRM_SEVERAL_MAIL_TEXT = "CONFIRM_SEVERAL_MAIL_TEXT"
    ERASURE_MAIL = "ERASURE_MAIL"
    ERASURE_MAIL_TEXT = "ERASURE_MAIL_TEXT"
    TEXT_MESSAGES = "TEXT_MESSAGES"


@dataclass(frozen=True, slots=True)
class KeptLook:
    """A look that is kept for its preview."""

    unit_key: str
    reference: bytes
    created_at: datetime


async def keep_look(business_unit: str, appearance: Mapping[str, Any]) -> KeptLook:
    """Keep what a unit would look like with these settings, as `update_unit` takes them.

    Raises Invalid as `update_unit` does.
    """
    with Faults() as faults:
        unit = (await exact_catalog()).unit_by_key(business_unit)
        if unit is None:
            message = f"There is no business unit {business_unit[:80]!r}."
            faults.add(Invalid(ErrorCode.NOT_FOUND, message, "businessUnit"))
        changes = faults.of(checked_appearance, appearance)
    assert unit
    look = with_appearance(unit, changes).appearance
    kept = KeptLook(unit.key, secrets.token_bytes(REFERENCE_BYTES), database.now())
    await _keep(unit.id, kept, look)
    return kept


async def find_look(reference: bytes) -> Appearance | None:
    """The look with a reference; None after its day."""
    row = await tables.Preview.get_or_none(reference=reference, created_at__gt=database.now() - VALID_FOR)
    return from_stored(row.settings, row.colour, row.logo) if row else None


def with_look(catalog: Catalog, unit: BusinessUnit, look: Appearance) -> tuple[Catalog, BusinessUnit]:
    """Return the catalog and the unit in it as if the unit had this look."""
    changed = replace(unit, appearance=look, colour=look.primary_colour, logo=look.logo)
    types = tuple(
        replace(type_, business_unit=changed) if type_.business_unit is unit else type_
        for type_ in catalog.types
    )
    units = tuple(changed if each is unit else each for each in catalog.units)
    return Catalog(catalog.version, units, types, catalog.workflows), changed


@transaction
async def _keep(unit_id: int, kept: KeptLook, look: Appearance) -> None:
    """Store a look, and delete those whose day is over, and the oldest if there are too many."""
    await tables.Preview.filter(created_at__lte=kept.created_at - VALID_FOR).delete()
    oldest = await tables.Preview.all().order_by("-id").offset(_MOST_KEPT - 1).first()
    if oldest is not None:
        await tables.Preview.filter(id__lte=oldest.id).delete()
    await tables.Preview.create(
        reference=kept.reference,
        business_unit_id=unit_id,
        settings=stored(look),
        colour=look.primary_colour,
        logo=look.logo,
        created_at=kept.created_at,
    )
