"""The mails that Sayso delivered to files, as a test reads them."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

from preference_center.config.settings import Settings


def delivered(settings: Settings) -> list[EmailMessage]:
    """The mails that were sent, oldest first."""
    folder = settings.data_dir / "mail"
    files = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]  # type: ignore[misc]


def texts(message: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML of a mail."""
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert rich
    return plain.get_content(), rich.get_content()


def path_in(text: str, page: str) -> str:
    found = re.search(rf"http://sayso\.test(/{page}/[\w.-]+)", text)
    assert found, text
    return found[1]
