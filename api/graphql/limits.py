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
    SelectionSetNode,
)

BODY_BYTES = 1_000_000
CHARACTERS = 200_000
TOKENS = 10_000
NAME = 200
"""Characters in a name: of a field, an alias, a variable, an operation."""
NESTING = 64
"""Nested brackets in a document, and nested lists and objects in variables."""
VALUES = 60_000
"""Lists, objects and all that is in them, in the variables of a request."""
OBJECTS = 5_000
"""Objects among the values: each becomes one of Python's in the event loop."""
DEPTH = 15
ALIASES = 30
ROOT_FIELDS = 20
FIELDS = 1_000
DIRECTIVES = 50
FRAGMENTS = 50
OPERATIONS = 50
COMPARISONS = 25_000
"""Of the fields that have one name in one place, which must be the same field with the same arguments."""

_TOKEN = re.compile(
    r"(?P<ignored>[\s,]++)|(?P<name>[^\W\d]\w*+)|\.{3}|-?\d[\w.+-]*+"
    r'|"""(?:[^"\\]++|\\"""|\\|"(?!""))*+(?:""")?|"(?:[^"\\\n\r]++|\\.)*+"?'
    r"|#[^\n\r]*+|."
)
"""The parts of a document. No alternative gives back what it has matched, and a string that does not end is
one part: reading a document takes time in proportion to its length."""
INTROSPECTION = ("__schema", "__type")
_IN_INTROSPECTION = 0
"""The depth of what is below `__schema` or `__type`."""
_NESTS = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


def limit_exceeded(counted: str, found: int, maximum: int) -> GraphQLError:
    """Return the error for an operation that exceeds a limit: `LIMIT_EXCEEDED`."""
    message = (
        f"This operation has {found:,} {counted}, and at most"
        f" {maximum:,} are allowed. Ask for less at a time."
    )
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED", "found": found, "maximum": maximum})


def exceeded_limit_of_text(query: str) -> GraphQLError | None:
    """Return the error for the first limit that the text of a document exceeds, or None.

    It runs before the parser: it does not recurse, and stops at the first excess.
    """
    if len(query) > CHARACTERS:
        return limit_exceeded("characters", len(query), CHARACTERS)
    tokens = depth = 0
    for match in _TOKEN.finditer(query):
        if match.lastgroup == "ignored":
            continue
        start, end = match.span()
        tokens += 1
        depth += _NESTS.get(query[start], 0)
        if tokens > TOKENS:
            return limit_exceeded("tokens", tokens, TOKENS)
        if depth > NESTING:
            return limit_exceeded("levels of brackets", depth, NESTING)
        if end - start > NAME and match.lastgroup == "name":
            return limit_exceeded("characters in a name", end - start, NAME)
    return None


def values_in(variables: object) -> int | GraphQLError:
    """Return how many values the variables of a request have, or the error for a limit that they exceed."""
    level, values, objects = [variables], 0, 0
    for _ in range(NESTING + 1):
        values += len(level)
        if values > VALUES:
            return limit_exceeded("values in its variables", values, VALUES)
        objects += sum(isinstance(value, dict) for value in level)
        if objects > OBJECTS:
            return limit_exceeded("objects in its variables", objects, OBJECTS)
        level = [part for value in level for part in _parts(value)]
        if not level:
            return values
    return limit_exceeded("levels in its variables", NESTING + 1, NESTING)


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
    root_fields: int = 0
    """The fields that are not below another field."""
    root_spreads: list[str] = field(default_factory=list)
    """The fragments that are not below a field, as often as they are spread."""


def exceeded_limit(document: DocumentNode) -> GraphQLError | None:
    """Return the error for the first limit that a document exceeds, or None. Each definition counts once."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    for counted, definitions, maximum in (
        ("fragments", len(fragments), FRAGMENTS),
        ("operations", len(operations), OPERATIONS),
    ):
        if definitions > maximum:
            return limit_exceeded(counted, definitions, maximum)
    in_fragments = {name: _count(fragment.selection_set) for name, fragment in fragments.items()}
    in_operations = [_count(operation.selection_set) for operation in operations]
    counts = [*in_operations, *in_fragments.values()]
    for counted, found, maximum in (
        ("fields", sum(each.fields for each in counts), FIELDS),
        ("aliases", sum(each.aliases for each in counts), ALIASES),
        ("directives", sum(each.directives for each in counts), DIRECTIVES),
        ("root fields", _root_fields(in_operations, in_fragments), ROOT_FIELDS),
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
            _count_spread(counts, node.name.value, depth)
        elif isinstance(node, InlineFragmentNode):
            stack.extend((child, depth) for child in node.selection_set.selections)
        elif isinstance(node, FieldNode):
            _count_field(counts, node, depth)
            below = node.selection_set.selections if node.selection_set is not None else ()
            deeper = _IN_INTROSPECTION if _is_introspection(node, depth) else depth + 1
            stack.extend((child, deeper) for child in below)
    return counts


def _count_field(counts: _Counts, node: FieldNode, depth: int) -> None:
    counts.fields += 1
    counts.aliases += node.alias is not None
    counts.root_fields += depth == 1
    if not _is_introspection(node, depth):
        counts.depth = max(counts.depth, depth)


def _count_spread(counts: _Counts, name: str, depth: int) -> None:
    if depth != _IN_INTROSPECTION:
        counts.spreads[name] = max(depth, counts.spreads.get(name, 0))
    if depth == 1:
        counts.root_spreads.append(name)


def _is_introspection(node: FieldNode, depth: int) -> bool:
    """Whether a field is introspection, whose depth has a validation rule of its own."""
    return depth == _IN_INTROSPECTION or node.name.value in INTROSPECTION


def _root_fields(operations: list[_Counts], fragments: dict[str, _Counts]) -> int:
    """Return the greatest number of root fields of an operation, with fragments applied."""
    known: dict[str, int] = {}

    def total(counts: _Counts) -> int:
        return counts.root_fields + sum(map(total_of_fragment, counts.root_spreads))

    def total_of_fragment(name: str) -> int:
        if name not in known:
            known[name] = 0
            known[name] = total(fragments[name]) if name in fragments else 0
        return known[name]

    return max(map(total, operations), default=0)


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
