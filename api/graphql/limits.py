"""Limits on documents, checked before validation. docs/limits.md lists them for clients."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

BODY_BYTES = 1_000_000
TOKENS = 10_000
NESTING = 64
"""Nested brackets in a document, and nested lists and objects in variables."""
DEPTH = 15
ALIASES = 30
ROOT_FIELDS = 20
FIELDS = 1_000
DIRECTIVES = 50
FRAGMENTS = 50

_TOKEN = re.compile(r'"""(?:\\"""|[^"]|"(?!""))*+"""|"(?:\\.|[^"\\\n])*+"|#[^\n\r]*+|[{}\[\]()]')


def limit_exceeded(counted: str, found: int, maximum: int) -> GraphQLError:
    """Return the error for an operation that exceeds a limit: `LIMIT_EXCEEDED`."""
    message = f"This operation has {found} {counted}. At most {maximum} are allowed."
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED", "found": found, "maximum": maximum})


def too_nested(query: str) -> bool:
    """Whether brackets are nested too deeply. It does not recurse, and runs before the parser, which does."""
    depth = 0
    for match in _TOKEN.finditer(query):
        bracket = match[0]
        if bracket in "{[(":
            depth += 1
            if depth > NESTING:
                return True
        elif bracket in "}])":
            depth -= 1
    return False


def variables_too_nested(variables: object) -> bool:
    """Whether lists and objects in variables are nested too deeply."""
    level = [variables]
    for _ in range(NESTING + 1):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return False
    return True


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


@dataclass(slots=True)
class _Counts:
    """What one definition contains, without the fragments it spreads."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    spreads: dict[str, int] = field(default_factory=dict)
    """The fragments that it spreads, each with the greatest depth of a spread."""


def exceeded_limit(document: DocumentNode) -> GraphQLError | None:
    """Return the error for the first limit that a document exceeds, or None. Each definition counts once."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    if len(fragments) > FRAGMENTS:
        return limit_exceeded("fragments", len(fragments), FRAGMENTS)
    in_fragments = {name: _count(fragment.selection_set) for name, fragment in fragments.items()}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    in_operations = [_count(operation.selection_set) for operation in operations]
    counts = [*in_operations, *in_fragments.values()]
    root_fields = max((_fields_at_once(o.selection_set, fragments) for o in operations), default=0)
    for counted, found, maximum in (
        ("fields", sum(each.fields for each in counts), FIELDS),
        ("aliases", sum(each.aliases for each in counts), ALIASES),
        ("directives", sum(each.directives for each in counts), DIRECTIVES),
        ("root fields", root_fields, ROOT_FIELDS),
        ("levels", _depth(in_operations, in_fragments), DEPTH),
    ):
        if found > maximum:
            return limit_exceeded(counted, found, maximum)
    return None


def _count(selections: SelectionSetNode) -> _Counts:
    counts = _Counts()
    stack = [(node, 1) for node in selections.selections]
    while stack:
        node, depth = stack.pop()
        counts.directives += len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            counts.spreads[node.name.value] = max(depth, counts.spreads.get(node.name.value, 0))
        elif isinstance(node, InlineFragmentNode):
            stack.extend((child, depth) for child in node.selection_set.selections)
        elif isinstance(node, FieldNode) and node.name.value not in ("__schema", "__type"):
            # Introspection has a validation rule of its own.
            counts.fields += 1
            counts.aliases += node.alias is not None
            counts.depth = max(counts.depth, depth)
            below = node.selection_set.selections if node.selection_set is not None else ()
            stack.extend((child, depth + 1) for child in below)
    return counts


def _fields_at_once(selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> int:
    """Return the number of fields of a selection itself, with fragments applied."""
    known: dict[str, int] = {}

    def count(selections: SelectionSetNode) -> int:
        return sum(count_node(node) for node in selections.selections)

    def count_node(node: SelectionNode) -> int:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = 0
                known[name] = count(fragments[name].selection_set) if name in fragments else 0
            return known[name]
        return count(node.selection_set) if isinstance(node, InlineFragmentNode) else 1

    return count(selections)


def _depth(operations: list[_Counts], fragments: dict[str, _Counts]) -> int:
    """Return the greatest depth with fragments applied. Validation refuses fragments that form a cycle."""
    known: dict[str, int] = {}

    def depth_of(counts: _Counts) -> int:
        spreads = ((name, depth) for name, depth in counts.spreads.items() if name in fragments)
        return max([counts.depth, *(depth - 1 + depth_of_fragment(name) for name, depth in spreads)])

    def depth_of_fragment(name: str) -> int:
        if name not in known:
            known[name] = 0
            known[name] = depth_of(fragments[name])
        return known[name]

    return max((depth_of(counts) for counts in operations), default=0)
