"""`sayso migrate`, `sayso demo` and `sayso verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import command, demo_links
from api.cli.progress import progress_bar
from preference_center.config.settings import Settings
from preference_center.demo import build as demo_data
from preference_center.history import verification
from preference_center.upgrade import upgrade


def migrate() -> None:
    """Migrate the database to the newest schema. Several processes may run it at once."""

    async def run(settings: Settings) -> list[str]:
        return await upgrade.upgrade(settings)

    applied = command.with_database(run, migrated=False)
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("nothing to do: the schema is the newest")


def demo(
    contacts: Annotated[int, typer.Option(help="How many contacts to create.", min=1, max=1_000_000)] = 200,
    once: Annotated[bool, typer.Option("--once", help="Succeed if there is demo data already.")] = False,
) -> None:
    """Create demo data (two business units, a dozen types, contacts with a history), print what to open."""

    async def run(settings: Settings) -> tuple[int, list[str]]:
        if settings.production:
            command.fail("SAYSO_ENV is production: demo data is refused.")
        with progress_bar("contacts", contacts) as advance:
            created = await demo_data.load(contacts, advance)
        return created, await demo_links.what_to_open(settings)

    created, lines = command.with_database(run)
    if not created and not once:
        command.fail("There is demo data already. Use --once to accept that.")
    if created:
        typer.echo(f"made {created:,} demo contacts")
    for line in lines:
        typer.echo(line)


def verify() -> None:
    """Replay the ledger and list where it differs from the current state. Exits with 1 if it differs."""

    async def run(_settings: Settings) -> int:
        differences = 0
        with progress_bar("recipients", await verification.count_recipients()) as advance:
            async for line in verification.verify(advance):
                typer.echo(line)
                differences += 1
        return differences

    differences = command.with_database(run)
    if differences:
        command.fail(f"{differences} differences: the state is not what the ledger says.")
    typer.echo("the state is what the ledger says")
