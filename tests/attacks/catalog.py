"""All attacks, by kind."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.connections import SILENCE, WEBSOCKETS
from tests.attacks.documents import DOCUMENTS, INTROSPECTION
from tests.attacks.files import EXPORTS, IMPORTS
from tests.attacks.filters import EXPORTS_WITH_FILTERS, OPERATIONS_WITH_FILTERS, QUERIES_WITH_FILTERS
from tests.attacks.queries import MUTATIONS, QUERIES
from tests.attacks.visits import FLOODS, FORMS, PAGES

ATTACKS: dict[str, list[Attack]] = {
    "documents": DOCUMENTS,
    "introspection": INTROSPECTION,
    "queries": QUERIES,
    "mutations": MUTATIONS,
    "pages": PAGES,
    "forms": FORMS,
    "floods": FLOODS,
    "imports": IMPORTS,
    "exports": [*EXPORTS, *EXPORTS_WITH_FILTERS],
    "websockets": WEBSOCKETS,
    "silence": SILENCE,
    "filters": QUERIES_WITH_FILTERS,
    "operations": OPERATIONS_WITH_FILTERS,
}

USING_DATABASE = {
    "queries",
    "mutations",
    "pages",
    "imports",
    "exports",
    "filters",
    "operations",
    "websockets",
}
"""The kinds that take long in the database; the others are refused, or wait, in code that both share."""
_IN_TESTS = {
    "documents": (
        "escaped quotes in an open block string",
        "quotes and backslashes in turn",
        "line ends of two kinds",
        "a long number",
        "overlapping fields",
        "inline fragments",
        "fragments of fragments",
        "many definitions",
        "large variables",
        "bodies that are hardly JSON",
    ),
    "queries": (
        "20 pages of contacts with preferences",
        "20 pages of events with their recipients",
        "eligibility of 20 times 1,000 addresses",
        "20 times 100 objects by id",
    ),
    "filters": (
        "alternatives that are negated",
        "words in a search",
        "a long list as a property",
        "22 slow queries at once",
        "filters that are too large",
    ),
    "imports": ("a file with blank rows before the header", "a file with quotes", "files in forms"),
    "exports": ("exports that nobody takes", "exports with alternatives that are negated"),
    "websockets": (
        "compressed messages of 60 MB",
        "messages of 20 MB",
        "20 operations at a time",
        "documents of quotes",
        "operations begun and stopped",
    ),
}
"""The worst of the kinds that have many; the benchmark has them all."""


def worst(kind: str) -> list[Attack]:
    """The attacks of a kind that the tests carry out."""
    names = _IN_TESTS.get(kind)
    return [attack for attack in ATTACKS[kind] if names is None or attack.name in names]
