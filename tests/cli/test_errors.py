"""A command that the database fails says so in a line, and exits with 1."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest
import typer

from api.cli import command
from preference_center.storage.outages import StatementTimeout


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("connection refused"),
        asyncpg.InterfaceError("cannot perform operation: connection is closed"),
        asyncpg.InternalClientError("unexpected message"),
        asyncpg.TooManyConnectionsError("too many clients already"),
        sqlite3.OperationalError("database is locked"),
        StatementTimeout(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_command_without_its_database_ends_with_a_message(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(command, "load_settings", fail)
    with pytest.raises(typer.Exit) as ended:
        command.with_database(lambda _: fail())  # type: ignore[arg-type,return-value,func-returns-value]
    assert ended.value.exit_code == command.FAILED
    assert type(error).__name__ in capsys.readouterr().err
