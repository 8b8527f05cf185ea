"""Units, types and enabled workflows: a few dozen rows, kept in memory, told apart by a version."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from preference_center.catalog import workflow_rows
from preference_center.rules.decisions import TypeFacts, UnitFacts
from preference_center.rules.languages import matching
from preference_center.rules.references import type_reference, unit_reference
from preference_center.rules.types import Channel, Meaning, Purpose, ResubscribePolicy, Trigger
from preference_center.rules.workflows import Workflow
from preference_center.storage import database
from preference_center.storage.connection import open_database_key

KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
"""The shape of a key: a lower-case slug of at most 64 characters."""
_FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class AddedKeyword:
    """A word that a unit added to those of R27."""

    id: int
    word: str
    """Normalised, as messages are compared."""
    meaning: Meaning
    locale: str | None


@dataclass(frozen=True, slots=True, eq=False)
class BusinessUnit:
    """A business unit, as it was when the catalogue was read."""

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


@dataclass(frozen=True, slots=True, eq=False)
class SubscriptionType:
    """A subscription type, as it was when the catalogue was read."""

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

    def name(self, locale: str | None = None) -> str:
        """The name in the language asked for, else the unit's, else any; at last the key."""
        return _in_language(self.names, locale, self.business_unit.default_locale) or self.key

    def description(self, locale: str | None = None) -> str:
        """The description likewise; empty where there is none."""
        return _in_language(self.descriptions, locale, self.business_unit.default_locale) or ""

    def facts(self, channel: Channel) -> TypeFacts:
        """What the rules need to know of this type on a channel."""
        return self.facts_by_channel[channel]


def _in_language(texts: dict[str, str], locale: str | None, default: str) -> str | None:
    there = [tag for tag, text in texts.items() if text]
    found = (locale and matching(there, locale)) or matching(there, default) or next(iter(there), None)
    return texts[found] if found else None


@dataclass(frozen=True)
class Catalog:
    """All units, types and enabled workflows at one version."""

    version: int
    units: tuple[BusinessUnit, ...]
    types: tuple[SubscriptionType, ...]
    workflows: tuple[Workflow, ...] = ()
    """In the order in which they were made. What they say of their counts is old."""

    @cached_property
    def _units(self) -> dict[Any, BusinessUnit]:
        return {name: unit for unit in self.units for name in (unit.id, unit.key, unit.reference)}

    @cached_property
    def _types(self) -> dict[Any, SubscriptionType]:
        return {name: kind for kind in self.types for name in (kind.id, kind.key, kind.reference)}

    def unit_by_id(self, unit_id: int) -> BusinessUnit:
        """The unit of a foreign key. Raises KeyError for one that is not there."""
        return self._units[unit_id]

    def unit_by_key(self, key: str) -> BusinessUnit | None:
        """The unit of a key, or None."""
        return self._units.get(key)

    def unit_by_reference(self, reference: bytes) -> BusinessUnit | None:
        """The unit that a link names, or None."""
        return self._units.get(reference)

    def type_by_id(self, type_id: int) -> SubscriptionType:
        """The type of a foreign key. Raises KeyError for one that is not there."""
        return self._types[type_id]

    def type_by_key(self, key: str) -> SubscriptionType | None:
        """The type of a key, or None."""
        return self._types.get(key)

    def type_by_reference(self, reference: bytes) -> SubscriptionType | None:
        """The type that a link names, or None."""
        return self._types.get(reference)

    @cached_property
    def _of_unit(self) -> dict[int, tuple[SubscriptionType, ...]]:
        return {u.id: tuple(t for t in self.types if t.business_unit is u) for u in self.units}

    def types_of(self, unit: BusinessUnit) -> tuple[SubscriptionType, ...]:
        """The unit's types, archived ones too, in the order they were made in."""
        return self._of_unit[unit.id]

    @cached_property
    def _listening(self) -> dict[Trigger, tuple[Workflow, ...]]:
        return {kind: tuple(w for w in self.workflows if kind in w.triggers) for kind in Trigger}

    def listening(self, kind: Trigger) -> tuple[Workflow, ...]:
        """The enabled workflows that a kind of event may set off."""
        return self._listening[kind]


_held: tuple[Catalog, float, int] | None = None


async def current_catalog() -> Catalog:
    """The catalogue, at most a second behind what other processes did to it."""
    if _held is not None:
        catalog, checked, owner = _held
        if owner == id(_pool()) and time.monotonic() - checked < _FRESH_SECONDS:
            return catalog
    return await exact_catalog()


async def exact_catalog() -> Catalog:
    """The catalogue as it is this instant; read anew only where its version has moved."""
    global _held
    version = (await database.fetch("SELECT version FROM catalog_state WHERE id = 1"))[0]["version"]
    if _held is None or _held[0].version != version or _held[2] != id(_pool()):
        catalog = await _read(version)
    else:
        catalog = _held[0]
    _held = (catalog, time.monotonic(), id(_pool()))
    return catalog


async def catalog_at_version(version: int) -> Catalog:
    """The catalogue of a version just read: the one in memory where that is it."""
    if _held is not None and _held[0].version == version and _held[2] == id(_pool()):
        return _held[0]
    return await exact_catalog()


def invalidate_catalog() -> None:
    """Read the catalogue anew at the next question."""
    global _held
    _held = None


def _pool() -> object:
    """What stands for the database that a catalogue was read from."""
    return open_database_key()


async def _read(version: int) -> Catalog:
    words: dict[int, list[AddedKeyword]] = {}
    for row in await database.fetch("SELECT * FROM keywords ORDER BY id"):
        words.setdefault(row["business_unit_id"], []).append(_keyword(row))
    units = {
        row["id"]: _unit(row, words.get(row["id"], ()))
        for row in await database.fetch("SELECT * FROM business_units ORDER BY id")
    }
    types = await database.fetch("SELECT * FROM subscription_types ORDER BY id")
    every = tuple(_type(row, units) for row in types)
    return Catalog(version, tuple(units.values()), every, await workflow_rows.enabled())


def _keyword(row: database.Row) -> AddedKeyword:
    return AddedKeyword(row["id"], row["word"], Meaning(row["meaning"]), row["locale"])


def _unit(row: database.Row, words: Sequence[AddedKeyword]) -> BusinessUnit:
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
        keywords=tuple(words),
    )


def _type(row: database.Row, units: dict[int, BusinessUnit]) -> SubscriptionType:
    channels = tuple(Channel(name) for name in database.json_value(row["channels"]))
    purpose, archived = Purpose(row["purpose"]), database.optional_instant(row["archived_at"])
    public, confirmed = bool(row["is_public"]), bool(row["double_opt_in"])
    return SubscriptionType(
        id=row["id"],
        key=row["key"],
        reference=type_reference(row["key"]),
        business_unit=units[row["business_unit_id"]],
        names=database.json_value(row["names"]),
        descriptions=database.json_value(row["descriptions"]),
        purpose=purpose,
        channels=channels,
        is_public=public,
        double_opt_in=confirmed,
        archived_at=archived,
        facts_by_channel={
            channel: TypeFacts(purpose, channel in channels, public, confirmed, archived is not None)
            for channel in Channel
        },
    )
