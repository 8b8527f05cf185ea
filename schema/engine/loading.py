"""The loaders of fields that lead from one noun to another.

A noun's package cannot import the packages it leads to without a circle. `schema/loaders.py` imports them all
and registers a loader for each such field.
"""

from __future__ import annotations

from strawberry.types.field import StrawberryField

from schema.contract.fields import Load, requirements_of

_registered: dict[tuple[str, str], Load] = {}


def register_loader(type_name: str, attribute: str, load: Load) -> None:
    """Register the loader of a field that is declared by `loaded` without one."""
    _registered[type_name, attribute] = load


def loader_of(type_name: str, definition: StrawberryField) -> Load | None:
    """Return the loader of a field, if it has one. Raises KeyError if it should be registered and is not."""
    requirements = requirements_of(definition)
    return _registered[type_name, definition.python_name] if requirements.registered else requirements.load
