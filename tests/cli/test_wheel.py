"""The wheel holds everything that Sayso needs: it runs in an environment of its own, away from the source."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import httpx
import pytest

from tests.cli.installation import ROOT, Server, free_port


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run([*pip, *build], check=True)
    [wheel] = folder.glob("sayso-*.whl")
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)], check=True
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = environment / "lib" / version / "site-packages"
    # A path file of that folder, such as that of an editable installation, is not read.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return environment


def run(installed: Path, folder: Path, *command: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SAYSO_", "PYTHON"))
    }
    result = subprocess.run(
        [str(installed / "bin" / command[0]), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_runs_outside_of_the_source_tree(installed: Path, tmp_path: Path) -> None:
    where = run(installed, tmp_path, "python", "-c", "import api; print(api.__file__)")
    assert Path(where.strip()).is_relative_to(installed)
    assert "applied 0001_initial" in run(installed, tmp_path, "sayso", "migrate")
    assert "3 demo contacts" in run(installed, tmp_path, "sayso", "demo", "--contacts", "3")

    port = free_port()
    command = [str(installed / "bin" / "sayso"), "serve", "--port", str(port)]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        try:
            Server(process, port).wait_until_ready()  # type: ignore[arg-type]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                page = client.get("/p", headers={"Accept-Language": "pl"})
                graphiql = client.get("/graphql", headers={"Accept": "text/html"})
                assets = [
                    client.get(path).status_code
                    for path in ("/graphql/assets/page.css", "/graphql/assets/graphiql-4.1.2.js")
                ]
        finally:
            process.terminate()
    assert (page.status_code, 'lang="pl"' in page.text) == (200, True)
    has_files = (ROOT / "node_modules/graphiql/graphiql.min.js").is_file()
    assert assets == [200, 200 if has_files else 404]
    assert ("cdn.jsdelivr.net" in graphiql.text) is not has_files
    assert (tmp_path / "data" / "sayso.db").is_file()
