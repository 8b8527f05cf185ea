"""Backups of PostgreSQL by its own programs, pg_dump and pg_restore."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from pathlib import Path

from tortoise import Tortoise

from preference_center.backup.contents import FILLED_TABLES, MIGRATIONS_TABLE
from preference_center.backup.files import BackupError, complete_file
from preference_center.config import database_url
from preference_center.config.settings import Settings
from preference_center.storage import database
from preference_center.storage.connection import APP, open_database
from preference_center.storage.transactions import write_transaction
from preference_center.upgrade import schema_state

_HEADER = b"PGDMP"
_DUMP = ("--format=custom", "--no-owner", "--no-privileges", "--no-password", "--lock-wait-timeout=60s")
_RESTORE = (
    *("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password"),
    "--no-comments",  # that of an extension may be written by its owner only
)
_MIGRATION = re.compile(r"\b\d{4}_\w+\b")
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\w+) ", re.MULTILINE)
_SHOWN_LINES = 5


async def back_up(config: Settings, file: Path, *, replace: bool) -> None:
    """Dump the database to a file in PostgreSQL's custom format. Raises BackupError."""
    async with open_database(config):
        if MIGRATIONS_TABLE not in await _tables():
            raise BackupError("There are no tables of Sayso in the database.")
        await _check_version("pg_dump")
    with complete_file(file, replace=replace) as scratch:
        await _run(config, "pg_dump", *_DUMP, f"--file={scratch}")


async def restore(config: Settings, file: Path, *, force: bool) -> None:
    """Restore a dump in one transaction, after removing Sayso's tables. Raises BackupError."""
    async with open_database(config):
        await _check_version("pg_restore")
        dumped = await _check_backup(config, file)
        await _check_target(force=force)
        await _drop(dumped | {model._meta.db_table for model in (Tortoise.apps or {})[APP].values()})
    await _run(config, "pg_restore", *_RESTORE, f"--dbname={_conninfo(config)}", str(file))
    async with open_database(config):
        await database.execute("ANALYZE")  # a dump holds no statistics


async def _check_backup(config: Settings, file: Path) -> set[str]:
    """Read the whole file and return its tables. Raises BackupError if it cannot be restored."""
    try:
        with file.open("rb") as opened:
            header = opened.read(len(_HEADER))
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}.") from error
    if header != _HEADER:
        raise BackupError(f"{file} is not a backup of a PostgreSQL database.")
    tables = set(_TABLE.findall(await _run(config, "pg_restore", "--list", str(file))))
    if MIGRATIONS_TABLE not in tables:
        raise BackupError(f"{file} is not a backup of Sayso.")
    await _run(config, "pg_restore", "--file=/dev/null", str(file))
    only_migrations = ("--data-only", f"--table={MIGRATIONS_TABLE}", "--file=-")
    applied = _MIGRATION.findall(await _run(config, "pg_restore", *only_migrations, str(file)))
    if unknown := sorted({*applied} - {*schema_state.known()}):
        raise BackupError(f"{file} was made by a newer version of Sayso ({', '.join(unknown)}).")
    return tables


async def _check_target(*, force: bool) -> None:
    tables = await _tables()
    if tables and MIGRATIONS_TABLE not in tables:
        raise BackupError("The database holds tables that are not Sayso's. Name an empty database.")
    for table in FILLED_TABLES:
        if table in tables and not force and await database.fetch(f"SELECT 1 FROM {table} LIMIT 1"):
            raise BackupError("The database holds data. Use --force to replace it.")


async def _tables() -> set[str]:
    rows = await database.fetch(
        "SELECT c.relname AS name FROM pg_class c"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
    )
    return {row["name"] for row in rows}


_TRIGGER_FUNCTIONS = """
SELECT DISTINCT t.tgfoid::regprocedure::text AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal AND c.relname = ANY($1)
""".strip()


async def _drop(names: set[str]) -> None:
    """Drop tables, where they exist, with their triggers' functions."""
    async with write_transaction():
        existing = sorted(names & await _tables())
        functions = [row["name"] for row in await database.fetch(_TRIGGER_FUNCTIONS, existing)]
        if existing:
            await database.execute(f"DROP TABLE {', '.join(map(_quoted, existing))} CASCADE")
        for function in functions:
            await database.execute(f"DROP FUNCTION {function}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def _check_version(program: str) -> None:
    """Raise BackupError if a program is missing, or older than the server, whose tables it may not know."""
    [row] = await database.fetch("SELECT current_setting('server_version_num')::int / 10000 AS major")
    server = row["major"]
    needed = f"Install PostgreSQL's client programs, version {server} or newer (postgresql-client-{server})."
    if shutil.which(program) is None:
        raise BackupError(f"The program {program} is missing. {needed}")
    answer = await _output(program, "--version", environment=dict(os.environ))
    found = re.search(r"(\d+)(?:\.\d+)*", answer)
    if found and int(found[1]) < server:
        raise BackupError(f"{program} is of version {found[1]}, the server of version {server}. {needed}")


async def _run(config: Settings, program: str, *arguments: str) -> str:
    """Run a program on the database of the settings and return what it prints. Raises BackupError.

    It gets the password in its environment, not as an argument, which every user of the machine could read.
    """
    address = database_url.parse_postgres(config.database_url)
    variables = {
        "PGHOST": address.host,
        "PGPORT": str(address.port),
        "PGUSER": address.user,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGSSLMODE": address.ssl_mode,
        "LC_ALL": "C",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}
    environment |= {name: value for name, value in variables.items() if value is not None}
    return await _output(program, *arguments, environment=environment)


async def _output(program: str, *arguments: str, environment: dict[str, str]) -> str:
    running = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await running.communicate()
    except asyncio.CancelledError:
        running.kill()
        await running.wait()
        raise
    if running.returncode:
        lines = errors.decode(errors="replace").strip().splitlines()[-_SHOWN_LINES:]
        raise BackupError("\n".join([f"{program} failed:", *(f"  {line}" for line in lines)]))
    return output.decode(errors="replace")


def _conninfo(config: Settings) -> str:
    name = database_url.parse_postgres(config.database_url).database.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{name}'"
