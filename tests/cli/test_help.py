"""`--help`, for every command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from api.cli import app


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command and group of commands, the program's own name left out."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("words", list(commands(get_command(app))), ids=" ".join)  # type: ignore[arg-type]
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"])

    assert result.exit_code == 0
    assert "Usage: " in result.output
    assert " ".join(words) in result.output


def test_every_option_has_help() -> None:
    group = get_command(app)
    for words in commands(group):  # type: ignore[arg-type]
        command = group
        for word in words:
            command = command.commands[word]  # type: ignore[attr-defined]
        missing = [option.name for option in command.params if option.name != "help" and not option.help]  # type: ignore[attr-defined]
        assert missing == [], words
