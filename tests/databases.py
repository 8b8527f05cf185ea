"""PostgreSQL databases of the tests' own: made from a migrated template, emptied and used again."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg

LARGEST = 8 * 1024 * 1024
"""By how many bytes a database may have grown to be worth emptying; one that is larger is dropped."""
_SHAPE = """
SELECT md5(string_agg(t, ';' ORDER BY t)) FROM (
    SELECT concat(c.oid::regclass, c.relkind, a.attname, a.atttypid, a.attnotnull) AS t
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat(conname, pg_get_constraintdef(oid)) FROM pg_constraint
    UNION ALL SELECT concat(tgname, tgenabled, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
) AS shape
"""
_EMPTY = """
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- the ledger's guards and the foreign keys stand aside
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


class Server:
    """A PostgreSQL server with a template of a migrated database, and databases made from it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.template = f"sayso_template_{uuid.uuid4().hex[:12]}"
        self._idle: list[str] = []
        self._shape: str | None = None
        self._size = 0
        self._seed: list[tuple[str, str]] = []
        """Tables that have rows in the template, with the rows as JSON."""

    def address_of(self, name: str) -> str:
        return self.url.rpartition("/")[0] + "/" + name

    async def run(self, sql: str) -> None:
        admin = await asyncpg.connect(self.url)
        try:
            await admin.execute(sql)
        finally:
            await admin.close()

    def make_template(self) -> str:
        asyncio.run(self.run(f'CREATE DATABASE "{self.template}"'))
        return self.address_of(self.template)

    def know_template(self) -> None:
        """Remember what a fresh database is like. To be called once the template is migrated."""
        asyncio.run(self._know())

    async def _know(self) -> None:
        template = await asyncpg.connect(self.address_of(self.template))
        try:
            self._shape = await template.fetchval(_SHAPE)
            self._size = await template.fetchval("SELECT pg_database_size(current_database())")
            tables = await template.fetch(
                "SELECT oid::regclass::text AS name FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            )
            for (name,) in tables:
                rows = await template.fetchval(f"SELECT json_agg(t)::text FROM {name} t")
                if rows:
                    self._seed.append((name, rows))
        finally:
            await template.close()

    def create(self) -> str:
        """The address of a database that is as good as new."""
        if self._idle:
            return self._idle.pop()
        name = f"sayso_test_{uuid.uuid4().hex[:12]}"
        asyncio.run(self.run(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"'))
        return self.address_of(name)

    def give_back(self, address: str) -> None:
        """Empty a database for the next test; drop it where that is not as good as a new one."""
        try:
            usable = asyncio.run(self._emptied(address))
        except (asyncpg.PostgresError, OSError):
            usable = False
        if usable:
            self._idle.append(address)
        else:
            self.drop(address)

    async def _emptied(self, address: str) -> bool:
        database = await asyncpg.connect(address)
        try:
            await database.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            size = await database.fetchval("SELECT pg_database_size(current_database())")
            if size > self._size + LARGEST or await database.fetchval(_SHAPE) != self._shape:
                return False
            async with database.transaction():
                await database.execute(_EMPTY)
                for name, rows in self._seed:
                    await database.execute("SET LOCAL session_replication_role = replica")
                    await database.execute(
                        f"INSERT INTO {name} OVERRIDING SYSTEM VALUE"
                        f" SELECT * FROM json_populate_recordset(NULL::{name}, $1)",
                        rows,
                    )
        finally:
            await database.close()
        return True

    def drop(self, address: str) -> None:
        name = address.rpartition("/")[2]
        asyncio.run(self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def close(self) -> None:
        """Drop everything that was made."""
        for address in [*self._idle, self.address_of(self.template)]:
            self.drop(address)
