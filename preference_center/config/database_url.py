"""SAYSO_DATABASE_URL, checked before anything parses it: no error shows a part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from preference_center.config.environment import Environment

NAME = "SAYSO_DATABASE_URL"
REPLICA = "SAYSO_DATABASE_READ_URL"
_SCHEMES = ("postgres://", "postgresql://")
_TEXT = r"(?:[^\s/?#@%\[\]\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})"
_POSTGRES = re.compile(
    rf"postgres(?:ql)?://(?:{_TEXT}*@)?(?:[A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{{1,5}}))?"
    rf"(?:/{_TEXT}*)?(?:\?(?P<query>[^\s#@]*))?",
    re.ASCII,
)
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_MAX_PORT = 65_535
_MAX_POOL = 10_000


def read(env: Environment, default: str) -> str:
    """Return the URL of the database; reports one that cannot be used, without any part of it."""
    url = env.raw(NAME, default)
    if url.startswith("sqlite://"):
        _check_sqlite(env, url.removeprefix("sqlite://"))
    elif url.startswith(_SCHEMES):
        _check_postgres(env, url, NAME)
    else:
        env.report(NAME, "must start with sqlite:// or postgres://")
    return url


def read_replica(env: Environment) -> str | None:
    """Return the URL of a read replica, if there is one; reports one that cannot be used."""
    url = env.raw(REPLICA)
    if not url:
        return None
    if not url.startswith(_SCHEMES):
        env.report(REPLICA, "must start with postgres://")
    elif not env.raw(NAME).startswith(_SCHEMES):
        env.report(REPLICA, f"needs a {NAME} that starts with postgres://")
    else:
        _check_postgres(env, url, REPLICA)
    return url


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """The parts of a PostgreSQL URL, decoded, with the defaults for those that it leaves out."""

    host: str
    port: int
    user: str
    password: str | None = field(repr=False)
    database: str
    ssl_mode: str | None


def parse_postgres(url: str) -> PostgresAddress:
    """Parse a URL that `read` accepted."""
    parts = urlsplit(url)
    return PostgresAddress(
        parts.hostname or "127.0.0.1",
        parts.port or 5432,
        unquote(parts.username or "postgres"),
        unquote(parts.password) if parts.password else None,
        unquote(parts.path.lstrip("/")) or "sayso",
        parse_qs(parts.query).get("sslmode", [None])[-1],
    )


def _check_sqlite(env: Environment, path: str) -> None:
    if not path.strip("/ ") or path.startswith(":"):  # SQLite's :memory: would be empty in each process
        env.report(NAME, "must name a file: sqlite://data/sayso.db")


def _check_postgres(env: Environment, url: str, name: str) -> None:
    found = _POSTGRES.fullmatch(url)
    if found is None:
        env.report(
            name,
            "must be postgres://USER:PASSWORD@HOST:PORT/NAME; percent-encode special characters in the user,"
            " the password and the name (# is %23, % is %25, / is %2F, @ is %40, a space is %20)",
        )
        return
    if found["port"] and not 0 < int(found["port"]) <= _MAX_PORT:
        env.report(name, f"the port must be from 1 to {_MAX_PORT}")
    _check_options(env, name, parse_qs(found["query"] or "", keep_blank_values=True))


def _check_options(env: Environment, name: str, options: dict[str, list[str]]) -> None:
    pool = options.get("maxsize", ["1"])[-1]
    if not (pool.isascii() and pool.isdigit() and len(pool) < 6 and 0 < int(pool) <= _MAX_POOL):
        env.report(name, f"maxsize must be a whole number from 1 to {_MAX_POOL}")
    if options.get("sslmode", ["prefer"])[-1] not in _SSL_MODES:
        env.report(name, f"sslmode must be {', '.join(_SSL_MODES[:-1])} or {_SSL_MODES[-1]}")
