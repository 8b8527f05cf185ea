"""What a document may be at most, counted before it is validated; docs/limits.md tells clients."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)

BODY_BYTES = 1_000_000
TOKENS = 10_000
NESTING = 64
"""Of brackets of any kind in a document, and of lists and objects in variables."""
DEPTH = 15
ALIASES = 30
ROOT_FIELDS = 20
FIELDS = 1_000
DIRECTIVES = 50
FRAGMENTS = 50

_TOKEN = re.compile(r'"""(?:\\"""|[^"]|"(?!""))*+"""|"(?:\\.|[^"\\\n])*+"|#[^\n\r]*+|[{}\[\]()]')


def refused(what: str, found: int, most: int) -> GraphQLError:
    """The answer to a document that is over a limit."""
    message = f"This operation has {found} {what}; at most {most} are allowed."
    return GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED", "found": found, "maximum": most})


def too_nested(query: str) -> bool:
    """Whether brackets nest too deeply, found without recursion and before the parser sees it."""
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
    """The same of variables."""
    level = [variables]
    for _ in range(NESTING + 1):
        level = [part for item in level for part in _parts(item)]
        if not level:
            return False
    return True


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


@dataclass(slots=True)
class _Counts:
    """What a document has of each."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    deepest: int = 0
    spreads: dict[str, int] = field(default_factory=dict)
    """The fragments spread, with the depth at which each is spread at most."""


def over_limit(document: DocumentNode) -> GraphQLError | None:
    """Count what a document has, each definition once; the first limit it is over, or None."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    if len(fragments) > FRAGMENTS:
        return refused("fragments", len(fragments), FRAGMENTS)
    counted = {name: _count(fragment.selection_set) for name, fragment in fragments.items()}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    roots = [_count(operation.selection_set) for operation in operations]
    every = [*roots, *counted.values()]
    for what, found, most in (
        ("fields", sum(one.fields for one in every), FIELDS),
        ("aliases", sum(one.aliases for one in every), ALIASES),
        ("directives", sum(one.directives for one in every), DIRECTIVES),
        ("root fields", max((len(o.selection_set.selections) for o in operations), default=0), ROOT_FIELDS),
        ("levels", _deepest(roots, counted), DEPTH),
    ):
        if found > most:
            return refused(what, found, most)
    return None


def _count(selections: SelectionSetNode) -> _Counts:
    counts = _Counts()
    stack = [(node, 1) for node in selections.selections]
    while stack:
        node, depth = stack.pop()
        counts.directives += len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            counts.spreads[node.name.value] = max(depth, counts.spreads.get(node.name.value, 0))
            continue
        if isinstance(node, FieldNode):
            if node.name.value in ("__schema", "__type"):
                continue  # introspection has a rule of its own
            counts.fields += 1
            counts.aliases += node.alias is not None
            counts.deepest = max(counts.deepest, depth)
        below = node.selection_set  # type: ignore[attr-defined]
        if below is not None:
            stack.extend((child, depth + isinstance(node, FieldNode)) for child in below.selections)
    return counts


def _deepest(roots: list[_Counts], fragments: dict[str, _Counts]) -> int:
    """The depth with fragments put in, each measured once. Cycles are left to validation to refuse."""
    known: dict[str, int] = {}

    def depth_of(one: _Counts) -> int:
        spreads = ((name, at) for name, at in one.spreads.items() if name in fragments)
        return max([one.deepest, *(at - 1 + depth_of_fragment(name) for name, at in spreads)])

    def depth_of_fragment(name: str) -> int:
        if name not in known:
            known[name] = 0
            known[name] = depth_of(fragments[name])
        return known[name]

    return max((depth_of(one) for one in roots), default=0)
