"""A real SMTP server on loopback: it keeps the mails it accepts, and replies as scripted."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "sayso@relay.example", "p@ss: wörd/of#the?tests"


@dataclass(frozen=True)
class AcceptedMail:
    """A mail that the server accepted, with its session."""

    sender: str
    to: str
    content: bytes
    mail_options: tuple[str, ...]
    hello: str
    encrypted: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        made = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(made, EmailMessage)
        return made


@dataclass
class Relay:
    """What it received, and its scripted replies: each command gets the next of its replies, then success."""

    port: int = 0
    accepted: list[AcceptedMail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    """The commands received, in order, over all connections."""
    answers: dict[str, list[str]] = field(default_factory=dict)
    hangs_at: set[str] = field(default_factory=set)
    """Commands that get no reply while they are in this set."""
    drops_after_data: int = 0
    """How many mails are accepted with the connection closed instead of a reply."""
    connections: int = 0

    def will_reply(self, command: str, *answers: str) -> None:
        self.answers.setdefault(command, []).extend(answers)

    def recipients(self) -> list[str]:
        return [one.to for one in self.accepted]

    async def _scripted_reply(self, command: str) -> str | None:
        self.commands.append(command)
        while command in self.hangs_at:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        replies = self.answers.get(command)
        return replies.pop(0) if replies else None

    # aiosmtpd calls these handlers by name.

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        refusal = await self._scripted_reply("EHLO")
        return [refusal] if refusal else responses

    async def handle_HELO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str
    ) -> str:
        session.host_name = hostname
        return await self._scripted_reply("HELO") or "250 relay.example"

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := await self._scripted_reply("MAIL"):
            return refusal
        envelope.mail_from, envelope.mail_options = address, [*options]
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := await self._scripted_reply("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | None:  # noqa: N802
        if refusal := await self._scripted_reply("DATA"):
            return refusal
        assert isinstance(envelope.content, bytes)
        login: Any = session.auth_data
        mail = AcceptedMail(
            str(envelope.mail_from),
            envelope.rcpt_tos[0],
            envelope.content,
            tuple(envelope.mail_options),
            str(session.host_name),
            session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            login.login.decode() if login else None,
        )
        self.accepted.append(mail)
        if self.drops_after_data:
            self.drops_after_data -= 1
            server.transport.abort()
        return "250 2.0.0 Accepted"


def _checked(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    valid = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=valid, handled=False, auth_data=data)


@contextlib.asynccontextmanager
async def serving(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **more: Any
) -> AsyncIterator[Relay]:
    """A server on its own port, in the event loop of the test."""
    relay = Relay()

    def session() -> SMTP:
        relay.connections += 1
        return SMTP(relay, hostname="relay.example", tls_context=starttls, authenticator=_checked, **more)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        relay.hangs_at.clear()
        server.close()
        await server.wait_closed()
