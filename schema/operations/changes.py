"""What an operation sets, and on whom."""

from __future__ import annotations

from typing import Any

import strawberry

from preference_center.operations.operations import OperationRow
from preference_center.rules.types import OperationKind
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import catalog_view
from schema.contacts.filter_shown import shown_filter
from schema.contract.enums import Channel, LegalBasis, PreferenceStatus
from schema.contract.fields import resolver
from schema.contract.scalars import JSON
from schema.engine.context import Context

_MOST_IDS = 1_000
"""That a shown filter has."""


@strawberry.type
class OperationChange:
    """What a bulk update or an import sets, as it was asked for. `Operation.explanation` says why."""

    channel: Channel | None = strawberry.field(
        description="The channel; null for an import of contacts, whose columns name channels."
    )
    status: PreferenceStatus | None = strawberry.field(
        description="The status that it sets for `subscriptionTypes`; null if it sets none."
    )
    subscription_types: list[SubscriptionType] = strawberry.field(
        description="The subscription types whose status it sets. Empty for imports: see `Operation.columns`."
    )
    business_unit: BusinessUnit | None = strawberry.field(
        description="The business unit that `optOutOfAll` or `removeOptOutOfAll` is about; null if none was"
        " named."
    )
    opt_out_of_all: bool = strawberry.field(
        description="Whether it opts out of everything from `businessUnit` on the channel."
    )
    remove_opt_out_of_all: bool = strawberry.field(
        description="Whether it removes opt-outs of all that the team made: those of `businessUnit`, and of"
        " the business units of `subscriptionTypes`."
    )
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate that it records; null if none was given."
    )
    processing_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to process and store that it records for contacts without one; null if"
        " none was given."
    )


@strawberry.type
class OperationSelection:
    """The contacts that an operation works on."""

    description: str = strawberry.field(
        description="The filter in a sentence, such as `Contacts whose language is 'en' and opted out of"
        " 'letters' by email.` It names nobody: values that could tell who somebody is are left out."
    )
    stored: strawberry.Private[dict[str, Any] | None]

    @resolver()
    def filter(self) -> JSON | None:
        """The filter as it was given, written like the input `ContactFilter`.

        Contacts that were named by id are in `ids`. Null once the operation has ended, because a filter may
        name people, and if it names more than 1,000 contacts by id.
        """
        if self.stored is None or len(self.stored.get("ids", ())) > _MOST_IDS:
            return None
        shown: Any = shown_filter(self.stored)
        return shown  # type: ignore[no-any-return]


def type_keys_of(row: OperationRow) -> set[str]:
    """Return the keys of the subscription types that an operation sets."""
    return set(row.parameters.get("types", ()))


def change_of(row: OperationRow, context: Context) -> OperationChange | None:
    """Return what an operation sets; None for a reversal and an enrolment."""
    given = row.parameters
    if row.kind in (OperationKind.REVERSAL, OperationKind.WORKFLOW_ENROLMENT):
        return None
    view, catalog = catalog_view(context), context.catalog
    types = (catalog.type_by_key(key) for key in given.get("types", ()))
    unit_key = given.get("unit") or given.get("business_unit")
    unit = catalog.unit_by_key(unit_key) if unit_key else None
    imports_opt_outs = row.kind is OperationKind.IMPORT_OPT_OUTS
    status, channel = given.get("status"), given.get("channel")
    return OperationChange(
        channel=Channel(channel) if channel else None,
        status=PreferenceStatus(status) if status else None,
        subscription_types=[view.type(type_) for type_ in types if type_ is not None],
        business_unit=view.unit(unit) if unit else None,
        opt_out_of_all=imports_opt_outs or bool(given.get("opt_out_of_all")),
        remove_opt_out_of_all=bool(given.get("remove_opt_out_of_all")),
        legal_basis=_basis(given.get("legal_basis")),
        processing_basis=_basis(given.get("processing_basis")),
    )


def selection_of(row: OperationRow) -> OperationSelection | None:
    """Return the selection of an operation; None if it takes no filter, and for older operations."""
    description = row.parameters.get("described")
    if description is None:
        return None
    return OperationSelection(description=description, stored=row.parameters.get("selection"))


def _basis(value: str | None) -> LegalBasis | None:
    return LegalBasis(value) if value else None
