"""What the environment says: every SAYSO_* variable, read and checked once."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from preference_center.config import mail as mail_settings
from preference_center.config.mail import Dkim, Smtp

_KEYS = ("SAYSO_SECRET_KEYS", "SAYSO_WITHDRAW_KEYS", "SAYSO_MANAGE_KEYS", "SAYSO_FINGERPRINT_KEY")
_SHORTEST_KEY = 32


class SettingsError(Exception):
    """The environment does not do; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """The installation's settings. Keys are listed newest first: the first signs, all verify."""

    database_url: str
    public_url: str
    secret_keys: tuple[bytes, ...] = field(repr=False)
    withdraw_keys: tuple[bytes, ...] = field(repr=False)
    manage_keys: tuple[bytes, ...] = field(repr=False)
    fingerprint_key: bytes = field(repr=False)
    data_dir: Path = Path("data")
    cors_origins: tuple[str, ...] = ()
    smtp: Smtp | None = None
    """Where mail goes; without it, to files."""
    mail_from: str = mail_settings.DEFAULT_SENDER
    dkim: Dkim | None = None
    manage_link_days: int = 180
    log_format: str = "console"
    env: str = "development"
    graphiql: bool = True
    twilio_auth_tokens: tuple[str, ...] = field(default=(), repr=False)
    """What Twilio may have signed a message with, newest first; the first is sent with, too."""
    twilio_account_sid: str | None = None
    twilio_api_url: str = "https://api.twilio.com"
    whatsapp_app_secrets: tuple[str, ...] = field(default=(), repr=False)
    """What Meta may have signed a message with, newest first."""
    whatsapp_verify_token: str | None = field(default=None, repr=False)
    whatsapp_access_token: str | None = field(default=None, repr=False)
    whatsapp_api_url: str = "https://graph.facebook.com/v23.0"

    @property
    def production(self) -> bool:
        """True where weak keys, plain http and GraphiQL unasked are out of place."""
        return self.env == "production"

    def doubts(self) -> list[str]:
        """What works and is hardly meant, for the log at the start."""
        return mail_settings.doubts(self.smtp, self.dkim, self.mail_from, production=self.production)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    In development, keys that are missing are made once and kept in `keys.json` in the data folder.
    Raises SettingsError with every problem found, so that they can be mended in one go.
    """
    env = os.environ if environ is None else environ
    problems: list[str] = []
    mode = env.get("SAYSO_ENV", "development")
    if mode not in ("development", "production"):
        problems.append(f"SAYSO_ENV: {mode!r} is neither development nor production")
    data_dir = Path(env.get("SAYSO_DATA_DIR", "data"))
    public_url = env.get("SAYSO_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    _check_public_url(public_url, mode, problems)
    database_url = env.get("SAYSO_DATABASE_URL", f"sqlite://{data_dir / 'sayso.db'}")
    if not database_url.startswith(("sqlite://", "postgres://", "postgresql://")):
        problems.append("SAYSO_DATABASE_URL: must begin with sqlite:// or postgres://")
    days = _whole_number(env, "SAYSO_MANAGE_LINK_DAYS", 180, problems)
    log_format = env.get("SAYSO_LOG_FORMAT", "json" if mode == "production" else "console")
    if log_format not in ("json", "console"):
        problems.append("SAYSO_LOG_FORMAT: must be json or console")
    providers = _providers(env, problems)
    mailing = mail_settings.read(env, mode, problems)
    keys = _keys(env, mode, data_dir, problems)
    if problems:
        raise SettingsError(problems)
    return Settings(
        database_url=database_url,
        public_url=public_url,
        secret_keys=_split(keys["SAYSO_SECRET_KEYS"]),
        withdraw_keys=_split(keys["SAYSO_WITHDRAW_KEYS"]),
        manage_keys=_split(keys["SAYSO_MANAGE_KEYS"]),
        fingerprint_key=keys["SAYSO_FINGERPRINT_KEY"].encode(),
        data_dir=data_dir,
        cors_origins=_listed(env.get("SAYSO_CORS_ORIGINS", "")),
        manage_link_days=days,
        log_format=log_format,
        env=mode,
        graphiql=_yes(env.get("SAYSO_GRAPHIQL", "no" if mode == "production" else "yes")),
        **providers,
        **mailing,
    )


def _providers(env: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """What Twilio and WhatsApp need; any of it may be unset."""
    found: dict[str, Any] = {
        "twilio_auth_tokens": _listed(env.get("SAYSO_TWILIO_AUTH_TOKEN", "")),
        "whatsapp_app_secrets": _listed(env.get("SAYSO_WHATSAPP_APP_SECRET", "")),
    }
    for name in ("twilio_account_sid", "whatsapp_verify_token", "whatsapp_access_token"):
        found[name] = env.get(f"SAYSO_{name.upper()}", "").strip() or None
    for name in ("twilio_api_url", "whatsapp_api_url"):
        url = env.get(f"SAYSO_{name.upper()}", "").strip().rstrip("/")
        if url:
            found[name] = url
            if not _is_web_address(url):
                problems.append(f"SAYSO_{name.upper()}: must be an http(s) address")
    return found


def _check_public_url(url: str, mode: str, problems: list[str]) -> None:
    if not _is_web_address(url):
        problems.append("SAYSO_PUBLIC_URL: must be an http(s) address")
    elif mode == "production" and urlsplit(url).scheme != "https":
        problems.append("SAYSO_PUBLIC_URL: must be https in production")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _whole_number(env: Mapping[str, str], name: str, default: int, problems: list[str]) -> int:
    text = env.get(name, str(default))
    if text.isascii() and text.isdigit() and 0 < int(text) <= 36500:
        return int(text)
    problems.append(f"{name}: must be a whole number of days from 1 to 36500")
    return default


def _yes(text: str) -> bool:
    return text.strip().lower() in ("1", "yes", "true", "on")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _split(text: str) -> tuple[bytes, ...]:
    return tuple(part.encode() for part in _listed(text))


def _keys(env: Mapping[str, str], mode: str, data_dir: Path, problems: list[str]) -> dict[str, str]:
    given = {name: env[name] for name in _KEYS if env.get(name, "").strip(", ")}
    missing = [name for name in _KEYS if name not in given]
    if mode == "production":
        problems.extend(f"{name}: must be set in production" for name in missing)
        problems.extend(
            f"{name}: every key needs at least {_SHORTEST_KEY} characters"
            for name, text in given.items()
            if any(len(key) < _SHORTEST_KEY for key in _split(text))
        )
    elif missing:
        try:
            return {**_development_keys(data_dir), **given}
        except (OSError, ValueError) as error:
            problems.append(f"SAYSO_DATA_DIR: keys cannot be kept in {str(data_dir)!r}: {error}")
    return given


def _development_keys(data_dir: Path) -> dict[str, str]:
    """Make the keys of a development installation, or find those made before."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "keys.json"
    made = json.dumps({name: secrets.token_urlsafe(32) for name in _KEYS}, indent=2)
    scratch = data_dir / f".keys.{secrets.token_hex(8)}"
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(made)
    try:
        os.link(scratch, path)  # fails where another process was first: its keys hold
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


_current: Settings | None = None


def use(settings: Settings) -> None:
    """Make these the settings of the process."""
    global _current
    _current = settings


def current() -> Settings:
    """The settings of the process; read from the environment where nobody set them."""
    global _current
    if _current is None:
        _current = load()
    return _current
