"""`sayso eligibility` and `sayso links`: lists from files and pipes, answered while they are read."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.installation import ROOT, SAYSO, Installation


@pytest.fixture(scope="module")
def branded(sqlite_brands: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with the two brands."""
    folder = tmp_path_factory.mktemp("lists")
    shutil.copy(sqlite_brands, folder / "sayso.db")
    return Installation(f"sqlite://{folder}/sayso.db", folder / "data")


def test_a_list_is_answered_in_the_format_asked_for(branded: Installation, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,email\nA,ada@example.com\nB,nobody\n")

    said = branded.says("eligibility", str(path), "--subscription-type", "weekly-digest")
    rows = list(csv.DictReader(io.StringIO(said)))
    assert [(row["line"], row["address"], row["reason"], row["error"]) for row in rows] == [
        ("2", "ada@example.com", "NOT_OPTED_IN", ""),
        ("3", "nobody", "ADDRESS_UNUSABLE", "INVALID_ADDRESS"),
    ]

    options = ("--business-unit", "acme", "--campaign", "x", "--format", "ndjson")
    [links, refused] = map(json.loads, branded.says("links", str(path), *options).splitlines())
    assert links["unsubscribe_url"] == links["unsubscribe_all_url"] != links["manage_url"]
    assert (refused["manage_url"], refused["error"]) == (None, "INVALID_ADDRESS")


def test_answers_come_while_a_pipe_is_filled(branded: Installation) -> None:
    command = [str(SAYSO), "eligibility", "-", "--subscription-type", "weekly-digest", "--format", "ndjson"]
    with subprocess.Popen(
        command, cwd=ROOT, env=branded.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for address in ("ada@example.com", "bob@example.com"):
            process.stdin.write(f"{address}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["address"] == address
        process.stdin.close()
        assert process.wait(60) == 0


def test_what_is_wrong_is_said_in_a_line(branded: Installation, tmp_path: Path) -> None:
    for arguments, wrong in (
        (("eligibility", "-", "--subscription-type", "x"), "--subscription-type: "),
        (("links", "-"), "--subscription-type: "),
        (("eligibility", str(tmp_path / "none"), "--subscription-type", "weekly-digest"), "FILE: "),
    ):
        result = branded.run(*arguments)
        assert (result.returncode != 0, result.stdout) == (True, "")
        assert result.stderr.startswith(wrong), result.stderr
        assert len(result.stderr.splitlines()) == 1
