"""Reading environment variables, and collecting every problem with them for one error message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

_MAX_DAYS = 36_500
_MAX_DIGITS = 5
_URL_DETAILS = " in ASCII, without user, query and fragment"


class Environment:
    """Environment variables, with the problems found so far: "VARIABLE: what is accepted"."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = {name: value for name, value in variables.items() if _is_text(value)}
        self.problems: list[str] = []
        for name in variables.keys() - self._variables.keys():
            if name.startswith("SAYSO_"):
                self.report(name, "must be UTF-8")

    def report(self, name: str, problem: str) -> None:
        """Add a problem. It must not contain a secret."""
        self.problems.append(f"{name}: {problem}")

    def raw(self, name: str, default: str = "") -> str:
        """Return a variable as it is, or the default if it is not set."""
        return self._variables.get(name, default)

    def text(self, name: str) -> str:
        """Return a variable without surrounding space; empty if it is not set."""
        return self.raw(name).strip()

    def items(self, name: str) -> tuple[str, ...]:
        """Return the items of a comma-separated list."""
        return tuple(part.strip() for part in self.raw(name).split(",") if part.strip())

    def choice(self, name: str, accepted: Sequence[str], default: str) -> str:
        """Return one of the accepted values; reports any other."""
        value = self.raw(name, default)
        if value not in accepted:
            self.report(name, f"must be {' or '.join(accepted)}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return whether a variable is 1, yes, true or on."""
        value = self.raw(name, "yes" if default else "no")
        return value.strip().lower() in ("1", "yes", "true", "on")

    def days(self, name: str, default: int) -> int:
        """Return a positive whole number of days; reports anything else."""
        return self.count(name, default, _MAX_DAYS, "days")

    def count(self, name: str, default: int, highest: int, unit: str) -> int:
        """Return a whole number from 1 to the highest; reports anything else."""
        value = self.raw(name, str(default))
        digits = value.lstrip("0") or "0"
        readable = digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS
        if readable and 0 < int(digits) <= highest:
            return int(digits)
        self.report(name, f"must be a whole number of {unit} from 1 to {highest}")
        return default

    def url(self, name: str, default: str) -> str:
        """Return an http(s) URL without a trailing slash, to which paths are added; reports anything else."""
        value = (self.text(name) or default).rstrip("/")
        if not _is_http_url(value):
            self.report(name, f"must be an http:// or https:// URL{_URL_DETAILS}")
        return value

    def origins(self, name: str) -> tuple[str, ...]:
        """Return the origins of a comma-separated list, as browsers send them; reports anything else."""
        found = self.items(name)
        for origin in found:
            if origin != "*" and not (_is_http_url(origin) and not urlsplit(origin).path):
                self.report(name, "an origin is https://HOST or https://HOST:PORT, without a path, or *")
                break
        return found


def _is_text(value: str) -> bool:
    """Whether a variable is UTF-8; Python keeps the bytes of one that is not as surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_http_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError:
        return False
    is_written_plainly = value.isascii() and value.isprintable() and not set(value) & set(' ?#@\\"<>')
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_written_plainly
