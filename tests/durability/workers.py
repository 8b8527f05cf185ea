"""`sayso worker` in processes that start in no time, and can be killed at any moment."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from typing import Protocol

from preference_center.config.settings import Settings
from tests.durability.server import PATIENCE, SAYSO, Server, environment
from tests.processes import ROOT

_world = multiprocessing.get_context("forkserver")
_world.set_forkserver_preload(
    ["api.worker", "api.cli.serving", "preference_center.storage.migration", __name__]
)


def part_for(made: Settings) -> int:
    """How many contacts, rows or events a part has here: so few that a worker can die in many places."""
    return 5 if made.database_url.startswith("sqlite") else 15


class Mortal(Protocol):
    """A process that does background work."""

    def kill(self) -> None:
        """kill -9."""

    def bury(self) -> None:
        """Wait until it is gone."""


class Worker:
    """What `sayso worker` does, in a process that has imported everything before it began."""

    def __init__(self, made: Settings) -> None:
        self._process = _world.Process(target=_work, args=(made,))
        self._process.start()

    def kill(self) -> None:
        self._process.kill()

    def bury(self) -> None:
        self._process.join(PATIENCE)

    def stop(self) -> int | None:
        """SIGTERM: asked to stop. Returns its exit code."""
        self._process.terminate()
        self._process.join(PATIENCE)
        return self._process.exitcode


def _work(made: Settings) -> None:
    from api.cli import serving
    from preference_center.operations import bulk_updates, reversals
    from preference_center.outbox.text_messages import providers as text_providers
    from preference_center.workflows import runner as workflow_runner

    log = os.open(made.data_dir / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(environment(made))
    bulk_updates.PART_SIZE = reversals.PART_SIZE = part_for(made)
    workflow_runner.BATCH = 500
    text_providers.TIMEOUT_SECONDS = PATIENCE  # a busy machine is no provider that fails
    serving.worker()


class Command:
    """The command itself, from the shell's point of view."""

    def __init__(self, made: Settings) -> None:
        self._log = (made.data_dir / "worker.log").open("ab")
        self._process = subprocess.Popen(
            [SAYSO, "worker"],
            cwd=ROOT,
            env=environment(made),
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        self._process.kill()

    def bury(self) -> None:
        self._process.wait(PATIENCE)
        self._log.close()


def someone_who_works(made: Settings, number: int) -> Mortal:
    """The n-th to do background work: mostly quick starters, now and then the real command or a server."""
    if number % 20 == 10:
        return Command(made)
    if number % 20 == 19:
        return Server(made)
    return Worker(made)
