"""`sayso …` in processes that start in no time: forked from one that has imported everything already.

What runs in them is the command itself, with arguments, environment, folder, pipes and signals of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
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
_LONGEST_REQUEST = 1024 * 1024
_NUMBER = struct.Struct("i")


class Process:
    """A started command, with as much of `subprocess.Popen` as the tests use."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: IO[bytes] | None = None
    ) -> None:
        """Start `sayso` with arguments; what it says goes into pipes, or together into `output`."""
        self.args = ["sayso", *arguments]
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        request = json.dumps([self.args, dict(environment)]).encode()
        with contextlib.ExitStack() as theirs:
            nothing = os.open(os.devnull, os.O_RDONLY)
            theirs.callback(os.close, nothing)
            if output is None:
                (said, out), (wrong, err) = os.pipe(), os.pipe()
                theirs.callback(os.close, out)
                theirs.callback(os.close, err)
                self.stdout, self.stderr = os.fdopen(said), os.fdopen(wrong)
            else:
                out = err = output.fileno()
            self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._line.connect(_nursery())
            socket.send_fds(self._line, [request], [nothing, out, err])
        (self.pid,) = _NUMBER.unpack(self._line.recv(_NUMBER.size))

    def poll(self) -> int | None:
        """Its exit code, negative where a signal ended it; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            (self.returncode,) = _NUMBER.unpack(self._line.recv(_NUMBER.size))
            self._line.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it says from now on, and wait. Raises subprocess.TimeoutExpired, having killed it."""
        assert self.stdout
        assert self.stderr
        with ThreadPoolExecutor(2) as readers:
            said = [readers.submit(pipe.read) for pipe in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        self._close()
        return said[0].result(), said[1].result()

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            # The nursery may have seen it end, and not told yet.
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
def _nursery() -> str:
    """The socket of the process that the others are forked from; it ends with this one."""
    path = f"{tempfile.mkdtemp(prefix='sayso-nursery-')}/socket"
    mother = subprocess.Popen(
        [sys.executable, "-P", __file__, path],
        cwd=ROOT,
        env=_plain(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    atexit.register(mother.wait)
    assert mother.stdin
    atexit.register(mother.stdin.close)  # the last registered comes first
    while not os.path.exists(path):  # noqa: PTH110
        assert mother.poll() is None, "the nursery did not come up"
        time.sleep(0.01)
    return path


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}


def _bear(path: str) -> None:
    """Fork a process for each request, until nobody is there to ask; returns in those that were forked."""
    waiting = f"{path}.new"
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(waiting)
    listening.listen(64)
    os.rename(waiting, path)  # noqa: PTH104
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        if sys.stdin in select.select([listening, sys.stdin], [], [])[0]:
            shutil.rmtree(os.path.dirname(path))  # noqa: PTH120
            os._exit(0)
        line, _ = listening.accept()
        request, files, _, _ = socket.recv_fds(line, _LONGEST_REQUEST, 3)
        if os.fork() == 0:
            listening.close()
            _attend(line, request, files)
            return
        line.close()
        for file in files:
            os.close(file)


def _attend(line: socket.socket, request: bytes, files: list[int]) -> None:
    """Fork once more, tell the pid and, when it has ended, how; returns in the one that was forked."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        line.close()
        _become(*json.loads(request), files)
        return
    for file in files:
        os.close(file)
    line.send(_NUMBER.pack(child))
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        line.send(_NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _become(arguments: list[str], environment: dict[str, str], files: list[int]) -> None:
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

    gc.collect()
    gc.freeze()
    _bear(sys.argv[1])
    app()
