"""Documents parsed, measured and validated once, and kept: a query that comes again costs nothing of that."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    BREAK,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    Visitor,
    VisitorAction,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.validation import MaxIntrospectionDepthRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.graphql import limits
from api.graphql.cost import Cost, CostReckoner
from schema.engine.plans import Plans

_RULES = tuple(dict.fromkeys((*specified_rules, MaxIntrospectionDepthRule, OneOfInputValidationRule)))
_KEPT = 500
_LARGEST_KEPT = 20_000
_MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run: its operations with their costs."""

    document: DocumentNode
    operations: tuple[tuple[OperationDefinitionNode, Cost], ...]
    plans: Plans | None
    """How its selections are completed, kept from request to request; None where variables decide on that."""

    def operation(self, name: str | None) -> tuple[OperationDefinitionNode, Cost] | None:
        """The operation of that name, or the only one; None where that is not clear."""
        if name is None:
            return self.operations[0] if len(self.operations) == 1 else None
        for operation, cost in self.operations:
            if operation.name is not None and operation.name.value == name:
                return operation, cost
        return None


Answer: TypeAlias = Prepared | list[GraphQLError]


class Documents:
    """The documents of a schema, the latest kept."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[str, Answer] = OrderedDict()

    def prepare(self, query: str) -> Answer:
        """Parse, measure and validate a document: it is ready, or there are errors."""
        held = self._kept.get(query)
        if held is not None:
            self._kept.move_to_end(query)
            return held
        answer = self._prepare(query)
        if len(query) <= _LARGEST_KEPT:
            self._kept[query] = answer
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return answer

    def _prepare(self, query: str) -> Answer:
        if limits.too_nested(query):
            return [limits.refused("levels of brackets", limits.NESTING + 1, limits.NESTING)]
        try:
            document = parse(query, max_tokens=limits.TOKENS, no_location=False)
        except GraphQLSyntaxError as error:
            error.extensions = {"code": _syntax_code(error)}
            return [error]
        over = limits.over_limit(document)
        if over is not None:
            return [over]
        found = validate(self._schema, document, _RULES, max_errors=_MOST_ERRORS)
        for one in found:
            one.extensions = {"code": "GRAPHQL_VALIDATION_FAILED", **(one.extensions or {})}
        return found or self._reckoned(document)

    def _reckoned(self, document: DocumentNode) -> Prepared:
        reckoner = CostReckoner(self._schema, document)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        plans: Plans | None = None if _variables_decide(document) else {}
        return Prepared(document, tuple((one, reckoner.operation(one)) for one in operations), plans)


def _syntax_code(error: GraphQLSyntaxError) -> str:
    return "LIMIT_EXCEEDED" if "tokens" in error.message else "GRAPHQL_PARSE_FAILED"


def _variables_decide(document: DocumentNode) -> bool:
    """Whether what is selected below the root fields depends on a variable, so on one request."""
    below: list[Node | None] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            chosen = definition.selection_set.selections
            below += [one.selection_set if isinstance(one, FieldNode) else one for one in chosen]
        else:
            below.append(definition)
    seeker = _VariableSeeker()
    for part in below:
        if part is not None:
            visit(part, seeker)
    return seeker.found


class _VariableSeeker(Visitor):
    found = False

    def enter_variable(self, *_: Any) -> VisitorAction:
        self.found = True
        return BREAK
