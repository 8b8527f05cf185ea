"""Which queries a read replica may answer: lists and statistics, unless they say what may be done now."""

from __future__ import annotations

from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

_LISTS: Final = frozenset(
    {"contacts", "consentEvents", "operations", "workflows", "preferenceCounts", "leavingReasons"}
)
_FRESH: Final = frozenset({"eligibility", "callPermission", "actions"})
"""Fields that say what may be done now, wherever they are selected."""


def may_lag(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Return whether an operation only reads what may be some seconds old."""
    if operation.operation is not OperationType.QUERY:
        return False
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    names, roots = _Names(fragments), _Names(fragments)
    roots.add_roots(operation.selection_set)
    names.add(operation.selection_set)
    return roots.found - {"__typename"} <= _LISTS and not names.found & _FRESH


class _Names:
    """The names of the fields in selections, each fragment read once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.found: set[str] = set()
        self._fragments = dict(fragments)

    def add(self, selections: SelectionSetNode | None) -> None:
        """Add those of a selection and of all within."""
        self._add(selections, deep=True)

    def add_roots(self, selections: SelectionSetNode) -> None:
        """Add those of a selection only."""
        self._add(selections, deep=False)

    def _add(self, selections: SelectionSetNode | None, *, deep: bool) -> None:
        for each in selections.selections if selections else ():
            if isinstance(each, FieldNode):
                self.found.add(each.name.value)
                if deep:
                    self._add(each.selection_set, deep=True)
            elif isinstance(each, InlineFragmentNode):
                self._add(each.selection_set, deep=deep)
            elif isinstance(each, FragmentSpreadNode) and (
                fragment := self._fragments.pop(each.name.value, None)
            ):
                self._add(fragment.selection_set, deep=deep)
