"""The `sayso` commands of the README and the documents work as written, on the demo data."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.installation import ROOT, Installation

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
COMMANDS = [
    shlex.split(command, comments=True)
    for path in DOCUMENTS
    for block in re.findall(r"```sh\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    for command in re.findall(r"^(?:\.venv/bin/)?sayso (.*)", block, re.MULTILINE)
]
SERVING = [arguments for arguments in COMMANDS if arguments[0] == "serve"]


def test_the_documented_commands_succeed(small: Installation, tmp_path: Path) -> None:
    files = {
        "list.csv": "email\n" + "".join(f"reader{number}@example.org\n" for number in range(1_200)),
        "people.csv": "email,first_name,opt_in:weekly-digest\nzofia@example.org,Zofia,yes\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    small.says("demo", "--contacts", "3")
    for arguments in COMMANDS:
        if arguments not in SERVING:
            words = arguments[: arguments.index(">")] if ">" in arguments else arguments
            assert small.says(*(str(tmp_path / word) if word in files else word for word in words)), words


def test_the_documented_options_of_the_server_exist(small: Installation) -> None:
    assert SERVING
    told = small.says("serve", "--help")
    assert {word for arguments in SERVING for word in arguments if word.startswith("--")} <= set(
        re.findall(r"--[\w-]+", told)
    )
