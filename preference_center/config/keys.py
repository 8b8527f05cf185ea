"""The secret keys: required in production, generated once in development."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from preference_center.config.environment import Environment

_NAMES = ("SAYSO_SECRET_KEYS", "SAYSO_WITHDRAW_KEYS", "SAYSO_MANAGE_KEYS", "SAYSO_FINGERPRINT_KEY")
_MIN_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an installation. Lists are newest first: the first key signs, all keys verify."""

    secret_keys: tuple[bytes, ...] = field(repr=False)
    withdraw_keys: tuple[bytes, ...] = field(repr=False)
    manage_keys: tuple[bytes, ...] = field(repr=False)
    fingerprint_key: bytes = field(repr=False)


def read(env: Environment, data_dir: Path, *, production: bool) -> Keys | None:
    """Read the keys; None if there are problems, which are reported.

    In development, missing keys are generated once and stored in `keys.json` in the data folder.
    """
    values = {name: env.raw(name) for name in _NAMES if env.raw(name).strip(", ")}
    missing = [name for name in _NAMES if name not in values]
    if production:
        _report(env, values, missing)
    elif missing:
        try:
            values = {**_development_keys(data_dir), **values}
        except (OSError, ValueError) as error:
            env.report("SAYSO_DATA_DIR", f"keys cannot be stored in {str(data_dir)!r}: {error}")
    if any(name not in values for name in _NAMES):
        return None
    secret_keys, withdraw_keys, manage_keys = (_split(values[name]) for name in _NAMES[:3])
    return Keys(secret_keys, withdraw_keys, manage_keys, values["SAYSO_FINGERPRINT_KEY"].encode())


def _report(env: Environment, values: dict[str, str], missing: list[str]) -> None:
    for name in missing:
        env.report(name, "must be set in production")
    for name, value in values.items():
        if any(len(key) < _MIN_LENGTH for key in _split(value)):
            env.report(name, f"each key must have at least {_MIN_LENGTH} characters")


def _split(value: str) -> tuple[bytes, ...]:
    return tuple(part.strip().encode() for part in value.split(",") if part.strip())


def _development_keys(data_dir: Path) -> dict[str, str]:
    """Return the keys of a development installation, generating them on first use."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "keys.json"
    generated = json.dumps({name: secrets.token_urlsafe(32) for name in _NAMES}, indent=2)
    scratch = data_dir / f".keys.{secrets.token_hex(8)}"
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(generated)
    try:
        os.link(scratch, path)  # fails if another process was first: its keys are used
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
    keys: dict[str, str] = json.loads(path.read_text())
    return keys
