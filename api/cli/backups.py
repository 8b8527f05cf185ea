"""`sayso backup` and `sayso restore`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.cli import command
from api.cli.progress import reported_bar
from preference_center.backup import postgres, sqlite
from preference_center.backup.files import BackupError, target_of
from preference_center.backup.restore import Restored, Source
from preference_center.backup.restore import restore as restore_backup
from preference_center.config import keys
from preference_center.config.settings import Settings
from preference_center.storage import shares, sqlite_file
from preference_center.storage.shares import Share

_MEGABYTE = 1_000_000


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.", metavar="FILE")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
) -> None:
    """Back up the database to a file, while others use it. The keys and the erasure journal are not in it."""
    settings = command.load_settings()
    path = sqlite_file.path_of(settings)
    _refuse_own_files(settings, file)
    with _explained(), reported_bar("pages") as progress:
        if path is None:
            asyncio.run(postgres.back_up(settings, file, replace=force))
        else:
            sqlite.back_up(path, file, replace=force, progress=progress)
    typer.echo(f"wrote {file} ({file.stat().st_size / _MEGABYTE:,.1f} MB)")
    typer.echo(
        f"Not in it: the keys, and {settings.erasure_journal}. A restore needs both: back them up elsewhere."
    )


def _refuse_own_files(settings: Settings, file: Path) -> None:
    """Exit if a backup would replace what it cannot replace: the database, the keys, the journal."""
    path = sqlite_file.path_of(settings)
    own = [settings.erasure_journal, settings.data_dir / keys.FILE_NAME]
    own += sqlite_file.files_of(path) if path else []
    if target_of(file) in map(target_of, own):
        command.fail(f"{file} is a file that Sayso works with. Name another one.", code=command.BAD_USAGE)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `sayso backup` wrote.", metavar="FILE")],
    force: Annotated[bool, typer.Option("--force", help="Replace a database that holds data.")] = False,
    journal: Annotated[
        list[Path] | None,
        typer.Option(help="An erasure journal, in place of SAYSO_ERASURE_JOURNAL. Repeat for several."),
    ] = None,
) -> None:
    """Restore a backup, erase again who was erased since, and verify. Stop servers and workers first."""
    settings = command.load_settings()
    source = Source(file, journal or [settings.erasure_journal], force)
    with _explained(), reported_bar("pages") as progress:
        restored = asyncio.run(restore_backup(settings, source, progress))
    _echo(restored)


def _echo(restored: Restored) -> None:
    for warning in restored.warnings:
        typer.echo(f"Warning: {warning}", err=True)
    for name in restored.applied:
        typer.echo(f"applied {name}")
    typer.echo(f"restored; erased again: {restored.erased_again:,}")
    for line in restored.differences:
        typer.echo(line)
    if restored.differences:
        command.fail(f"{len(restored.differences)} differences: the state is not what the ledger says.")
    typer.echo("the state is what the ledger says")


@contextmanager
def _explained() -> Iterator[None]:
    """Exit with a message for errors that the user can do something about."""
    try:
        with shares.using(Share.MIGRATIONS):
            yield
    except BackupError as error:
        command.fail(*str(error).splitlines())
    except command.DATABASE_ERRORS as error:
        command.fail(f"The database does not answer as it should: {type(error).__name__}: {error}")
