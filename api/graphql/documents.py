"""Documents, parsed, checked and validated once and kept for the requests that repeat them."""

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
from graphql.validation import (
    ASTValidationRule,
    MaxIntrospectionDepthRule,
    ValuesOfCorrectTypeRule,
    VariablesInAllowedPositionRule,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from api.graphql import limits
from api.graphql.cost import Cost, CostCalculator
from api.graphql.values_rule import LocatedValuesRule, LocatedVariablesRule
from preference_center.calculations import in_thread
from schema.engine.plans import Plans

_OWN_RULES: dict[type[ASTValidationRule], type[ASTValidationRule]] = {
    ValuesOfCorrectTypeRule: LocatedValuesRule,
    VariablesInAllowedPositionRule: LocatedVariablesRule,
}
_RULES = tuple(_OWN_RULES.get(rule, rule) for rule in (*specified_rules, MaxIntrospectionDepthRule))
_MAX_CACHED_CHARACTERS = 500_000
"""Of all cached documents together: the parsed ones take up to 120 bytes for each character."""
_MAX_CACHED_LENGTH = 20_000
"""In characters; a longer document is not cached."""
_LEAST_COUNTED = 1_000
"""Characters that even the shortest document counts as."""
_SHORT = 2_000
"""In characters; a longer document is prepared outside the event loop."""
_MOST_ERRORS = 20
_TOO_MUCH_WORK = "Validation aborted."
"""The message of graphql-core for a document that would take too long to validate."""
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 2 * limits.COMPARISONS


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document, with the cost of each operation."""

    document: DocumentNode
    operations: tuple[tuple[OperationDefinitionNode, Cost], ...]
    plans: Plans | None
    """The plans of its selections, kept from request to request; None if they depend on variables."""

    def operation(self, name: str | None) -> tuple[OperationDefinitionNode, Cost] | None:
        """Return the operation with a name, or the only one; None if there is none."""
        if name is None:
            return self.operations[0] if len(self.operations) == 1 else None
        for operation, cost in self.operations:
            if operation.name is not None and operation.name.value == name:
                return operation, cost
        return None


Result: TypeAlias = Prepared | list[GraphQLError]


class Documents:
    """The documents of a schema. The most recently used are cached."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._cache: OrderedDict[str, Result] = OrderedDict()
        self._cached_characters = 0

    def is_quick(self, query: str) -> bool:
        """Whether a document is prepared quickly: it is short or cached."""
        return len(query) <= _SHORT or query in self._cache

    async def prepare_in_thread(self, query: str) -> Result:
        """Return what `prepare` does, from the thread for calculations."""
        return self._keep(query, await in_thread(self._prepare, query))

    def prepare(self, query: str) -> Result:
        """Parse, check and validate a document. Returns its errors if it may not run."""
        cached = self._cache.get(query)
        if cached is not None:
            self._cache.move_to_end(query)
            return cached
        return self._keep(query, self._prepare(query))

    def _keep(self, query: str, result: Result) -> Result:
        if len(query) > _MAX_CACHED_LENGTH:
            return result
        size = _size(query)
        # Two requests may have prepared the same document at once.
        if query not in self._cache:
            self._cached_characters += size
        self._cache[query] = result
        while self._cached_characters > _MAX_CACHED_CHARACTERS:
            oldest, _ = self._cache.popitem(last=False)
            self._cached_characters -= _size(oldest)
        return result

    def _prepare(self, query: str) -> Result:
        exceeded = limits.exceeded_limit_of_text(query)
        if exceeded is not None:
            return [exceeded]
        try:
            document = parse(query, max_tokens=limits.TOKENS, no_location=False)
        except GraphQLSyntaxError as error:
            error.extensions = {"code": _syntax_code(error)}
            return [error]
        exceeded = limits.exceeded_limit(document)
        if exceeded is not None:
            return [exceeded]
        errors = validate(self._schema, document, _RULES, max_errors=_MOST_ERRORS)
        for invalid in errors:
            invalid.extensions = {"code": "GRAPHQL_VALIDATION_FAILED", **(invalid.extensions or {})}
            if invalid.message == _TOO_MUCH_WORK:
                invalid.message = "This document repeats fields or fragments too often to be checked."
                invalid.extensions["code"] = "LIMIT_EXCEEDED"
        return errors or self._with_costs(document)

    def _with_costs(self, document: DocumentNode) -> Prepared:
        calculator = CostCalculator(self._schema, document)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        with_costs = tuple((operation, calculator.operation(operation)) for operation in operations)
        return Prepared(document, with_costs, None if _depends_on_variables(document) else {})


def _size(query: str) -> int:
    """Return the characters that a document counts as in the cache: a short one has a cost too."""
    return max(len(query), _LEAST_COUNTED)


def _syntax_code(error: GraphQLSyntaxError) -> str:
    return "LIMIT_EXCEEDED" if "tokens" in error.message else "GRAPHQL_PARSE_FAILED"


def _depends_on_variables(document: DocumentNode) -> bool:
    """Whether a selection below the root fields uses a variable, so that its plan is for one request only."""
    below: list[Node | None] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            roots = definition.selection_set.selections
            below += [root.selection_set if isinstance(root, FieldNode) else root for root in roots]
        else:
            below.append(definition)
    finder = _VariableFinder()
    for part in below:
        if part is not None:
            visit(part, finder)
    return finder.found


class _VariableFinder(Visitor):
    found = False

    def enter_variable(self, *_: Any) -> VisitorAction:
        self.found = True
        return BREAK
