"""The catalog: business units, subscription types and enabled workflows, cached in memory by version.

It has a few dozen rows and every request reads it. Whoever changes it increases its version in the database
(`changes.increase_version`), so that every process notices.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from preference_center.catalog import appearance as appearances
from preference_center.catalog import workflow_rows
from preference_center.catalog.appearance import Appearance
from preference_center.rules.decisions import TypeFacts, UnitFacts
from preference_center.rules.languages import localized
from preference_center.rules.references import type_reference, unit_reference
from preference_center.rules.types import Channel, Meaning, Purpose, ResubscribePolicy, Trigger
from preference_center.rules.workflows import Workflow
from preference_center.storage import database, shares
from preference_center.storage.connection import open_database_key

KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
"""The shape of a key: a lower-case slug of at most 64 characters."""
_MAX_AGE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class AddedKeyword:
    """A keyword that a unit added to those of R27."""

    id: int
    word: str
    """Normalised, as messages are compared."""
    meaning: Meaning
    locale: str | None


@dataclass(frozen=True, slots=True, eq=False)
class BusinessUnit:
    """A business unit, as it was when the catalog was read."""

    id: int
    key: str
    name: str
    data_privacy: bool
    resubscribe: ResubscribePolicy
    default_locale: str
    colour: str
    logo: str | None
    postal_address: str | None
    facts: UnitFacts
    reference: bytes
    keywords: tuple[AddedKeyword, ...] = ()
    appearance: Appearance = field(default_factory=Appearance)
    """How the brand looks and speaks, the colour and the logo included."""


@dataclass(frozen=True, slots=True, eq=False)
class SubscriptionType:
    """A subscription type, as it was when the catalog was read."""

    id: int
    key: str
    reference: bytes
    business_unit: BusinessUnit
    names: dict[str, str]
    descriptions: dict[str, str]
    purpose: Purpose
    channels: tuple[Channel, ...]
    is_public: bool
    double_opt_in: bool
    archived_at: datetime | None
    facts_by_channel: dict[Channel, TypeFacts]
    position: int = 0
    """Types with a lower one come first; at the same, in the order of creation."""
    groups: dict[str, str] = field(default_factory=dict)
    """The name of the group that it is listed in, by language; empty for none."""
    frequencies: dict[str, str] = field(default_factory=dict)
    """A note how often its messages come, by language: {"en": "about twice a month"}."""

    @property
    def locales(self) -> list[str]:
        """The languages of its texts, ordered."""
        return sorted({*self.names, *self.descriptions, *self.groups, *self.frequencies})

    def name(self, locale: str | None = None) -> str:
        """The name in `locale`, else in the unit's language, else in any; the key if it has none."""
        found = localized(self.names, locale, self.business_unit.default_locale)
        return found[0] if found else self.key

    def description(self, locale: str | None = None) -> str:
        """The description, in a language chosen like that of `name`; empty if it has none."""
        found = localized(self.descriptions, locale, self.business_unit.default_locale)
        return found[0] if found else ""

    def group(self, locale: str | None = None) -> str | None:
        """The name of its group, in a language chosen like that of `name`; None if it is in none."""
        found = localized(self.groups, locale, self.business_unit.default_locale)
        return found[0] if found else None

    def frequency(self, locale: str | None = None) -> str:
        """The note how often its messages come, in a language chosen like that of `name`; may be empty."""
        found = localized(self.frequencies, locale, self.business_unit.default_locale)
        return found[0] if found else ""

    def facts(self, channel: Channel) -> TypeFacts:
        """What the rules need to know about this type on a channel."""
        return self.facts_by_channel[channel]


@dataclass(frozen=True)
class Catalog:
    """All units, types and enabled workflows at one version."""

    version: int
    units: tuple[BusinessUnit, ...]
    types: tuple[SubscriptionType, ...]
    """By unit, then by position, then in the order of creation."""
    workflows: tuple[Workflow, ...] = ()
    """In the order of creation. Their counts are out of date."""

    @cached_property
    def _units(self) -> dict[Any, BusinessUnit]:
        return {name: unit for unit in self.units for name in (unit.id, unit.key, unit.reference)}

    @cached_property
    def _types(self) -> dict[Any, SubscriptionType]:
        return {name: type_ for type_ in self.types for name in (type_.id, type_.key, type_.reference)}

    @property
    def only_unit(self) -> BusinessUnit | None:
        """The only unit, whose brand every page has; None if there are several, or none."""
        return self.units[0] if len(self.units) == 1 else None

    def unit_by_id(self, unit_id: int) -> BusinessUnit:
        """The unit of a foreign key. Raises KeyError for an unknown id."""
        return self._units[unit_id]

    def unit_by_key(self, key: str) -> BusinessUnit | None:
        """The unit with a key, or None."""
        return self._units.get(key)

    def unit_by_reference(self, reference: bytes) -> BusinessUnit | None:
        """The unit that a link names, or None."""
        return self._units.get(reference)

    def type_by_id(self, type_id: int) -> SubscriptionType:
        """The type of a foreign key. Raises KeyError for an unknown id."""
        return self._types[type_id]

    def type_by_key(self, key: str) -> SubscriptionType | None:
        """The type with a key, or None."""
        return self._types.get(key)

    def type_by_reference(self, reference: bytes) -> SubscriptionType | None:
        """The type that a link names, or None."""
        return self._types.get(reference)

    @cached_property
    def _types_by_unit_id(self) -> dict[int, tuple[SubscriptionType, ...]]:
        return {u.id: tuple(t for t in self.types if t.business_unit is u) for u in self.units}

    def types_of(self, unit: BusinessUnit) -> tuple[SubscriptionType, ...]:
        """The unit's types, archived ones too, by position."""
        return self._types_by_unit_id[unit.id]

    @cached_property
    def _workflows_by_trigger(self) -> dict[Trigger, tuple[Workflow, ...]]:
        return {trigger: tuple(w for w in self.workflows if trigger in w.triggers) for trigger in Trigger}

    def listening(self, trigger: Trigger) -> tuple[Workflow, ...]:
        """The enabled workflows with a trigger."""
        return self._workflows_by_trigger[trigger]


_cached: tuple[Catalog, float, int] | None = None
"""The catalog, when its version was last checked (monotonic seconds), and the database it was read from."""


async def current_catalog() -> Catalog:
    """Return the catalog, at most a second behind the changes of other processes."""
    if _cached is not None:
        catalog, checked_at, database_id = _cached
        if database_id == _database_id() and time.monotonic() - checked_at < _MAX_AGE_SECONDS:
            return catalog
    return await exact_catalog()


async def exact_catalog() -> Catalog:
    """Return the catalog as it is now; reads it again only if its version has changed."""
    global _cached
    with shares.may_lag(False):  # a replica may have an older one
        version = (await database.fetch("SELECT version FROM catalog_state WHERE id = 1"))[0]["version"]
        catalog = _cached_at(version) or await _read(version)
    _cached = (catalog, time.monotonic(), _database_id())
    return catalog


async def catalog_at_version(version: int) -> Catalog:
    """Return the catalog at a version that was just read: the cached one, if it has that version."""
    return _cached_at(version) or await exact_catalog()


def last_known_catalog() -> Catalog:
    """Return the catalog that was read last, without asking the database; an empty one if none was read."""
    if _cached is None or _cached[2] != _database_id():
        return Catalog(0, (), ())
    return _cached[0]


def invalidate_catalog() -> None:
    """Read the catalog again the next time."""
    global _cached
    _cached = None


def _cached_at(version: int) -> Catalog | None:
    if _cached is not None and _cached[0].version == version and _cached[2] == _database_id():
        return _cached[0]
    return None


def _database_id() -> int:
    """Identifies the open database."""
    return id(open_database_key())


async def _read(version: int) -> Catalog:
    keywords: dict[int, list[AddedKeyword]] = {}
    for row in await database.fetch("SELECT * FROM keywords ORDER BY id"):
        keywords.setdefault(row["business_unit_id"], []).append(_keyword(row))
    units = {
        row["id"]: _unit(row, keywords.get(row["id"], ()))
        for row in await database.fetch("SELECT * FROM business_units ORDER BY id")
    }
    rows = await database.fetch("SELECT * FROM subscription_types ORDER BY business_unit_id, position, id")
    types = tuple(_type(row, units) for row in rows)
    return Catalog(version, tuple(units.values()), types, await workflow_rows.enabled())


def _keyword(row: database.Row) -> AddedKeyword:
    return AddedKeyword(row["id"], row["word"], Meaning(row["meaning"]), row["locale"])


def _unit(row: database.Row, keywords: Sequence[AddedKeyword]) -> BusinessUnit:
    privacy, policy = bool(row["data_privacy"]), ResubscribePolicy(row["resubscribe"])
    return BusinessUnit(
        id=row["id"],
        key=row["key"],
        name=row["name"],
        data_privacy=privacy,
        resubscribe=policy,
        default_locale=row["default_locale"],
        colour=row["colour"],
        logo=row["logo"],
        postal_address=row["postal_address"],
        facts=UnitFacts(privacy, policy),
        reference=unit_reference(row["key"]),
        keywords=tuple(keywords),
        appearance=appearances.from_stored(
            database.json_value(row["appearance"]), row["colour"], row["logo"]
        ),
    )


def _type(row: database.Row, units: dict[int, BusinessUnit]) -> SubscriptionType:
    channels = tuple(Channel(name) for name in database.json_value(row["channels"]))
    purpose, archived_at = Purpose(row["purpose"]), database.optional_instant(row["archived_at"])
    is_public, double_opt_in = bool(row["is_public"]), bool(row["double_opt_in"])
    return SubscriptionType(
        id=row["id"],
        key=row["key"],
        reference=type_reference(row["key"]),
        business_unit=units[row["business_unit_id"]],
        names=database.json_value(row["names"]),
        descriptions=database.json_value(row["descriptions"]),
        purpose=purpose,
        channels=channels,
        is_public=is_public,
        double_opt_in=double_opt_in,
        archived_at=archived_at,
        facts_by_channel={
            channel: TypeFacts(
                purpose, channel in channels, is_public, double_opt_in, archived_at is not None
            )
            for channel in Channel
        },
        position=row["position"],
        groups=database.json_value(row["group_names"]),
        frequencies=database.json_value(row["frequencies"]),
    )
