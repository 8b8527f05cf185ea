"""Production accepts keys that were generated, and none that can be guessed."""

from __future__ import annotations

import base64
import secrets

import pytest

from preference_center.config.settings import SettingsError, load
from tests.use_cases.config.test_settings import PRODUCTION

KEYS = ("SAYSO_SECRET_KEYS", "SAYSO_WITHDRAW_KEYS", "SAYSO_MANAGE_KEYS", "SAYSO_FINGERPRINT_KEY")
GUESSABLE = {
    "one letter": "a" * 32,
    "many of one letter": "z" * 500,
    "two letters": "ab" * 20,
    "a repeated word": "password" * 5,
    "repeated words": "change-me change-me change-me change-me",
    "a repeated random text": "aB3$xK9!" * 4,
    "a sequence": "0123456789abcdef0123456789abcdef",
    "letters in order": "abcdefghijklmnopqrstuvwxyzabcdef",
    "a row of the keyboard": "qwertyuiopasdfghjklzxcvbnm123456",
    "words": "this-is-the-secret-key-of-production",
    "a placeholder": "your-secret-key-goes-here-0123456789",
    "base64 of zeros": base64.b64encode(bytes(32)).decode(),
    "base64 of one byte": base64.b64encode(b"\xa7" * 33).decode(),
    "base64 of ascending bytes": base64.b64encode(bytes(range(32))).decode(),
    "base64 of words": base64.b64encode(b"the secret key of production!").decode(),
    "hexadecimal zeros": "0" * 64,
    "hexadecimal of words": b"secret secret secret".hex(),
}


def problems(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load({**PRODUCTION, **changes})
    return refused.value.problems


@pytest.mark.parametrize("key", GUESSABLE.values(), ids=GUESSABLE.keys())
def test_a_key_that_can_be_guessed_is_refused(key: str) -> None:
    for name in (*KEYS, "SAYSO_METRICS_TOKEN"):
        if name == "SAYSO_METRICS_TOKEN" and " " in key:
            continue
        (problem,) = problems(**{name: key})
        assert problem.startswith(f"{name}: ")
        assert "openssl rand -base64 32" in problem
        assert key not in problem


def test_an_old_key_is_checked_like_the_newest() -> None:
    (problem,) = problems(SAYSO_MANAGE_KEYS=f"{secrets.token_urlsafe(32)},{'b' * 40}")
    assert problem.startswith("SAYSO_MANAGE_KEYS: ")


@pytest.mark.parametrize("name", KEYS[1:])
def test_a_key_serves_one_purpose(name: str) -> None:
    shared = secrets.token_urlsafe(32)
    found = problems(SAYSO_SECRET_KEYS=f"{secrets.token_hex(32)},{shared}", **{name: shared})
    assert found == [f"{name}: shares a key with SAYSO_SECRET_KEYS: each needs keys of its own"]


def test_generated_keys_are_accepted() -> None:
    for _ in range(3):
        for generate in (
            lambda: secrets.token_urlsafe(32),
            lambda: secrets.token_urlsafe(24),
            lambda: secrets.token_hex(16),
            lambda: secrets.token_hex(64),
            lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
            lambda: base64.b32encode(secrets.token_bytes(20)).decode(),
        ):
            load({**PRODUCTION, **{name: generate() for name in KEYS}, "SAYSO_METRICS_TOKEN": generate()})


def test_development_accepts_any_key() -> None:
    load({**dict.fromkeys(KEYS, "x"), "SAYSO_ENV": "development"})
