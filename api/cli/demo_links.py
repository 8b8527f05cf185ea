"""What to open after the first start: GraphiQL, an API token, and links of a demo contact."""

from __future__ import annotations

import contextlib
from itertools import count
from pathlib import Path

from preference_center.access.scopes import ADMIN
from preference_center.access.tokens import TokenExpired, authenticate, create_token
from preference_center.catalog.catalog import current_catalog
from preference_center.config import private_files
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.errors import ErrorCode, Invalid
from preference_center.links.maker import LinkMaker, link_maker
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database


async def what_to_open(settings: Settings) -> list[str]:
    """Lines with a name and a URL or path. The API token is created once and kept in the data folder."""
    maker = link_maker(settings)
    fingerprint = maker.fingerprint(parse(demo.ADA))
    token = await _token(settings.data_dir / "demo-token")
    return [
        "",
        f"  GraphiQL             {settings.public_url}/graphql",
        f"  API token            {token}",
        f"  Footer links of {demo.ADA}:",
        *await _links(maker, fingerprint),
        f"  Request a link         {settings.public_url}/p",
        f"  Outgoing email         {settings.data_dir / 'mail'}",
        f"  Outgoing text messages {settings.data_dir / 'texts'}",
        "",
    ]


async def _links(maker: LinkMaker, fingerprint: bytes) -> list[str]:
    catalog = await current_catalog()
    now = database.now()
    recipient_kind = parse(demo.ADA).kind
    offered = [type_ for type_ in catalog.types if Channel.EMAIL in type_.channels and type_.is_public]
    single_opt_in = next(type_ for type_ in offered if not type_.double_opt_in)
    double_opt_in = next(type_ for type_ in offered if type_.double_opt_in)
    manage = maker.manage_url(maker.manage(fingerprint, recipient_kind, now))
    withdraw = maker.withdraw_url(maker.withdraw(fingerprint, Channel.EMAIL, type_key=single_opt_in.key))
    preview = maker.preview_url(maker.preview(single_opt_in.business_unit.key, now))
    confirm = maker.confirm_url(maker.confirm(fingerprint, Channel.EMAIL, double_opt_in.key, now))
    return [
        f"  Preferences          {manage}",
        f"  Unsubscribe          {withdraw}",
        f"  Confirm an opt-in    {confirm}",
        f"  Preview for the team {preview}",
    ]


async def _token(path: Path) -> str:
    """The API token of the demo. Replaces one that was revoked, expired, or is of another database."""
    stored = _read(path)
    with contextlib.suppress(TokenExpired):
        if stored and await authenticate(stored):
            return stored
    for number in count(1):
        try:
            token = await create_token("demo" if number == 1 else f"demo {number}", [ADMIN])
        except Invalid as error:
            if error.code is not ErrorCode.ALREADY_EXISTS:
                raise
        else:
            break
    private_files.write(path, f"{token}\n".encode())
    return token


def _read(path: Path) -> str | None:
    return path.read_text().strip() if path.exists() else None
