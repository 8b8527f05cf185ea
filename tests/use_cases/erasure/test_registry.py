"""Every column that can hold personal data is declared by the package that owns its table (R36)."""

from __future__ import annotations

from tortoise import Tortoise, fields
from tortoise.fields.base import Field

from preference_center.erasure.registry import PERSONAL_DATA
from preference_center.storage import database
from preference_center.storage.connection import APP

DECLARED = {(table.table, column) for table in PERSONAL_DATA for column in table.columns}
CANNOT_NAME_ANYBODY = (
    fields.IntField,
    fields.SmallIntField,
    fields.BigIntField,
    fields.BooleanField,
    fields.DatetimeField,
)
COLUMN_TYPES_THAT_CANNOT_NAME_ANYBODY = {
    *("INT", "INTEGER", "SMALLINT", "BIGINT", "BOOL", "BOOLEAN", "TIMESTAMP"),
    "TIMESTAMP WITH TIME ZONE",
}
NOT_SAYSOS = {"tortoise_migrations", "sqlite_sequence"}
"""Tables of the database and of the ORM, about the schema alone."""
WITHOUT_MODEL = {"contact_properties"}
"""Kept by triggers, from the rows of another table."""
FULL_TEXT_INDEX = "contact_search"
"""SQLite's index of the texts of contacts, and the tables that it consists of, begin with this."""
COLUMNS_SQL = {
    "sqlite": "SELECT m.name AS table_name, c.name AS column_name, c.type AS column_type"
    " FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
    "postgres": "SELECT table_name, column_name, data_type AS column_type"
    " FROM information_schema.columns WHERE table_schema = current_schema()",
}


def can_name_somebody(column: Field[object]) -> bool:
    return not isinstance(column, CANNOT_NAME_ANYBODY)


async def columns_of_the_models() -> dict[tuple[str, str], bool]:
    """Every column of the ORM's models, with whether its type can hold a name or an address."""
    return {
        (model._meta.db_table, model._meta.fields_db_projection[name]): can_name_somebody(
            model._meta.fields_map[name]
        )
        for model in Tortoise.apps[APP].values()  # type: ignore[index]
        for name in model._meta.fields_db_projection
    }


async def columns_of_the_database() -> dict[tuple[str, str], bool]:
    """The same, read from the database's own catalog."""
    rows = await database.fetch(COLUMNS_SQL[database.dialect()])
    return {
        (row["table_name"], row["column_name"]): row["column_type"].upper()
        not in COLUMN_TYPES_THAT_CANNOT_NAME_ANYBODY
        for row in rows
        if row["table_name"] not in NOT_SAYSOS and not row["table_name"].startswith(FULL_TEXT_INDEX)
    }


async def test_every_column_that_can_hold_personal_data_is_declared(db: object) -> None:
    for columns in (await columns_of_the_models(), await columns_of_the_database()):
        undeclared = {column for column, can_name in columns.items() if can_name} - DECLARED
        assert undeclared == set()


async def test_the_models_and_the_database_have_every_declared_column(db: object) -> None:
    modelled = {(table, column) for table, column in DECLARED if table not in WITHOUT_MODEL}
    assert modelled <= (await columns_of_the_models()).keys()
    assert (await columns_of_the_database()).keys() >= DECLARED


def test_every_column_is_declared_once() -> None:
    assert len(DECLARED) == sum(len(table.columns) for table in PERSONAL_DATA)


def test_every_table_with_columns_to_erase_has_a_function_that_erases_them() -> None:
    erased = {table.table for table in PERSONAL_DATA if table.erase}
    for table in PERSONAL_DATA:
        if table.erased_columns:
            assert table.table in erased or table.erased_with in erased, table.table


def test_every_column_that_is_never_personal_has_a_reason() -> None:
    for table in PERSONAL_DATA:
        assert all(reason.endswith(".") for reason in table.never_personal.values()), table.table
