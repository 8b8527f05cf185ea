"""`sayso token create`, `list` and `revoke`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import command
from preference_center.access.scopes import DESCRIPTIONS, SCOPES
from preference_center.access.tokens import MAX_DAYS, TokenRecord, create_token, list_tokens, revoke_token
from preference_center.config.settings import Settings
from preference_center.rules.types import ConsentOrigin

app = typer.Typer(help="Create, list and revoke API tokens.", no_args_is_help=True)
_SCOPES = ", ".join(sorted(SCOPES))
_EACH_SCOPE = "; ".join(f"{scope} ({what})" for scope, what in DESCRIPTIONS.items())


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The actor that the ledger records for it.")],
    scope: Annotated[list[str], typer.Option(help=f"Repeat for several. One of: {_EACH_SCOPE}.")],
    origin: Annotated[
        str | None, typer.Option(help="INTEGRATION: its changes are subject to the rules for integrations.")
    ] = None,
    expires_in_days: Annotated[
        int | None,
        typer.Option(
            min=1, max=MAX_DAYS, help="After so many days it is refused. By default it never expires."
        ),
    ] = None,
) -> None:
    """Create a token and print it. Only its hash is stored, so it cannot be shown again."""
    unknown = sorted(set(scope) - SCOPES)
    if unknown:
        message = f"--scope: Unknown scope {', '.join(unknown)}. Use any of {_SCOPES}."
        command.fail(message, code=command.BAD_USAGE)
    if origin not in (None, ConsentOrigin.INTEGRATION.value):
        command.fail("--origin: The only possible origin is INTEGRATION.", code=command.BAD_USAGE)

    async def run(_settings: Settings) -> str:
        acts_as = ConsentOrigin.INTEGRATION if origin else None
        return await create_token(name, scope, acts_as, expires_in_days=expires_in_days)

    typer.echo(command.with_database(run))


@app.command("list")
def show() -> None:
    """List all tokens, one per line: prefix, origin, last use, scopes and name, separated by tabs."""

    async def run(_settings: Settings) -> list[TokenRecord]:
        return await list_tokens()

    for token in command.with_database(run):
        typer.echo("\t".join(_columns(token)))


def _columns(token: TokenRecord) -> tuple[str, ...]:
    used = f"used {token.last_used_at:%Y-%m-%d %H:%M}Z" if token.last_used_at else "never used"
    if token.expires_at:
        used += f", expires {token.expires_at:%Y-%m-%d %H:%M}Z"
    if token.revoked_at:
        used = f"revoked {token.revoked_at:%Y-%m-%d %H:%M}Z"
    return f"sayso_{token.prefix}_…", token.origin.value, used, ",".join(token.scopes), token.name


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Its name, or its prefix: sayso_1a2b3c4d.")],
) -> None:
    """Revoke a token. It is refused from now on."""
    name_or_prefix = name.removeprefix("sayso_").partition("_")[0] if name.startswith("sayso_") else name

    async def run(_settings: Settings) -> bool:
        return await revoke_token(name_or_prefix)

    typer.echo("revoked" if command.with_database(run) else "was revoked before")
