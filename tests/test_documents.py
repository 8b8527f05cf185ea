"""The documents agree with each other and with the code: rules, links, the glossary, the decision records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, build_schema

from preference_center.erasure.registry import ERASED_TABLES

ROOT = Path(__file__).parents[1]
TOP = [ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")]
DOCUMENTS = [*TOP, *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
RULE = re.compile(r"\bR(\d+)\b")
PRODUCT_FILES = ("*.py", "*.graphql", "*.html", "*.txt")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def stated_rules() -> list[int]:
    """The numbers of the rules in docs/rules.md, in the order in which it states them."""
    return [
        int(number) for number in re.findall(r"^### R(\d+)\. ", text_of(ROOT / "docs/rules.md"), re.MULTILINE)
    ]


def cited_rules(*folders: str) -> dict[int, list[str]]:
    """The files that cite each rule."""
    found: dict[int, list[str]] = {}
    paths = {path for folder in folders for kind in PRODUCT_FILES for path in (ROOT / folder).rglob(kind)}
    for path in sorted(paths - {Path(__file__)}):
        for number in {int(number) for number in RULE.findall(text_of(path))}:
            found.setdefault(number, []).append(str(path.relative_to(ROOT)))
    return found


def enum_values(name: str) -> list[str]:
    """The values of an enum of the GraphQL schema, in order."""
    found = build_schema(text_of(ROOT / "schema/schema.graphql")).type_map[name]
    assert isinstance(found, GraphQLEnumType)
    return list(found.values)


def anchors(path: Path) -> set[str]:
    """What a link can point to in a document: headings, as GitHub names them, and named anchors."""
    text = re.sub(r"```.*?```", "", text_of(path), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def links(path: Path) -> list[str]:
    """The targets of a document's links and pictures."""
    found = re.findall(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"", text_of(path))
    return [link or picture for link, picture in found]


def test_the_rules_are_stated_in_order_and_without_gaps() -> None:
    assert stated_rules() == list(range(1, len(stated_rules()) + 1))


def test_each_rule_can_be_linked_to_by_its_number() -> None:
    assert {f"r{number}" for number in stated_rules()} <= anchors(ROOT / "docs/rules.md")


def test_every_rule_cited_in_the_product_is_stated() -> None:
    cited = cited_rules("api", "schema", "preference_center", "templates")
    assert {number: files for number, files in cited.items() if number not in stated_rules()} == {}


def test_every_stated_rule_is_cited_where_a_test_proves_it() -> None:
    assert set(stated_rules()) - cited_rules("tests").keys() == set()


def test_no_test_cites_a_rule_that_is_not_stated() -> None:
    cited = cited_rules("tests")
    assert {number: files for number, files in cited.items() if number not in stated_rules()} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_resolve(document: Path) -> None:
    broken = []
    for link in links(document):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_that_a_document_names_exist(document: Path) -> None:
    named = re.findall(r"`((?:api|schema|preference_center|templates|tests)/[\w./-]+)`", text_of(document))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document in reached or document.suffix != ".md":
            continue
        reached.add(document)
        files = {link.partition("#")[0] for link in links(document) if not link.startswith("https://")}
        waiting += [(document.parent / file).resolve() for file in files if file]
    assert {str(path.relative_to(ROOT)) for path in set(DOCUMENTS) - reached} == set()


def test_the_glossary_defines_each_term_once_in_alphabetical_order() -> None:
    terms = re.findall(r"^\| \*\*(.+?)\*\* \|", text_of(ROOT / "docs/glossary.md"), re.MULTILINE)
    assert terms == sorted(set(terms))


def test_the_decision_records_are_numbered_without_gaps_and_listed_in_order() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    rows = re.findall(
        r"^\| \[(\d+)\]\((.+?)\) \| (.+) \|$", text_of(ROOT / "docs/decisions/README.md"), re.MULTILINE
    )
    titles = [text_of(path).partition("\n")[0].removeprefix("# ") for path in DECISIONS]
    assert [(number, file, f"{number}: {title}") for number, file, title in rows] == [
        (path.name[:4], path.name, title) for path, title in zip(DECISIONS, titles, strict=True)
    ]


@pytest.mark.parametrize("record", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_record_has_the_same_parts_as_the_others_and_fits_on_a_page(record: Path) -> None:
    parts = re.findall(r"^## (.+)$", text_of(record), re.MULTILINE)
    order = ["Context", "Decision", "Measured", "Consequences", "Rejected"]
    assert parts == [part for part in order if part in parts]
    assert {"Context", "Decision", "Consequences"} <= set(parts)
    assert len(text_of(record).split()) <= 700


def test_the_privacy_page_names_the_tables_that_are_vacuumed_after_an_erasure() -> None:
    paragraph = re.search(
        r"^\*PostgreSQL\.\*.*?\n\n", text_of(ROOT / "docs/privacy.md"), re.DOTALL | re.MULTILINE
    )
    assert paragraph
    assert set(ERASED_TABLES) <= set(re.findall(r"`(\w+)`", paragraph[0]))


def test_every_user_error_code_is_documented() -> None:
    section = text_of(ROOT / "docs/errors.md").partition("## User errors")[2]
    assert re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", section, re.MULTILINE) == enum_values("UserErrorCode")


def test_every_code_in_the_extensions_of_an_error_is_documented() -> None:
    section = text_of(ROOT / "docs/errors.md").partition("## Error codes")[2].partition("## User errors")[0]
    documented = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", section, re.MULTILINE)
    code = re.compile(r"""(?:"code": |CODE = |code=|Problem\(\d+, |Refused\(\d+, )"([A-Z_]+)\"""")
    sources = [path for folder in ("api", "schema") for path in (ROOT / folder).rglob("*.py")]
    used = {found for path in sources for found in code.findall(text_of(path))}
    assert len(used) > 10, "the pattern finds the codes"
    assert used <= set(documented)
    assert len(documented) == len(set(documented))


def test_the_reasons_that_block_a_message_are_documented_in_their_order() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \|", text_of(ROOT / "docs/rules.md"), re.MULTILINE)
    assert documented == enum_values("BlockReason")


def test_every_environment_variable_is_documented() -> None:
    variable = re.compile(r"SAYSO_[A-Z_]*[A-Z]\b")
    sources = [path for folder in ("api", "preference_center") for path in (ROOT / folder).rglob("*.py")]
    read = {name for path in sources for name in variable.findall(text_of(path))}
    assert read <= {name for path in DOCUMENTS for name in variable.findall(text_of(path))}


@pytest.mark.parametrize("layer", ["api", "schema", "preference_center"])
def test_the_map_shows_every_package_and_no_other(layer: str) -> None:
    architecture = text_of(ROOT / "docs/architecture.md")
    section = re.search(rf"^{layer}/\n(.*?)^(?=\S)", architecture, re.DOTALL | re.MULTILINE)
    assert section
    shown = {
        name
        for line in section[1].splitlines()
        for name in re.findall(r"(?<=\s)(\w+)/", re.split(r"\s{3,}", f" {line.strip()}")[0])
    }
    packages = {path.parent.name for path in (ROOT / layer).glob("*/__init__.py")}
    assert shown == packages


@pytest.mark.parametrize("layer", ["api", "schema", "preference_center"])
def test_the_map_shows_the_modules_beside_the_packages(layer: str) -> None:
    (block,) = re.findall(r"```\n(.*?)```", text_of(ROOT / "docs/architecture.md"), re.DOTALL)
    section = re.search(rf"^{layer}/\n(.*?)(?=^\S|\Z)", block, re.DOTALL | re.MULTILINE)
    assert section
    shown = re.findall(r"^  (\w+\.py)(?:  (\w+\.py))?", section[1], re.MULTILINE)
    modules = {path.name for path in (ROOT / layer).glob("*.py")} - {"__init__.py"}
    assert {name for line in shown for name in line if name} == modules


def test_every_folder_in_the_map_exists() -> None:
    (block,) = re.findall(r"```\n(.*?)```", text_of(ROOT / "docs/architecture.md"), re.DOTALL)
    layers = ("api", "schema", "preference_center", "templates", "tests")
    folders = {path.name for layer in layers for path in (ROOT / layer).rglob("*") if path.is_dir()}
    assert set(re.findall(r"(?<![/\w])(\w+)/", block)) <= folders | set(layers)


def test_the_map_fits_on_a_screen() -> None:
    (block,) = re.findall(r"```\n(.*?)```", text_of(ROOT / "docs/architecture.md"), re.DOTALL)
    assert len(block.splitlines()) <= 45
