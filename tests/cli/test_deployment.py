"""What `deploy/` holds fits Sayso: its settings, commands, files and routes exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from typer.main import get_command

from api.app import create_app
from api.cli import app
from preference_center.config.settings import Settings
from tests.cli.installation import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc"))
NAMES = {
    name
    for path in (ROOT / "preference_center/config").rglob("*.py")
    for name in re.findall(r"SAYSO_[A-Z_]+", path.read_text())
}
"""The variables that Sayso reads."""


def commands() -> dict[str, list[str]]:
    """Every `sayso` command in the files, by where it is."""
    found = {
        f"{path.name}": re.findall(r"^ExecStart=/\S+/sayso (.*)", path.read_text(), re.MULTILINE)
        for path in UNITS
    }
    for name, pattern in (
        ("Dockerfile", r"^CMD (\[.*\])"),
        ("compose.yaml", r"^    command: (\[\"(?!postgres).*\])"),
    ):
        lists = re.findall(pattern, (DEPLOY / name).read_text(), re.MULTILINE)
        assert lists, name
        found[name] = [" ".join(re.findall(r'"([^"]+)"', each)) for each in lists]
    return {f"{where}: {line}": shlex.split(line) for where, lines in found.items() for line in lines}


@pytest.mark.parametrize("where", commands())
def test_the_commands_and_their_options_exist(where: str) -> None:
    name, *words = commands()[where]
    group = get_command(app)
    command = group.commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert isinstance(command, click.Command) or command.name == name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_variables_exist(path: Path) -> None:
    assert set(re.findall(r"SAYSO_[A-Z_]+", path.read_text())) <= NAMES | {"SAYSO_ENV"}


def test_the_example_has_every_key_that_production_requires() -> None:
    example = (DEPLOY / "sayso.env.example").read_text()
    required = {
        f"SAYSO_{name}" for name in ("SECRET_KEYS", "WITHDRAW_KEYS", "MANAGE_KEYS", "FINGERPRINT_KEY")
    }
    assert required | {"SAYSO_PUBLIC_URL"} <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_the_image_is_built_from_files_that_exist() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (?!--from)(.*)", text, re.MULTILINE)]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    assert re.search(r"^USER \d+", text, re.MULTILINE), "it does not run as root"
    assert "HEALTHCHECK" in text


def test_the_proxy_buffers_no_stream(config: Settings) -> None:
    [streams] = re.findall(r"location ~ \^/\(([\w|]+)\)\(/\|\$\)", (DEPLOY / "nginx/sayso.conf").read_text())
    served = {getattr(route, "path", "").split("/")[1] for route in create_app(config).routes}
    assert {"imports", "exports", "eligibility", "links"} <= set(streams.split("|")) <= served


def test_the_units_are_valid_and_hardened(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        return  # only some systems have it
    for unit in UNITS:
        text = unit.read_text().replace("/opt/sayso/bin/sayso", shutil.which("true") or "")
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name) for unit in UNITS]
    for words in (["verify", "--man=no"], ["security", "--offline=true", "--threshold=20"]):
        result = subprocess.run([program, *words, *units], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
