"""A progress bar for long work, if standard error is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Advance = Callable[[int], None]
"""Adds to the work that is done."""
Report = Callable[[int, int], None]
"""Gets how much is done, and of how much."""


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Advance]:
    """Show a progress bar on standard error while the block runs. A total of None is unknown."""
    with _bars() as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def reported_bar(label: str) -> Iterator[Report]:
    """Show the same for work of which the total is known only once it runs."""
    with _bars() as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _bars() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
