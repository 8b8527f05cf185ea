"""`sayso …` in processes that start fast: each is forked from a server that has imported everything.

What runs in them is the command itself, with its own arguments, environment, folder, pipes and signals.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import multiprocessing
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
forkserver = multiprocessing.get_context("forkserver")
"""Starts processes that run a function: forks of one that has imported everything."""
forkserver.set_forkserver_preload(
    [
        "api.worker",
        "api.cli.serving",
        "preference_center.storage.migration",
        "tests.concurrency.clients",
        "tests.durability.workers",
    ]
)
_LONGEST_REQUEST = 1024 * 1024
_INTEGER = struct.Struct("i")


class Process:
    """A running command, with the part of `subprocess.Popen` that the tests use."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: IO[bytes] | None = None
    ) -> None:
        """Start `sayso` with arguments. Its output goes to pipes, or all of it to `output`."""
        self.args = ["sayso", *arguments]
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        request = json.dumps([self.args, dict(environment)]).encode()
        with contextlib.ExitStack() as inherited:
            stdin = os.open(os.devnull, os.O_RDONLY)
            inherited.callback(os.close, stdin)
            if output is None:
                (stdout, out), (stderr, err) = os.pipe(), os.pipe()
                inherited.callback(os.close, out)
                inherited.callback(os.close, err)
                self.stdout, self.stderr = os.fdopen(stdout), os.fdopen(stderr)
            else:
                out = err = output.fileno()
            self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._line.connect(_fork_server())
            socket.send_fds(self._line, [request], [stdin, out, err])
        (self.pid,) = _INTEGER.unpack(self._line.recv(_INTEGER.size))

    def poll(self) -> int | None:
        """The exit code, negative if a signal ended it, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            (self.returncode,) = _INTEGER.unpack(self._line.recv(_INTEGER.size))
            self._line.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait, and return its standard output and error. Kills it and raises subprocess.TimeoutExpired."""
        assert self.stdout
        assert self.stderr
        with ThreadPoolExecutor(2) as readers:
            outputs = [readers.submit(pipe.read) for pipe in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        self._close()
        return outputs[0].result(), outputs[1].result()

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            # It may have ended, and its exit code be still on the way.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self.wait()

    def _close(self) -> None:
        for pipe in (self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()


@cache
def _fork_server() -> str:
    """The socket of the fork server, which ends with this process."""
    path = f"{tempfile.mkdtemp(prefix='sayso-fork-server-')}/socket"
    server = subprocess.Popen(
        [sys.executable, "-P", __file__, path],
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    atexit.register(server.wait)
    assert server.stdin
    atexit.register(server.stdin.close)  # the last registered comes first
    while not os.path.exists(path):  # noqa: PTH110
        assert server.poll() is None, "the fork server did not start"
        time.sleep(0.01)
    return path


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}


def _serve(path: str) -> None:
    """Fork a process for each request until standard input closes. Returns in the processes forked."""
    unready = f"{path}.new"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(unready)
    listener.listen(64)
    os.rename(unready, path)  # noqa: PTH104
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        if sys.stdin in select.select([listener, sys.stdin], [], [])[0]:
            shutil.rmtree(os.path.dirname(path))  # noqa: PTH120
            os._exit(0)
        line, _ = listener.accept()
        request, files, _, _ = socket.recv_fds(line, _LONGEST_REQUEST, 3)
        if os.fork() == 0:
            listener.close()
            _fork_command(line, request, files)
            return
        line.close()
        for file in files:
            os.close(file)


def _fork_command(line: socket.socket, request: bytes, files: list[int]) -> None:
    """Fork once more, and send the pid and later the exit code. Returns in the process forked."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        line.close()
        _start_command(*json.loads(request), files)
        return
    for file in files:
        os.close(file)
    line.send(_INTEGER.pack(child))
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        line.send(_INTEGER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _start_command(arguments: list[str], environment: dict[str, str], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(0),
        os.fdopen(1, "w"),
        os.fdopen(2, "w", buffering=1),
    )
    sys.argv = arguments
    os.environ.clear()
    os.environ.update(environment)


if __name__ == "__main__":
    import gc

    import uvicorn  # noqa: F401

    import api.app  # noqa: F401
    import schema.root  # noqa: F401
    from api.cli import app
    from preference_center import translations

    translations.load_all()
    gc.collect()
    gc.freeze()
    _serve(sys.argv[1])
    app()
