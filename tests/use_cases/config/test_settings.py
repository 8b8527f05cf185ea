"""The settings read from the environment, and what production requires."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from preference_center.config.settings import SettingsError, load

STRONG = "XP6kMUSC9XEfTRkWHTjJKhVpRlnFzL0A"
PRODUCTION = {
    "SAYSO_ENV": "production",
    "SAYSO_PUBLIC_URL": "https://preferences.example.com/",
    "SAYSO_DATABASE_URL": "postgres://sayso@db/sayso",
    "SAYSO_SECRET_KEYS": f"{STRONG}-new,{STRONG}-old",
    "SAYSO_WITHDRAW_KEYS": "q0wJ1ehuQfnBy8hwzCzOoD7sVZ5cGxtE",
    "SAYSO_MANAGE_KEYS": "c9bd2f7f4ea01653d8b70f92ae65114d",
    "SAYSO_FINGERPRINT_KEY": "mT3+PzWk5rYdV8aQ/1sLgJ0xNfUeHc2B",
}


def test_development_generates_its_keys_once_and_keeps_them_private(tmp_path: Path) -> None:
    environment = {"SAYSO_DATA_DIR": str(tmp_path / "data")}
    first, second = load(environment), load(environment)
    assert first == second
    assert len({*first.secret_keys, *first.withdraw_keys, *first.manage_keys, first.fingerprint_key}) == 4
    assert stat.S_IMODE((tmp_path / "data" / "keys.json").stat().st_mode) == 0o600
    assert first.database_url == f"sqlite://{tmp_path / 'data' / 'sayso.db'}"


def test_stored_keys_are_read_though_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    environment = {"SAYSO_DATA_DIR": str(tmp_path / "data")}
    first = load(environment)
    monkeypatch.setattr(os, "fdopen", disk_full)
    assert load(environment) == first
    with pytest.raises(SettingsError, match="SAYSO_DATA_DIR: keys cannot be stored"):
        load({"SAYSO_DATA_DIR": str(tmp_path / "other")})
    assert list((tmp_path / "other").iterdir()) == []


def test_keys_are_listed_newest_first() -> None:
    settings = load(PRODUCTION)
    assert settings.secret_keys == (f"{STRONG}-new".encode(), f"{STRONG}-old".encode())
    assert settings.public_url == "https://preferences.example.com"
    assert (settings.graphiql, settings.log_format) == (False, "json")
    assert load({**PRODUCTION, "SAYSO_GRAPHIQL": "yes"}).graphiql


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"SAYSO_SECRET_KEYS": ""}, "SAYSO_SECRET_KEYS"),
        ({"SAYSO_WITHDRAW_KEYS": " , "}, "SAYSO_WITHDRAW_KEYS"),
        ({"SAYSO_MANAGE_KEYS": f"{STRONG},short"}, "SAYSO_MANAGE_KEYS"),
        ({"SAYSO_FINGERPRINT_KEY": "short"}, "SAYSO_FINGERPRINT_KEY"),
        ({"SAYSO_FINGERPRINT_KEY": "\udcff" * 32}, "SAYSO_FINGERPRINT_KEY"),
        ({"SAYSO_METRICS_TOKEN": "metrics"}, "SAYSO_METRICS_TOKEN"),
        ({"SAYSO_PUBLIC_URL": "http://preferences.example.com"}, "SAYSO_PUBLIC_URL"),
        ({"SAYSO_PUBLIC_URL": "preferences.example.com"}, "SAYSO_PUBLIC_URL"),
        ({"SAYSO_PUBLIC_URL": "https://[preferences"}, "SAYSO_PUBLIC_URL"),
        ({"SAYSO_MANAGE_LINK_DAYS": "-1"}, "SAYSO_MANAGE_LINK_DAYS"),
        ({"SAYSO_MANAGE_LINK_DAYS": "many"}, "SAYSO_MANAGE_LINK_DAYS"),
        ({"SAYSO_MANAGE_LINK_DAYS": "9" * 5_000}, "SAYSO_MANAGE_LINK_DAYS"),
        ({"SAYSO_PUBLIC_URL": "https://preferences.example.com:port"}, "SAYSO_PUBLIC_URL"),
        ({"SAYSO_DATABASE_URL": "mysql://db/sayso"}, "SAYSO_DATABASE_URL"),
        ({"SAYSO_LOG_FORMAT": "xml"}, "SAYSO_LOG_FORMAT"),
        ({"SAYSO_ENV": "staging"}, "SAYSO_ENV"),
        ({"SAYSO_TWILIO_API_URL": "api.twilio.com"}, "SAYSO_TWILIO_API_URL"),
        ({"SAYSO_WHATSAPP_API_URL": "ftp://graph.facebook.com"}, "SAYSO_WHATSAPP_API_URL"),
    ],
)
def test_missing_weak_and_invalid_values_are_reported_by_variable(
    change: dict[str, str], variable: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load({**PRODUCTION, **change})
    assert [problem for problem in refused.value.problems if problem.startswith(variable)]


@pytest.mark.parametrize(
    "url",
    [
        "https://preferences.example.com/?brand=a", "https://preferences.example.com/#a",
        "https://user:secret@preferences.example.com", "https://präferenzen.example.com",
        "https://preferences.example.com\nX-Injected: yes", "https://preferences.example.com/a b",
        'https://preferences.example.com/"', "https://:443", "https://user@",
    ],
)  # fmt: skip
def test_a_url_to_which_no_path_can_be_added_is_reported_and_not_shown(url: str) -> None:
    """A link is this URL and a path: it would lead nowhere, in messages that are already sent."""
    for name in ("SAYSO_PUBLIC_URL", "SAYSO_TWILIO_API_URL"):
        with pytest.raises(SettingsError) as raised:
            load({**PRODUCTION, name: url})
        assert [problem.partition(":")[0] for problem in raised.value.problems] == [name]
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize("accepted", ["https://a.example", "http://[::1]:8000", "https://a.example/sayso"])
def test_other_urls_are_accepted(accepted: str) -> None:
    development = {**PRODUCTION, "SAYSO_ENV": "development"}
    assert load({**development, "SAYSO_PUBLIC_URL": accepted}).public_url == accepted


@pytest.mark.parametrize("origins", ["https://app.example/", "https://a.example,app.example", "https://["])
def test_an_origin_that_no_browser_sends_is_reported(origins: str) -> None:
    with pytest.raises(SettingsError, match="SAYSO_CORS_ORIGINS"):
        load({**PRODUCTION, "SAYSO_CORS_ORIGINS": origins})
    good = "https://app.example:8443, http://localhost"
    assert load({**PRODUCTION, "SAYSO_CORS_ORIGINS": good}).cors_origins == tuple(good.split(", "))


def test_a_database_in_memory_is_reported() -> None:
    with pytest.raises(SettingsError, match="must name a file"):
        load({**PRODUCTION, "SAYSO_DATABASE_URL": "sqlite://:memory:"})


def test_a_data_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError) as refused:
        load({"SAYSO_DATA_DIR": str(tmp_path / "file" / "data")})
    assert refused.value.problems[0].startswith("SAYSO_DATA_DIR")


@pytest.mark.parametrize("content", ["", "[]", '{"SAYSO_SECRET_KEYS": 1}', '{"SAYSO_SECRET_KEYS": "x"}'])
def test_a_damaged_file_of_keys_is_reported(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(SettingsError) as refused:
        load({"SAYSO_DATA_DIR": str(tmp_path)})
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["SAYSO_DATA_DIR"]


def test_every_problem_is_reported_at_once_and_no_key_is_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load({**PRODUCTION, "SAYSO_PUBLIC_URL": "http://x", "SAYSO_MANAGE_KEYS": "swordfish"})
    assert len(refused.value.problems) == 2
    assert "swordfish" not in str(refused.value)
    assert STRONG not in repr(load(PRODUCTION))


def test_without_providers_no_message_is_verified_and_none_is_sent() -> None:
    settings = load(PRODUCTION)
    assert (settings.twilio_auth_tokens, settings.whatsapp_app_secrets) == ((), ())
    assert (settings.twilio_account_sid, settings.whatsapp_access_token) == (None, None)
    assert settings.whatsapp_verify_token is None


def test_secrets_of_providers_are_listed_newest_first_and_never_shown() -> None:
    environment = {
        "SAYSO_TWILIO_AUTH_TOKEN": " new-swordfish , old-swordfish,",
        "SAYSO_TWILIO_ACCOUNT_SID": "AC1",
        "SAYSO_TWILIO_API_URL": "http://127.0.0.1:9000/",
        "SAYSO_WHATSAPP_APP_SECRET": "app-swordfish",
        "SAYSO_WHATSAPP_VERIFY_TOKEN": "verify-swordfish",
        "SAYSO_WHATSAPP_ACCESS_TOKEN": "access-swordfish",
    }
    settings = load({**PRODUCTION, **environment})
    assert settings.twilio_auth_tokens == ("new-swordfish", "old-swordfish")
    assert settings.whatsapp_app_secrets == ("app-swordfish",)
    assert settings.whatsapp_verify_token == "verify-swordfish"
    assert settings.whatsapp_access_token == "access-swordfish"
    assert (settings.twilio_account_sid, settings.twilio_api_url) == ("AC1", "http://127.0.0.1:9000")
    assert settings.whatsapp_api_url.startswith("https://graph.facebook.com/")
    assert "swordfish" not in repr(settings)
