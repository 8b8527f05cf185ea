"""PostgreSQL databases for tests: created from a migrated template, emptied and used again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")
_LARGEST = 8 * 1024 * 1024
"""By how many bytes a database may grow and still be emptied; a larger one is dropped."""
_SCHEMA = """
SELECT concat_ws(' ',
    (SELECT concat(count(*), ':', sum(xmin::text::bigint * oid::bigint)) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace),
    (SELECT concat(count(*), ':', sum(a.xmin::text::bigint)) FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace),
    (SELECT concat(count(*), ':', sum(xmin::text::bigint)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace),
    (SELECT concat(count(*), ':', sum(xmin::text::bigint)) FROM pg_trigger WHERE NOT tgisinternal),
    (SELECT concat(count(*), ':', sum(xmin::text::bigint)) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace))
"""
"""Changes with the schema: every change writes a row of the system catalog, with a new transaction id."""
_TERMINATE_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- no ledger guards, no foreign keys
    FOR name IN SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO filled;
        IF filled THEN EXECUTE 'DELETE FROM ' || name; END IF;
    END LOOP;
    FOR name IN SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences
        WHERE last_value IS NOT NULL
    LOOP
        PERFORM setval(name::regclass, 1, false);
    END LOOP;
END $$
"""
_TABLES = """
SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
_SEQUENCES = """
SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) AS name, last_value
FROM pg_sequences WHERE last_value IS NOT NULL
"""


@dataclass(frozen=True)
class Contents:
    """The rows of a database's tables as JSON, and the last values of its sequences."""

    rows: dict[str, str]
    sequences: dict[str, int]


class Server:
    """A PostgreSQL server with a template of a migrated database, and databases created from it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.template = f"sayso_template_{uuid.uuid4().hex[:12]}"
        self._runner = asyncio.Runner()
        self._connections: dict[str, asyncpg.Connection] = {}
        """One for each database in use, kept open: a new backend takes longer than emptying a database."""
        self._idle: list[str] = []
        self._schema: str | None = None
        self._size = 0
        self._fresh = Contents({}, {})

    def address_of(self, name: str) -> str:
        return self.url.rpartition("/")[0] + "/" + name

    async def run(self, sql: str) -> None:
        admin = await asyncpg.connect(self.url)
        try:
            await admin.execute(sql)
        finally:
            await admin.close()

    def make_template(self) -> str:
        self._run(self.run(f'CREATE DATABASE "{self.template}"'))
        return self.address_of(self.template)

    def measure_template(self) -> None:
        """Remember the schema, size and contents of the template. Call it once the template is migrated."""
        self._run(self._measure())

    async def _measure(self) -> None:
        template = await asyncpg.connect(self.address_of(self.template))
        try:
            self._schema = await template.fetchval(_SCHEMA)
            self._size = await template.fetchval("SELECT pg_database_size(current_database())")
            self._fresh = await _contents(template)
        finally:
            await template.close()

    def contents(self, address: str) -> Contents:
        """All rows of a database, to create others with."""

        async def read() -> Contents:
            return await _contents(await self._connection(address))

        return self._run(read())

    def create(self, contents: Contents | None = None) -> str:
        """The address of a database that is as good as new, or that has these contents."""
        address = self._idle.pop() if self._idle else self._created()
        if contents:
            changed = {
                table: rows for table, rows in contents.rows.items() if rows != self._fresh.rows.get(table)
            }
            self._run(self._fill(address, Contents(changed, contents.sequences)))
        return address

    def _created(self) -> str:
        name = f"sayso_test_{uuid.uuid4().hex[:12]}"
        self._run(self.run(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"'))
        # Tests kill Sayso, never PostgreSQL, so they need not wait for the disk at each commit.
        self._run(self.run(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        return self.address_of(name)

    async def _fill(self, address: str, contents: Contents) -> None:
        database = await self._connection(address)
        async with database.transaction():
            await _insert(database, contents)

    def give_back(self, address: str) -> None:
        """Empty a database for the next test; drop it where that is not as good as a new one."""
        try:
            usable = self._run(self._emptied(address))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            usable = False
        if usable:
            self._idle.append(address)
        else:
            self.drop(address)

    async def _emptied(self, address: str) -> bool:
        database = await self._connection(address)
        await database.execute(_TERMINATE_OTHERS)
        size = await database.fetchval("SELECT pg_database_size(current_database())")
        if size > self._size + _LARGEST or await database.fetchval(_SCHEMA) != self._schema:
            return False
        async with database.transaction():
            await database.execute(_EMPTY)
            await _insert(database, self._fresh)
        return True

    def drop(self, address: str) -> None:
        name = address.rpartition("/")[2]
        if held := self._connections.pop(address, None):
            held.terminate()
        self._run(self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def close(self) -> None:
        """Drop every idle database and the template."""
        for address in [*self._idle, self.address_of(self.template)]:
            self.drop(address)
        self._runner.close()

    def _run(self, act: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(act)

    async def _connection(self, address: str) -> asyncpg.Connection:
        held = self._connections.get(address)
        if held is None or held.is_closed():
            held = self._connections[address] = await asyncpg.connect(address)
        return held


async def _contents(database: asyncpg.Connection) -> Contents:
    rows: dict[str, str] = {}
    for (table,) in await database.fetch(_TABLES):
        if found := await database.fetchval(f"SELECT json_agg(t)::text FROM {table} t"):
            rows[table] = found
    return Contents(rows, dict(await database.fetch(_SEQUENCES)))


async def _insert(database: asyncpg.Connection, contents: Contents) -> None:
    await database.execute("SET LOCAL session_replication_role = replica")
    for table, rows in contents.rows.items():
        await database.execute(f"DELETE FROM {table}")
        await database.execute(
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
            f" SELECT * FROM json_populate_recordset(NULL::{table}, $1)",
            rows,
        )
    for sequence, last in contents.sequences.items():
        await database.execute("SELECT setval($1::text::regclass, $2)", sequence, last)
