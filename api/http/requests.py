"""A request whose headers are read once, however many of them are asked for."""

from __future__ import annotations

from functools import cached_property

from starlette.datastructures import Headers
from starlette.requests import Request


class ApiRequest(Request):
    """A request of a program: several of its headers are looked at."""

    @cached_property
    def headers(self) -> Headers:
        """The headers, the first of each name found at once."""
        return _IndexedHeaders(scope=self.scope)


class _IndexedHeaders(Headers):
    """Headers with an index. Starlette's go through all of them, and decode them, for each look-up."""

    @cached_property
    def _first(self) -> dict[str, str]:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(self.raw)}

    def __getitem__(self, key: str) -> str:
        return self._first[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._first

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The first value of a header, or the default."""
        return self._first.get(key.lower(), default)
