"""Runs an operation from the command line, shows its progress and its result."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import typer

from api.cli.progress import progress_bar
from preference_center.config import settings
from preference_center.jobs import HANDLERS
from preference_center.operations import operations
from preference_center.operations.operations import FINISHED, OperationRow
from preference_center.operations.runner import run_next
from schema.contract.ids import global_id

_POLL_SECONDS = 0.2


async def run_to_end(operation: OperationRow) -> OperationRow:
    """Run an operation until it has finished, or wait while another worker runs it. Stops at ^C."""
    stop = asyncio.Event()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop_signal, stop.set)
    running = asyncio.create_task(_run(operation.id, stop))
    shown = operation
    with progress_bar("rows", operation.total or 0) as advance:
        while not running.done():
            await asyncio.wait({running}, timeout=_POLL_SECONDS)
            current = await operations.get(operation.id) or shown
            advance(current.processed - shown.processed)
            shown = current
    await running
    return await operations.get(operation.id) or shown


async def _run(operation_id: int, stop: asyncio.Event) -> None:
    while not stop.is_set():
        operation = await operations.get(operation_id)
        if operation is None or operation.state in FINISHED:
            return
        if not await run_next(HANDLERS, stop, only=operation_id):
            await asyncio.sleep(_POLL_SECONDS)


def echo_result(operation: OperationRow, refusals_path: Path | None) -> None:
    """Print the state of an operation, what it changed and what it refused."""
    operation_id = global_id("Operation", operation.id)
    note = " (dry run: nothing was changed)" if operation.dry_run else ""
    state = operation.state.value.lower()
    typer.echo(f"{state}: {operation.processed:,} of {operation.total or 0:,} rows{note}")
    counts = (operation.changed, operation.unchanged, operation.refused)
    typer.echo("  changed {:,}, unchanged {:,}, refused {:,}".format(*counts))
    if operation.opted_out:
        typer.echo(f"  opted out {operation.opted_out:,}")
    for code, count in sorted(operation.refusals.items()):
        typer.echo(f"  {code} {count:,}")
    if operation.refusals:
        url = f"{settings.current().public_url}/operations/{operation_id}/refusals"
        typer.echo(f"  refused rows: {refusals_path or url}")
    _echo_columns(operation.parameters.get("columns") or {})
    typer.echo(f"  operation: {operation_id}")
    if operation.state not in FINISHED:
        typer.echo("The operation continues where `sayso serve` or `sayso worker` runs.", err=True)


def _echo_columns(columns: dict[str, Any]) -> None:
    """Print what the columns of an imported file were used as, and those that were ignored."""
    used = [f"{column['name']} = {column['as']}" for column in columns.get("used", ())]
    if used:
        typer.echo(f"  columns used: {', '.join(used)}")
    if columns.get("ignored"):
        typer.echo(f"  columns ignored: {', '.join(columns['ignored'])}")
