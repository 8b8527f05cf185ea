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
