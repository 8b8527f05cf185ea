"""The secret keys: required in production, generated once in development."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from preference_center.config import private_files
from preference_center.config.environment import Environment
from preference_center.config.key_strength import HOW_TO_GENERATE, is_guessable

_NAMES = ("SAYSO_SECRET_KEYS", "SAYSO_WITHDRAW_KEYS", "SAYSO_MANAGE_KEYS", "SAYSO_FINGERPRINT_KEY")
_MIN_LENGTH = 32
FILE_NAME = "keys.json"
"""The file of generated keys, in the data folder."""


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
    unusable = [name for name in _NAMES if not _split(values.get(name, ""))]
    if unusable:
        if not env.problems:
            env.report("SAYSO_DATA_DIR", f"keys.json lacks {', '.join(unusable)}")
        return None
    secret_keys, withdraw_keys, manage_keys = (_split(values[name]) for name in _NAMES[:3])
    return Keys(secret_keys, withdraw_keys, manage_keys, values["SAYSO_FINGERPRINT_KEY"].encode())


def _report(env: Environment, values: dict[str, str], missing: list[str]) -> None:
    for name in missing:
        env.report(name, "must be set in production")
    used_by: dict[bytes, str] = {}
    for name, value in values.items():
        keys = _split(value)
        report_weak(env, name, keys)
        others = sorted({used_by[key] for key in keys if key in used_by})
        if others:
            env.report(name, f"shares a key with {', '.join(others)}: each needs keys of its own")
        used_by |= dict.fromkeys(keys, name)


def report_weak(env: Environment, name: str, keys: tuple[bytes, ...]) -> None:
    """Report keys that are short or can be guessed."""
    if any(len(key.decode()) < _MIN_LENGTH for key in keys):
        env.report(name, f"each key must have at least {_MIN_LENGTH} characters; {HOW_TO_GENERATE}")
    elif any(is_guessable(key.decode()) for key in keys):
        env.report(name, f"a key is a pattern, words or a sequence and can be guessed; {HOW_TO_GENERATE}")


def _split(value: str) -> tuple[bytes, ...]:
    return tuple(part.strip().encode() for part in value.split(",") if part.strip())


def _development_keys(data_dir: Path) -> dict[str, str]:
    """Return the keys of a development installation, generating them on first use."""
    path = data_dir / FILE_NAME
    if not path.exists():  # else nothing is written: the disk may be full or read-only
        _generate(path)
    keys = json.loads(path.read_text("utf-8"))
    if not (isinstance(keys, Mapping) and all(isinstance(key, str) for key in keys.values())):
        raise ValueError("keys.json must be an object of texts")
    return dict(keys)


def _generate(path: Path) -> None:
    """Write new keys, unless another process is first: then its keys are used."""
    private_files.make_folder(path.parent)
    scratch = path.with_name(f".keys.{secrets.token_hex(8)}")
    try:
        with os.fdopen(private_files.create(scratch), "w") as file:
            json.dump({name: secrets.token_urlsafe(32) for name in _NAMES}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(scratch)
    finally:
        scratch.unlink(missing_ok=True)
