"""Keeps the models of Tortoise prepared, which prepares them for each database that is opened.

Tests open thousands. What is prepared depends on the kind of database only, so it is done once for each kind.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from tortoise.apps import Apps
from tortoise.models import MetaInfo

_prepare = Apps._build_initial_querysets
_prepared: dict[type, dict[MetaInfo, dict[str, Any]]] = {}
"""The attributes of each model's description, by Tortoise's query class for the database."""


def install() -> None:
    """Make Tortoise prepare its models once for each kind of database."""
    Apps._build_initial_querysets = _prepare_once  # type: ignore[method-assign]


def _prepare_once(apps: Apps) -> None:
    models = [model._meta for app in apps.apps.values() for model in app.values()]
    kind = models[0].db.query_class
    if kind not in _prepared:
        # Preparing changes dictionaries in place, which may be those kept for the other kind.
        _restore({model: _attributes(model) for model in models})
        _prepare(apps)
        _prepared[kind] = {model: _attributes(model) for model in models}
    _restore(_prepared[kind])


def _restore(attributes: dict[MetaInfo, dict[str, Any]]) -> None:
    for model, values in attributes.items():
        for name, value in values.items():
            setattr(model, name, value)


def _attributes(model: MetaInfo) -> dict[str, Any]:
    values = {name: getattr(model, name) for name in MetaInfo.__slots__ if hasattr(model, name)}
    return {
        name: copy(value) if isinstance(value, dict | list | set) else value for name, value in values.items()
    }
