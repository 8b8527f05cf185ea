"""Reads a manifest: a JSON file with the documents that a team's clients use, by id.

Two formats are read: an object of ids and documents, as the client preset of GraphQL Code Generator writes it
(`persisted-documents.json`), and the manifest of Apollo's `generate-persisted-query-manifest`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

APOLLO = "apollo-persisted-query-manifest"
_MOST_BYTES = 20_000_000
LONGEST_ID = 200
"""Characters in the id of a document. No longer one is looked up."""
_FORMATS = f'an object of ids and documents, or a manifest with "format": "{APOLLO}"'


class BadManifest(Exception):
    """A manifest that cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read(path: Path) -> dict[str, str]:
    """Return the documents by id. Raises BadManifest."""
    content = _parse(path)
    if not isinstance(content, dict):
        raise BadManifest(f"must be {_FORMATS}")
    entries = list(_of_apollo(content) if "format" in content else content.items())
    if not entries:
        raise BadManifest("has no documents")
    problems = [problem for number, entry in enumerate(entries, 1) if (problem := _problem(number, *entry))]
    documents: dict[str, str] = {}
    for id_, text in entries if not problems else ():
        if documents.setdefault(id_, text) != text:
            problems.append(f"the id {id_[:80]!r} stands for two documents")
    if problems:
        raise BadManifest(*problems)
    return documents


def _parse(path: Path) -> Any:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadManifest(f"has more than {_MOST_BYTES} bytes")
        return orjson.loads(path.read_bytes())
    except OSError as error:
        raise BadManifest(f"cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise BadManifest(f"is not JSON: {error}") from None


def _of_apollo(content: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if content["format"] != APOLLO or content.get("version", 1) != 1:
        raise BadManifest(f"must be {_FORMATS} and version 1")
    operations = content.get("operations")
    if not isinstance(operations, list):
        raise BadManifest("`operations` must be a list")
    for operation in operations:
        fields = operation if isinstance(operation, dict) else {}
        yield fields.get("id"), fields.get("body")


def _problem(number: int, id_: object, text: object) -> str | None:
    if not isinstance(id_, str) or not id_.strip():
        return f"document {number} has no id"
    if len(id_) > LONGEST_ID:
        return f"the id {id_[:80]!r}… has more than {LONGEST_ID} characters"
    if not isinstance(text, str) or not text.strip():
        return f"the document {id_[:80]!r} has no text"
    return None
