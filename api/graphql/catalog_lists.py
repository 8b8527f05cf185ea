"""How long lists are that the catalog determines: the cost of an operation counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from preference_center.catalog.catalog import Catalog
from preference_center.catalog.custom_texts import TextKey
from preference_center.rules.types import Channel, PreferenceStatus, RecipientKind

_latest: tuple[Catalog, Mapping[str, int]] | None = None


def catalog_lists(catalog: Catalog) -> Mapping[str, int]:
    """Return the greatest length of each list by `Type.field`, for the state of a catalog."""
    global _latest
    if _latest is None or _latest[0] is not catalog:
        _latest = (catalog, _count(catalog))
    return _latest[1]


def _count(catalog: Catalog) -> Mapping[str, int]:
    units, types = len(catalog.units), len(catalog.types)
    by_unit = [sum(type_.business_unit is unit for type_ in catalog.types) for unit in catalog.units]
    offers = {kind: _offers(catalog, kind) for kind in RecipientKind}
    channels = max(len(kind.channels) for kind in RecipientKind)
    return {
        "Query.businessUnits": units,
        "Query.subscriptionTypes": types,
        "Query.preferenceCounts": types * len(Channel) * len(PreferenceStatus) + units * len(Channel),
        "Query.workflows": len(catalog.workflows),
        "BusinessUnit.subscriptionTypes": max(by_unit, default=0),
        "BusinessUnit.keywords": max((len(unit.keywords) for unit in catalog.units), default=0),
        "BusinessUnit.texts": len(TextKey),
        "Appearance.footerLinks": _longest(unit.appearance.footer_links for unit in catalog.units),
        "Appearance.languages": _longest(unit.appearance.languages for unit in catalog.units),
        "Appearance.customTexts": _longest(unit.appearance.custom_texts for unit in catalog.units),
        "PageText.placeholders": max(len(key.placeholders) for key in TextKey),
        "SubscriptionType.translations": max((len(type_.locales) for type_ in catalog.types), default=0),
        "Contact.preferences": sum(offers.values()),
        "Contact.optOutsOfAll": units * len(Channel),
        "Contact.pauses": units * len(Channel),
        "Recipient.preferences": max(offers.values()),
        "Recipient.optOutsOfAll": units * channels,
        "Recipient.pauses": units * channels,
        "SenderNumber.subscriptionTypes": types,
        "WorkflowAction.subscriptionTypes": types,
        "OperationChange.subscriptionTypes": types,
        "Viewer.businessUnits": units,
    }


def _longest(lists: Iterable[Sequence[object]]) -> int:
    return max(map(len, lists), default=0)


def _offers(catalog: Catalog, kind: RecipientKind) -> int:
    """Return how many preferences an address of a kind has: one for each type and channel."""
    return sum(channel in kind.channels for type_ in catalog.types for channel in type_.channels)
