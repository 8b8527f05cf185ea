"""Requests a link on `/p` as a person does."""

from __future__ import annotations

import httpx

from tests.http.visit import opened, pressed

SEND = "Send me a link"


async def request_link(client: httpx.AsyncClient, typed: str) -> httpx.Response:
    """Type an address and press the button."""
    page = await opened(client, "/p")
    return (await pressed(client, "/p", page, SEND, email=typed)).response
