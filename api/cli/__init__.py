"""`sayso`: the command line."""

from __future__ import annotations

import typer

from api.cli.address_lists import app as list_commands
from api.cli.backups import backup, restore
from api.cli.exports import app as export_commands
from api.cli.imports import app as import_commands
from api.cli.links import link
from api.cli.maintenance import demo, migrate, verify
from api.cli.serving import serve, worker
from api.cli.tokens import app as token_commands
from preference_center.config import private_files

app = typer.Typer(
    name="sayso",
    help="Sayso is the system of record for marketing consent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    callback=private_files.restrict_process,
)
for function in (migrate, demo, serve, worker, link, verify, backup, restore):
    app.command()(function)
app.add_typer(list_commands)
app.add_typer(export_commands, name="export")
app.add_typer(import_commands, name="import")
app.add_typer(token_commands, name="token")

__all__ = ["app"]
