"""What clients send is not kept: the server's memory stays flat."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from api.pages.frame import language
from preference_center import translations
from preference_center.rules import languages
from preference_center.storage import database
from tests.cli.installation import Server
from tests.http.connections.wire import get, memory, statuses
from tests.processes import ROOT

LONG = 60_000
_TEXT = re.compile(r"\b(str|bytes)\b")
HEADERS = (
    "Accept-Language",
    "Accept",
    "User-Agent",
    "Cookie",
    "X-Request-Id",
    "X-Forwarded-For",
    "Authorization",
)
PATHS = (
    "/p?lang={}&chosen=1",
    "/p?unit={}",
    "/p?{}=1",
    "/p/{}",
    "/u/{}",
    "/c/{}",
    "/s/{}",
    "/logo/{}",
    "/{}",
    "/exports/contacts?{}",
)
CATALOG, OWN = "what the team entered, which is short", "what is in the code"
SHORT_KEYS = {
    "api/http/client_address.py:_plain_address": "at most 60 characters",
    "api/http/metrics.py:_series": "templates of routes, known methods, statuses",
    "api/pages/frame/colours.py:accent": CATALOG,
    "api/pages/frame/language.py:_accepted_languages": "at most 500 characters",
    "api/pages/frame/language.py:language_links": "languages, and parameters that were checked",
    "api/pages/frame/layout.py:frame_of": "languages, and parameters that were checked",
    "api/pages/frame/brand_styles.py:_styles": CATALOG,
    "api/pages/frame/colours.py:fill": CATALOG,
    "api/pages/frame/colours.py:palette": CATALOG,
    "api/pages/frame/layout.py:logo_digest": CATALOG,
    "api/pages/phone_examples.py:example_number": "Sayso's languages, and the brands' default languages",
    "api/pages/preferences/unit_view.py:_group": CATALOG,
    "api/pages/preferences/unit_view.py:_head": CATALOG,
    "api/pages/preferences/unit_view.py:_texts": CATALOG,
    "preference_center/imports/encodings/letters.py:alphabet": OWN,
    "preference_center/imports/encodings/letters.py:characters": OWN,
    "preference_center/links/hosts.py:_maker_at": CATALOG,
    "preference_center/links/payloads.py:withdraw_template": CATALOG,
    "preference_center/outbox/mail/logo.py:inline_image": "what the team entered, 22,000 characters at most",
    "preference_center/rules/addresses.py:_keyed": "keys of the configuration",
    "preference_center/rules/addresses.py:_unicode_domain": "domains of stored addresses",
    "preference_center/rules/colours.py:_luminance": "colours, of at most 7 characters",
    "preference_center/rules/languages.py:_written_language": "at most 100 characters",
    "preference_center/rules/messages/footers.py:_unit_names": CATALOG,
    "preference_center/rules/messages/phrases.py:_step": OWN,
    "preference_center/rules/messages/typing_slips.py:_shortened": OWN,
    "preference_center/rules/messages/typing_slips.py:_very_long": OWN,
    "preference_center/rules/phone_numbers.py:_plan": "three digits",
    "preference_center/rules/references.py:type_reference": CATALOG,
    "preference_center/rules/references.py:unit_reference": CATALOG,
    "preference_center/storage/database.py:_for_sqlite": "at most 20,000 characters",
    "preference_center/storage/database.py:_select_of_one_row": OWN,
    "preference_center/translations.py:_formatted_date": "Sayso's languages",
    "preference_center/translations.py:_locale": "Sayso's languages",
    "preference_center/translations.py:_nearest": "at most 35 characters",
    "preference_center/translations.py:read_translations": "Sayso's languages",
    "preference_center/translations.py:translated": OWN,
    "preference_center/translations.py:translator_for": "Sayso's languages; others raise",
    "schema/contract/actions.py:_forbidden": "names of scopes, which are in the code",
}
"""Why the keys of each cache of texts are short. A new cache needs a line here."""


def long_text(number: int) -> str:
    return f"{number:06}" + "x" * LONG


@pytest.mark.parametrize("header", HEADERS)
def test_long_headers_are_not_kept(server: Server, header: str) -> None:
    get(server.port, "/p", f"{header}: {long_text(0)}")
    before = memory(server.process.pid)
    for number in range(200):
        get(server.port, "/p", f"{header}: {long_text(number)}")

    assert memory(server.process.pid) - before < 6_000_000  # 12 MB were sent


@pytest.mark.parametrize("path", PATHS)
def test_long_urls_are_not_kept(server: Server, path: str) -> None:
    get(server.port, path.format(long_text(0)))
    before = memory(server.process.pid)
    for number in range(200):
        assert statuses(get(server.port, path.format(long_text(number))))[0] < 500

    assert memory(server.process.pid) - before < 6_000_000


def test_texts_that_are_too_long_for_a_language_or_a_statement_are_no_keys_of_a_cache() -> None:
    caches = (
        language._accepted_languages,
        translations._nearest,
        languages._written_language,
        database._for_sqlite,
    )
    for cache in caches:
        cache.cache_clear()

    assert language.accepted_language("pl," * LONG) == "pl"
    assert translations.nearest("x" * LONG) is None
    assert languages.written_language("pt-BR" + "-x" * LONG) == "pt"
    assert database.for_sqlite("SELECT $1" + " " * LONG).startswith("SELECT ?1")
    assert [cache.cache_info().currsize > 0 for cache in caches] == [True, True, True, False]
    for cache in caches:
        cache.cache_clear()


def test_every_cache_of_texts_has_short_keys() -> None:
    assert {name for name, takes_text in _cached_functions() if takes_text} == set(SHORT_KEYS)


def _cached_functions() -> Iterator[tuple[str, bool]]:
    """The functions whose results are cached, and whether they take text."""
    for package in ("api", "schema", "preference_center"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and any(map(_is_cache, node.decorator_list)):
                    types = {ast.unparse(each.annotation) for each in node.args.args if each.annotation}
                    yield f"{path.relative_to(ROOT)}:{node.name}", any(map(_TEXT.search, types))


def _is_cache(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).partition("(")[0] in ("cache", "lru_cache")
