"""What the environment says of mail: the server that takes it, the sender, and the key that signs it."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr, quote
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError

Tls = Literal["IMPLICIT", "REQUIRED", "OFFERED"]
"""From the first byte; by STARTTLS or not at all; by STARTTLS where the server offers it."""
DEFAULT_SENDER = "preferences@localhost"
_SCHEMES: dict[str, tuple[int, Tls]] = {
    "smtp": (25, "OFFERED"),
    "smtp+starttls": (587, "REQUIRED"),
    "smtps": (465, "IMPLICIT"),
}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_SELECTOR = re.compile(
    r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9][a-z0-9_-]{0,61})*", re.ASCII | re.IGNORECASE
)
_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----\n([A-Za-z0-9+/=\n]+)\n-----END \1-----")
_ED25519_HEAD = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410, section 7)."""
_FEWEST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Smtp:
    """The server that takes Sayso's mail, and how it is spoken to."""

    url: str = field(repr=False)
    host: str
    port: int
    tls: Tls
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """Certificates that are trusted beside the machine's own."""


@dataclass(frozen=True, slots=True)
class Dkim:
    """The key that signs mail, and where its public half is found: `SELECTOR._domainkey.DOMAIN`."""

    domain: str
    selector: str
    algorithm: Literal["rsa-sha256", "ed25519-sha256"]
    key: bytes = field(repr=False)
    """As dkimpy takes it: PEM of an RSA key, the 32 bytes of an Ed25519 key in base64."""


def read(env: Mapping[str, str], mode: str, problems: list[str]) -> dict[str, Any]:
    """The settings of mail by name. What is wrong goes to `problems`, without a password or a key in it."""
    ca_file = _ca_file(env, problems)
    found: dict[str, Any] = {"smtp": None, "dkim": _dkim(env, problems)}
    if url := env.get("SAYSO_SMTP_URL", "").strip():
        try:
            found["smtp"] = _smtp(url, ca_file)
        except ValueError as error:
            problems.append(f"SAYSO_SMTP_URL: {error}")
    sender = env.get("SAYSO_MAIL_FROM", "").strip()
    if url and not sender and mode == "production":
        problems.append("SAYSO_MAIL_FROM: must be set where mail is sent")
    try:
        found["mail_from"] = _sender(sender or DEFAULT_SENDER)
    except ValueError as error:
        problems.append(f"SAYSO_MAIL_FROM: {error}")
    return found


def sender_domain(mail_from: str) -> str:
    """The domain of the sender's address."""
    return parseaddr(mail_from)[1].rpartition("@")[2].lower()


def doubts(smtp: Smtp | None, dkim: Dkim | None, mail_from: str, *, production: bool) -> list[str]:
    """What works and is hardly meant, for the log at the start."""
    found = []
    if production and smtp is None:
        found.append("SAYSO_SMTP_URL is not set: mail is written to files and reaches nobody")
    domain = sender_domain(mail_from)
    if dkim and domain != dkim.domain and not domain.endswith(f".{dkim.domain}"):
        found.append(
            f"SAYSO_DKIM_DOMAIN {dkim.domain} is not the domain of SAYSO_MAIL_FROM ({domain}), nor above it:"
            " signatures will not count for DMARC"
        )
    return found


def _smtp(url: str, ca_file: Path | None) -> Smtp:
    """Read the server's address. Raises ValueError with words that repeat none of it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        user, password = (
            unquote(p, errors="strict") if p else None for p in (parts.username, parts.password)
        )
    except ValueError:
        raise ValueError("is no address of a server; percent-encode what is special in a password") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError("must begin with smtp://, smtp+starttls:// or smtps://")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("ends with the port; percent-encode what is special in a password")
    if port == 0:
        raise ValueError("0 is no port of a server")
    if (user is None) != (password is None):
        raise ValueError("needs user and password, or neither")
    if any(not character.isprintable() for character in f"{user or ''}{password or ''}"):
        raise ValueError("user or password has a character that cannot be sent")
    usual_port, tls = _SCHEMES[parts.scheme]
    host = _host(host)
    if user and tls == "OFFERED" and not is_loopback(host):
        tls = "REQUIRED"  # a password goes over no open line
    return Smtp(url, host, port or usual_port, tls, user, password, ca_file)


def _host(name: str) -> str:
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    try:
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise ValueError("names no server")
    return name


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ca_file(env: Mapping[str, str], problems: list[str]) -> Path | None:
    name = env.get("SAYSO_SMTP_CA_FILE", "").strip()
    if not name:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=name)
    except OSError as error:  # ssl.SSLError is one
        problems.append(
            f"SAYSO_SMTP_CA_FILE: holds no certificates that can be read ({type(error).__name__})"
        )
    return Path(name)


def _sender(text: str) -> str:
    """The sender as it goes into a mail, its domain in ASCII. Raises ValueError."""
    name, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    if not at or not text.isprintable() or not (text == address or text.endswith(f"<{address}>")):
        raise ValueError("must be an address, or a name and an <address>")
    if not local.isascii():
        raise ValueError("the part before the @ must be ASCII: few servers take another from a sender")
    alone = domain == "localhost"  # good for trying on one machine
    try:
        checked = addresses.parse_email(f"{local}@{'example.com' if alone else domain}").value
    except AddressError as error:
        raise ValueError(str(error)) from None
    address = f"{local}@{domain if alone else checked.rpartition('@')[2]}"
    return f'"{quote(name)}" <{address}>' if name else address


def _dkim(env: Mapping[str, str], problems: list[str]) -> Dkim | None:
    names = ("SAYSO_DKIM_DOMAIN", "SAYSO_DKIM_SELECTOR", "SAYSO_DKIM_KEY_FILE")
    given = {name: env[name].strip() for name in names if env.get(name, "").strip()}
    if not given:
        return None
    if len(given) < len(names):
        missing = [name for name in names if name not in given]
        problems.extend(f"{name}: must be set with the others of SAYSO_DKIM_*" for name in missing)
        return None
    domain, selector, path = given.values()
    before = len(problems)
    if not _DOMAIN.fullmatch(domain := domain.lower()):
        problems.append(
            "SAYSO_DKIM_DOMAIN: is no domain (an international one goes in its ASCII form, xn--…)"
        )
    if not _SELECTOR.fullmatch(selector):
        problems.append("SAYSO_DKIM_SELECTOR: is no name in the DNS")
    try:
        algorithm, key = _key(Path(path).read_bytes())
    except OSError as error:
        problems.append(f"SAYSO_DKIM_KEY_FILE: cannot be read ({type(error).__name__})")
    except ValueError as error:
        problems.append(f"SAYSO_DKIM_KEY_FILE: {error}")
    return Dkim(domain, selector, algorithm, key) if len(problems) == before else None


def _key(pem: bytes) -> tuple[Literal["rsa-sha256", "ed25519-sha256"], bytes]:
    """Read a private key in PEM. Raises ValueError where it is none, or too weak."""
    found = _PEM.search(pem.replace(b"\r\n", b"\n"))
    if found is None or found[1] not in (b"PRIVATE KEY", b"RSA PRIVATE KEY"):
        raise ValueError("is no private key in PEM without a passphrase")
    der = base64.b64decode(found[2])
    if der.startswith(_ED25519_HEAD) and len(der) == len(_ED25519_HEAD) + 32:
        return "ed25519-sha256", base64.b64encode(der[-32:])
    from dkim import crypto  # takes a while to import, and few commands sign

    try:
        bits = int(crypto.parse_private_key(der)["modulus"]).bit_length()
    except Exception:  # whatever dkimpy's parser stumbles over
        raise ValueError("is neither an RSA nor an Ed25519 key") from None
    if bits < _FEWEST_RSA_BITS:
        raise ValueError(f"an RSA key needs {_FEWEST_RSA_BITS} bits, this has {bits}")
    return "rsa-sha256", found[0]
