"""`sayso token create | list | revoke`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import frame
from preference_center.access import tokens as access
from preference_center.access.tokens import TokenRecord
from preference_center.config.settings import Settings
from preference_center.rules.types import ConsentOrigin

app = typer.Typer(help="API tokens: made, listed, revoked.", no_args_is_help=True)
_THERE_ARE = ", ".join(sorted(access.SCOPES))


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the ledger will call whoever uses it.")],
    scope: Annotated[list[str], typer.Option(help=f"May be given several times. There are: {_THERE_ARE}.")],
    origin: Annotated[
        str | None, typer.Option(help="INTEGRATION: its changes count as an integration's (R9).")
    ] = None,
) -> None:
    """Make a token and print it, alone on its line: only its hash is kept, so it can't be shown again."""
    unknown = sorted(set(scope) - access.SCOPES)
    if unknown:
        frame.fail(f"No such scope: {', '.join(unknown)}. There are: {_THERE_ARE}.", code=frame.MISUSED)
    if origin not in (None, ConsentOrigin.INTEGRATION.value):
        frame.fail("The only origin that a token can be given is INTEGRATION.", code=frame.MISUSED)

    async def act(_settings: Settings) -> str:
        return await access.create_token(name, scope, ConsentOrigin.INTEGRATION if origin else None)

    typer.echo(frame.with_database(act))


@app.command("list")
def show() -> None:
    """List the tokens ever made: prefix, origin, last use, scopes, name. A line each, tabs between."""

    async def act(_settings: Settings) -> list[TokenRecord]:
        return await access.list_tokens()

    for token in frame.with_database(act):
        typer.echo("\t".join(_columns(token)))


def _columns(token: TokenRecord) -> tuple[str, ...]:
    used = f"used {token.last_used_at:%Y-%m-%d %H:%M}Z" if token.last_used_at else "never used"
    if token.revoked_at:
        used = f"revoked {token.revoked_at:%Y-%m-%d %H:%M}Z"
    return f"sayso_{token.prefix}_…", token.origin.value, used, ",".join(token.scopes), token.name


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Its name, or how it begins: sayso_1a2b3c4d.")],
) -> None:
    """Refuse a token from this moment on."""
    wanted = name.removeprefix("sayso_").partition("_")[0] if name.startswith("sayso_") else name

    async def act(_settings: Settings) -> bool:
        return await access.revoke_token(wanted)

    typer.echo("revoked" if frame.with_database(act) else "was revoked before")
