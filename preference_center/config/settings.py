"""The settings of the process: every SAYSO_* variable, read and checked once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from preference_center.config import database_url, keys, mail, public_url
from preference_center.config.environment import Environment
from preference_center.config.mail import Dkim, Smtp

_DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"
_TWILIO_API_URL = "https://api.twilio.com"
_WHATSAPP_API_URL = "https://graph.facebook.com/v23.0"


class SettingsError(Exception):
    """The configuration is invalid; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an installation. Keys are listed newest first: the first signs, all verify."""

    database_url: str = field(repr=False)
    public_url: str
    secret_keys: tuple[bytes, ...] = field(repr=False)
    withdraw_keys: tuple[bytes, ...] = field(repr=False)
    manage_keys: tuple[bytes, ...] = field(repr=False)
    fingerprint_key: bytes = field(repr=False)
    data_dir: Path = Path("data")
    database_read_url: str | None = field(default=None, repr=False)
    """A read replica of a PostgreSQL database, for lists, exports and statistics."""
    database_connections: int = 20
    """How many connections one process opens to PostgreSQL at most; `storage.shares` divides them."""
    statement_timeout: float = 10
    """How many seconds one statement of a request may take."""
    cors_origins: tuple[str, ...] = ()
    smtp: Smtp | None = None
    """The mail server; without one, mail is written to files."""
    mail_from: str = mail.DEFAULT_SENDER
    dkim: Dkim | None = None
    manage_link_days: int = 180
    log_format: str = "console"
    env: str = "development"
    graphiql: bool = True
    twilio_auth_tokens: tuple[str, ...] = field(default=(), repr=False)
    """Tokens that Twilio may sign messages with, newest first; the first one also authenticates Sayso."""
    twilio_account_sid: str | None = None
    twilio_api_url: str = _TWILIO_API_URL
    whatsapp_app_secrets: tuple[str, ...] = field(default=(), repr=False)
    """Secrets that Meta may sign messages with, newest first."""
    whatsapp_verify_token: str | None = field(default=None, repr=False)
    whatsapp_access_token: str | None = field(default=None, repr=False)
    whatsapp_api_url: str = _WHATSAPP_API_URL
    metrics_token: str | None = field(default=None, repr=False)
    """The bearer token of `/metrics`. Without one, production shows metrics to nobody."""
    erasure_journal: Path = Path("data/erasures.journal")
    """Names the erasures that a restored backup has to repeat."""
    trusted_documents: Path | None = None
    """The manifest of the documents that GraphQL requests may name by id."""
    trusted_documents_only: bool = False
    """Whether GraphQL serves no other documents."""

    @property
    def production(self) -> bool:
        """Whether this is a production installation: strong keys and https are required."""
        return self.env == "production"

    def warnings(self) -> list[str]:
        """Return what is valid but probably not intended, for the log at startup."""
        return mail.warnings(self.smtp, self.dkim, self.mail_from, production=self.production)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    In development, missing keys are generated once and stored in `keys.json` in the data folder, and
    SAYSO_PUBLIC_URL defaults to the URL of the server that was started last with that folder.
    Raises SettingsError with every problem found, so that all can be corrected at once.
    """
    env = Environment(os.environ if environ is None else environ)
    mode = env.choice("SAYSO_ENV", ("development", "production"), "development")
    production = mode == "production"
    data_dir = Path(env.raw("SAYSO_DATA_DIR", "data"))
    found: dict[str, Any] = {
        "env": mode,
        "data_dir": data_dir,
        "public_url": _public_url(env, data_dir, production=production),
        "database_url": database_url.read(env, f"sqlite://{data_dir / 'sayso.db'}"),
        "database_read_url": database_url.read_replica(env),
        "database_connections": env.count("SAYSO_DATABASE_CONNECTIONS", 20, 1_000, "connections"),
        "statement_timeout": env.count("SAYSO_STATEMENT_TIMEOUT", 10, 3_600, "seconds"),
        "manage_link_days": env.days("SAYSO_MANAGE_LINK_DAYS", 180),
        "log_format": env.choice(
            "SAYSO_LOG_FORMAT", ("json", "console"), "json" if production else "console"
        ),
        "cors_origins": env.origins("SAYSO_CORS_ORIGINS"),
        **_trusted_documents(env, production=production),
        "metrics_token": _metrics_token(env, production=production),
        "erasure_journal": Path(env.text("SAYSO_ERASURE_JOURNAL") or data_dir / "erasures.journal"),
        **_text_message_providers(env),
        **mail.read(env, production=production),
    }
    read_keys = keys.read(env, data_dir, production=production)
    if env.problems or read_keys is None:
        raise SettingsError(env.problems)
    return Settings(
        secret_keys=read_keys.secret_keys,
        withdraw_keys=read_keys.withdraw_keys,
        manage_keys=read_keys.manage_keys,
        fingerprint_key=read_keys.fingerprint_key,
        **found,
    )


def _public_url(env: Environment, data_dir: Path, *, production: bool) -> str:
    before = len(env.problems)
    default = None if production else public_url.stored(data_dir)
    url = env.url("SAYSO_PUBLIC_URL", default or _DEFAULT_PUBLIC_URL)
    if len(env.problems) == before and production and urlsplit(url).scheme != "https":
        env.report("SAYSO_PUBLIC_URL", "must be https:// in production")
    return url


def _metrics_token(env: Environment, *, production: bool) -> str | None:
    token = env.text("SAYSO_METRICS_TOKEN")
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        env.report("SAYSO_METRICS_TOKEN", "must consist of printable ASCII characters without spaces")
    elif token and production:
        keys.report_weak(env, "SAYSO_METRICS_TOKEN", (token.encode(),))
    return token or None


def _trusted_documents(env: Environment, *, production: bool) -> dict[str, Any]:
    """The trusted documents. If nothing else is served, GraphiQL is of no use unless it is asked for."""
    path, only = env.text("SAYSO_TRUSTED_DOCUMENTS"), env.flag("SAYSO_TRUSTED_DOCUMENTS_ONLY", default=False)
    if only and not path:
        env.report("SAYSO_TRUSTED_DOCUMENTS_ONLY", "needs a file in SAYSO_TRUSTED_DOCUMENTS")
    return {
        "trusted_documents": Path(path) if path else None,
        "trusted_documents_only": only,
        "graphiql": env.flag("SAYSO_GRAPHIQL", default=not production and not only),
    }


def _text_message_providers(env: Environment) -> dict[str, Any]:
    """The settings of Twilio and WhatsApp; each may be unset."""
    return {
        "twilio_auth_tokens": env.items("SAYSO_TWILIO_AUTH_TOKEN"),
        "twilio_account_sid": env.text("SAYSO_TWILIO_ACCOUNT_SID") or None,
        "twilio_api_url": env.url("SAYSO_TWILIO_API_URL", _TWILIO_API_URL),
        "whatsapp_app_secrets": env.items("SAYSO_WHATSAPP_APP_SECRET"),
        "whatsapp_verify_token": env.text("SAYSO_WHATSAPP_VERIFY_TOKEN") or None,
        "whatsapp_access_token": env.text("SAYSO_WHATSAPP_ACCESS_TOKEN") or None,
        "whatsapp_api_url": env.url("SAYSO_WHATSAPP_API_URL", _WHATSAPP_API_URL),
    }


_current: Settings | None = None


def use(settings: Settings) -> None:
    """Set the settings of the process."""
    global _current
    _current = settings


def current() -> Settings:
    """Return the settings of the process; reads them from the environment on first use."""
    global _current
    if _current is None:
        _current = load()
    return _current
