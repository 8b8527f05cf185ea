"""`sayso worker` in processes that start fast and can be killed at any time."""

from __future__ import annotations

import os
import subprocess
from typing import Protocol

from preference_center.config.settings import Settings
from tests.durability.server import PATIENCE, SAYSO, Server, environment
from tests.processes import ROOT, forkserver


def part_size(made: Settings) -> int:
    """The contacts, rows or events of a part: few, so that a worker can be killed in many places."""
    return 5 if made.database_url.startswith("sqlite") else 15


class BackgroundProcess(Protocol):
    """A process that does background work."""

    def kill(self) -> None:
        """kill -9."""

    def wait_until_ended(self) -> None:
        """Wait until it has ended."""


class Worker:
    """What `sayso worker` does, forked from a process that has imported everything."""

    def __init__(self, made: Settings) -> None:
        self._process = forkserver.Process(target=_work, args=(made,))
        self._process.start()

    def kill(self) -> None:
        self._process.kill()

    def wait_until_ended(self) -> None:
        self._process.join(PATIENCE)

    def stop(self) -> int | None:
        """SIGTERM: asks it to stop. Returns its exit code."""
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
    bulk_updates.PART_SIZE = reversals.PART_SIZE = part_size(made)
    workflow_runner.BATCH = 500
    text_providers.TIMEOUT_SECONDS = PATIENCE  # a busy machine is no provider that fails
    serving.worker()


class Command:
    """The command itself, started as a shell does."""

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

    def wait_until_ended(self) -> None:
        self._process.wait(PATIENCE)
        self._log.close()


def start_process(made: Settings, number: int) -> BackgroundProcess:
    """Start the n-th process that does background work: mostly a fork, at times the command or a server."""
    if number % 20 == 10:
        return Command(made)
    if number % 20 == 19:
        return Server(made)
    return Worker(made)
