"""`sayso migrate`, `sayso demo` and `sayso verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import frame, welcome
from api.cli.progress import bar
from preference_center.config.settings import Settings
from preference_center.demo import build as demo_data
from preference_center.history import verification
from preference_center.storage import migration


def migrate() -> None:
    """Bring the database to the newest schema. Safe to run by several at once."""

    async def act(settings: Settings) -> list[str]:
        return await migration.migrate(settings)

    applied = frame.with_database(act, migrated=False)
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("nothing to do: the schema is the newest")


def demo(
    contacts: Annotated[int, typer.Option(help="How many contacts to make.", min=1, max=1_000_000)] = 200,
    once: Annotated[bool, typer.Option("--once", help="Where demo data is there, that is no error.")] = False,
) -> None:
    """Make demo data (two business units, a dozen types, contacts with a history) and say what to open."""

    async def act(settings: Settings) -> tuple[int, list[str]]:
        if settings.production:
            frame.fail("Demo data has no place in production (SAYSO_ENV).")
        with bar("contacts", contacts) as advance:
            made = await demo_data.load(contacts, advance)
        return made, await welcome.what_to_open(settings)

    made, lines = frame.with_database(act)
    if not made and not once:
        frame.fail("The demo data is there already. `--once` makes that no error.")
    if made:
        typer.echo(f"made {made:,} demo contacts")
    for line in lines:
        typer.echo(line)


def verify() -> None:
    """Replay the ledger and compare it with the current state; exit 1 and a list where they differ."""

    async def act(_settings: Settings) -> int:
        differences = 0
        with bar("recipients", await verification.count_recipients()) as advance:
            async for line in verification.verify(advance):
                typer.echo(line)
                differences += 1
        return differences

    differences = frame.with_database(act)
    if differences:
        frame.fail(f"{differences} differences: the state is not what the ledger says.")
    typer.echo("the state is what the ledger says")
