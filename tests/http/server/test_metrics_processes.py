"""With several processes, metrics about the present state leave out those that have ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from api.http import metrics


@pytest.mark.parametrize(
    ("error", "is_kept"), [(ProcessLookupError, False), (PermissionError, True), (None, True)]
)
def test_files_of_ended_processes_are_removed(
    error: type[OSError] | None, is_kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def signal(_pid: int, _signal: int) -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(os, "kill", signal)
    live, total = tmp_path / "gauge_livesum_4711.db", tmp_path / "counter_4711.db"
    live.touch()
    total.touch()
    metrics._remove_dead_processes(str(tmp_path))
    assert (live.exists(), total.exists()) == (is_kept, True)
