"""A production server starts only with valid settings."""

import secrets
from pathlib import Path

import httpx
import pytest

from tests.cli.installation import Installation

STRONG = {
    name: secrets.token_urlsafe(32)
    for name in (
        "SAYSO_SECRET_KEYS",
        "SAYSO_WITHDRAW_KEYS",
        "SAYSO_MANAGE_KEYS",
        "SAYSO_FINGERPRINT_KEY",
    )
} | {"SAYSO_ENV": "production", "SAYSO_PUBLIC_URL": "https://sayso.example"}


def test_every_problem_is_reported_at_once(small: Installation) -> None:
    result = small.run("migrate", SAYSO_ENV="production", SAYSO_PUBLIC_URL="http://sayso.example")

    assert result.returncode == 2
    assert "Invalid configuration:" in result.stderr
    for word in ("SAYSO_SECRET_KEYS", "SAYSO_FINGERPRINT_KEY", "must be https"):
        assert word in result.stderr
    assert "Traceback" not in result.stderr


def test_trusted_documents_are_checked_before_anything_is_served(small: Installation, tmp_path: Path) -> None:
    manifest = tmp_path / "persisted-documents.json"
    manifest.write_text('{"a": "{ nothing }", "b": "{ viewer"}')
    result = small.run("serve", SAYSO_TRUSTED_DOCUMENTS=str(manifest))

    assert result.returncode == 2
    for words in ("Invalid configuration:", "SAYSO_TRUSTED_DOCUMENTS", "the document 'a' is invalid", "'b'"):
        assert words in result.stderr
    assert "Traceback" not in result.stderr
    alone = small.run("migrate", SAYSO_TRUSTED_DOCUMENTS_ONLY="yes")
    assert "SAYSO_TRUSTED_DOCUMENTS_ONLY: needs a file" in alone.stderr


def test_links_use_the_port_that_is_served_by_default(small: Installation) -> None:
    token = small.says("token", "create", "crm", "--scope", "links:create").strip()
    query = (
        'mutation { createPreferenceLinks(input: {recipients: [{email: "ada@example.com"}]})'
        " { links { manageUrl } } }"
    )
    with small.serving() as server:
        response = httpx.post(
            f"{server.url}/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"}
        )
    [links] = response.json()["data"]["createPreferenceLinks"]["links"]
    assert links["manageUrl"].startswith(f"{server.url}/p/")


def test_sayso_link_prints_links_of_the_server_that_was_started_last(small: Installation) -> None:
    with small.serving() as server:
        printed = small.says("link", "--email", "ada@example.com")

    assert f"{server.url}/p/" in printed
    assert (small.data_dir / "public-url").stat().st_mode & 0o077 == 0
    elsewhere = small.run("link", "--email", "ada@example.com", SAYSO_PUBLIC_URL="http://sayso.test")
    assert "http://sayso.test/p/" in elsewhere.stdout
    assert server.url not in elsewhere.stdout


def test_production_does_not_take_its_url_from_a_file(small: Installation) -> None:
    small.data_dir.mkdir(exist_ok=True)
    (small.data_dir / "public-url").write_text("https://sayso.example\n")
    settings = {name: value for name, value in STRONG.items() if name != "SAYSO_PUBLIC_URL"}

    result = small.run("migrate", **settings)

    assert result.returncode == 2
    assert "SAYSO_PUBLIC_URL: must be https:// in production" in result.stderr


def test_weak_keys_are_refused_and_not_shown(small: Installation) -> None:
    result = small.run("serve", **{**STRONG, "SAYSO_MANAGE_KEYS": "hunter2"})

    assert result.returncode == 2
    assert "SAYSO_MANAGE_KEYS" in result.stderr
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize("special", ["#", "/", "@", "%", " "])
def test_a_password_that_is_not_encoded_is_reported_and_not_shown(small: Installation, special: str) -> None:
    url = f"postgres://sayso:mack{special}erel@127.0.0.1:5432/sayso"

    result = small.run("migrate", SAYSO_DATABASE_URL=url)

    assert result.returncode == 2
    assert "SAYSO_DATABASE_URL" in result.stderr
    assert "percent-encode" in result.stderr
    assert "Traceback" not in result.stderr
    for part in ("mack", "erel"):
        assert part not in result.stdout + result.stderr


def test_strong_keys_are_accepted(small: Installation) -> None:
    assert small.run("migrate", **STRONG).returncode == 0


def test_development_generates_keys_once_and_keeps_them_private(small: Installation) -> None:
    small.says("migrate")
    kept = (small.data_dir / "keys.json").read_text()
    small.says("migrate")

    assert (small.data_dir / "keys.json").read_text() == kept
    assert (small.data_dir / "keys.json").stat().st_mode & 0o077 == 0
