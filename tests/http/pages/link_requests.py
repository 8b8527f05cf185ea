"""Requests a link on `/p` as a person does."""

from __future__ import annotations

import httpx

from tests.http.visit import open_page, press

SEND = "Send me a link"


async def request_link(client: httpx.AsyncClient, typed: str) -> httpx.Response:
    """Type an address and press the button."""
    page = await open_page(client, "/p")
    return (await press(client, "/p", page, SEND, email=typed)).response
