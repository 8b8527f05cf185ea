"""Which document a request asks for: by its text, by the id of a trusted document, or by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from api.graphql.http import Document, Refused, bad_request
from api.graphql.run import documents
from api.graphql.stored import manifest
from api.graphql.stored.registered import registered
from preference_center.config.settings import Settings, SettingsError

_VARIABLE = "SAYSO_TRUSTED_DOCUMENTS"
_PREFIX = "sha256:"
"""Before a hash in a `documentId`, as GraphQL over HTTP writes it."""
_MOST_PROBLEMS = 20


class StoredDocuments:
    """The trusted documents of an installation, and those that clients have registered."""

    def __init__(self, trusted: Mapping[str, str] | None = None, *, only: bool = False) -> None:
        self._trusted: dict[str, str] = {}
        self._only = only
        for id_, text in (trusted or {}).items():
            self._trusted[_sha256(text)] = text
            self._trusted[id_.removeprefix(_PREFIX)] = text

    def choose(self, values: Mapping[str, Any]) -> Document:
        """Return the document that the parameters of a request ask for. Raises Refused."""
        query, id_, sha256 = values.get("query"), values.get("documentId"), _hash_in(values.get("extensions"))
        if id_ is not None:
            return self._by_id(id_, query)
        if not query and sha256 is not None:
            return self._by_hash(sha256)
        if not isinstance(query, str) or not query.strip():
            raise bad_request("`query` must be a string that is not empty, unless `documentId` is given.")
        if sha256 is not None and sha256 != _sha256(query):
            message = "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`."
            raise Refused(400, message, "PERSISTED_QUERY_HASH_MISMATCH")
        if self._only and _sha256(query) not in self._trusted:
            raise Refused(
                403, "Only trusted documents are served. Send a `documentId`.", "DOCUMENT_NOT_TRUSTED"
            )
        return Document(query, register_as=None if self._only else sha256)

    def keep(self, document: Document) -> None:
        """Keep the document of a request that ran, if it came with its hash."""
        if document.register_as is not None:
            registered.keep(document.register_as, document.text)

    def _by_id(self, id_: object, query: object) -> Document:
        if not isinstance(id_, str) or not id_.strip():
            raise bad_request("`documentId` must be a string that is not empty.")
        if query:
            raise bad_request("Send `documentId` or `query`, not both.")
        text = self._find(id_)
        if text is None:
            message = f"There is no document with the id {id_[:80]!r}."
            raise Refused(404, message, "PERSISTED_QUERY_NOT_FOUND")
        return Document(text, by_id=True)

    def _by_hash(self, sha256: str) -> Document:
        text = self._find(sha256)
        if text is None:
            # Apollo Client and urql look for this message, and send the document with its hash.
            raise Refused(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        return Document(text, by_id=True)

    def _find(self, id_: str) -> str | None:
        if len(id_) > manifest.LONGEST_ID:
            return None
        key = id_.removeprefix(_PREFIX)
        found = self._trusted.get(key)
        return found if found is not None or self._only else registered.get(key)


def load(settings: Settings) -> StoredDocuments:
    """Read and validate the trusted documents. Raises SettingsError with everything that is wrong."""
    if settings.trusted_documents is None:
        return StoredDocuments()
    try:
        trusted = manifest.read(settings.trusted_documents)
    except manifest.BadManifest as error:
        raise _settings_error(settings, error.problems) from None
    problems = [
        f"the document {id_[:80]!r} is invalid: {errors[0].message}"
        for id_, text in trusted.items()
        if isinstance(errors := documents.prepare(text), list)
    ]
    if problems:
        raise _settings_error(settings, problems)
    return StoredDocuments(trusted, only=settings.trusted_documents_only)


def _settings_error(settings: Settings, problems: tuple[str, ...] | list[str]) -> SettingsError:
    lines = [f"{_VARIABLE}: {settings.trusted_documents}: {problem}" for problem in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"{_VARIABLE}: and {len(problems) - _MOST_PROBLEMS} more problems")
    return SettingsError(lines)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _hash_in(extensions: object) -> str | None:
    """Return the hash in `extensions.persistedQuery`; None if there is none. Raises Refused."""
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if persisted is None:
        return None
    sha256 = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(sha256, str) or not sha256 or persisted.get("version", 1) != 1:
        raise bad_request("`extensions.persistedQuery` must have `version` 1 and a `sha256Hash`.")
    return sha256.lower()
