"""A real SMTP server on loopback: it keeps what it takes, and answers as it is told."""

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
class Taken:
    """One mail that the server has taken, and what surrounded it."""

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
    """What came, and what is answered: to each command of a name the next of its answers, then yes."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The commands that came, in order, over all connections."""
    answers: dict[str, list[str]] = field(default_factory=dict)
    hangs_at: set[str] = field(default_factory=set)
    """Commands that get no answer while they stand here."""
    drops_after_data: int = 0
    """So many mails are taken, and the connection closed instead of an answer."""
    connections: int = 0

    def will_answer(self, command: str, *answers: str) -> None:
        self.answers.setdefault(command, []).extend(answers)

    def recipients(self) -> list[str]:
        return [one.to for one in self.taken]

    async def _said(self, command: str) -> str | None:
        self.asked.append(command)
        while command in self.hangs_at:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    # What aiosmtpd calls, by these names.

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        refusal = await self._said("EHLO")
        return [refusal] if refusal else responses

    async def handle_HELO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str
    ) -> str:
        session.host_name = hostname
        return await self._said("HELO") or "250 relay.example"

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := await self._said("MAIL"):
            return refusal
        envelope.mail_from, envelope.mail_options = address, [*options]
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := await self._said("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | None:  # noqa: N802
        if refusal := await self._said("DATA"):
            return refusal
        assert isinstance(envelope.content, bytes)
        login: Any = session.auth_data
        taken = Taken(
            str(envelope.mail_from),
            envelope.rcpt_tos[0],
            envelope.content,
            tuple(envelope.mail_options),
            str(session.host_name),
            session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            login.login.decode() if login else None,
        )
        self.taken.append(taken)
        if self.drops_after_data:
            self.drops_after_data -= 1
            server.transport.abort()
        return "250 2.0.0 Taken"


def _checked(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=False, auth_data=data)


@contextlib.asynccontextmanager
async def serving(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **more: Any
) -> AsyncIterator[Relay]:
    """A server on a port of its own, in the loop of the test."""
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
