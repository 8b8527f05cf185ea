"""The catalog as the schema has it: one object for each business unit and subscription type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import Catalog
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.rules.types import Channel, RecipientKind
from schema.catalog.types import BusinessUnit, SubscriptionType, business_unit, keyword, subscription_type
from schema.contract.ids import Node
from schema.engine.context import Context


class CatalogView:
    """Business units and subscription types by id."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.units = {row.id: business_unit(row) for row in catalog.units}
        self.types = {
            row.id: subscription_type(row, self.units[row.business_unit.id]) for row in catalog.types
        }
        for type_ in self.types.values():
            type_.business_unit.ordered_types.append(type_)
        self.offers = {recipient_kind: self._offers(recipient_kind) for recipient_kind in RecipientKind}
        """Each type with each channel it is offered on, for the channels of a kind of address."""

    def _offers(self, recipient_kind: RecipientKind) -> list[tuple[SubscriptionType, Channel]]:
        return [
            (type_, channel)
            for type_ in self.types.values()
            for channel in type_.channels
            if channel in recipient_kind.channels
        ]

    def unit(self, row: CatalogUnit) -> BusinessUnit:
        """Return a business unit of the catalog."""
        return self.units[row.id]

    def type(self, row: CatalogType) -> SubscriptionType:
        """Return a subscription type of the catalog."""
        return self.types[row.id]


_latest: CatalogView | None = None


def catalog_view(context: Context) -> CatalogView:
    """Return the view of the context's catalog. It is built once for each state of the catalog."""
    view: CatalogView | None = context.catalog_view
    if view is None or view.catalog is not context.catalog:
        view = context.catalog_view = _view_of(context.catalog)
    return view


def _view_of(catalog: Catalog) -> CatalogView:
    global _latest
    if _latest is None or _latest.catalog is not catalog:
        _latest = CatalogView(catalog)
    return _latest


async def ensure_in_catalog(
    context: Context, *, unit_ids: Iterable[int] = (), type_ids: Iterable[int] = ()
) -> None:
    """Refresh the catalog if rows refer to units or types that another process has just created."""
    view = catalog_view(context)
    if not (view.units.keys() >= set(unit_ids) and view.types.keys() >= set(type_ids)):
        await context.refresh_catalog()


async def ensure_type_keys(context: Context, keys: Iterable[str]) -> None:
    """Refresh the catalog if rows refer to types, by key, that another process has just created."""
    if not all(map(context.catalog.type_by_key, keys)):
        await context.refresh_catalog()


async def read_units(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the business units with these ids."""
    units = catalog_view(context).units
    return {unit_id: units[unit_id] for unit_id in ids if unit_id in units}


async def read_keywords(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the keywords with these ids."""
    rows = {row.id: row for unit in context.catalog.units for row in unit.keywords}
    return {keyword_id: keyword(rows[keyword_id]) for keyword_id in ids if keyword_id in rows}


async def read_types(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the subscription types with these ids."""
    types = catalog_view(context).types
    return {type_id: types[type_id] for type_id in ids if type_id in types}
