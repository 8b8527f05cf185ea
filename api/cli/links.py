"""`sayso link`: everything a message to one recipient would carry, or a preview of a unit's page."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import frame
from preference_center.catalog.catalog import SubscriptionType, current_catalog
from preference_center.config.settings import Settings
from preference_center.links.batches import MessageScope, PreferenceLinks
from preference_center.links.footers import FooterText
from preference_center.links.maker import LinkMaker, link_maker
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.validation import check_locale


def link(
    email: Annotated[str | None, typer.Option(help="The recipient's email address.")] = None,
    phone: Annotated[str | None, typer.Option(help="Or their phone number, with country: +48…")] = None,
    type_key: Annotated[
        str | None, typer.Option("--type", help="Key of the message's subscription type.")
    ] = None,
    preview: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Or nobody's: a preview of a business unit's page.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="The preview's language: pl.")] = None,
) -> None:
    """Print the links and headers for one recipient, or a link to a preview that works for a day."""
    if preview is not None:
        if email or phone or type_key:
            frame.fail("A preview is nobody's: give --preview alone, or with --lang.", code=frame.MISUSED)
        typer.echo(frame.with_database(lambda settings: _preview(settings, preview, lang)))
        return
    address = _address(email, phone)

    async def act(settings: Settings) -> list[tuple[Channel, PreferenceLinks]]:
        type_ = await _type(type_key, address)
        maker = link_maker(settings)
        return [(channel, _links(maker, address, channel, type_)) for channel in _channels(address, type_)]

    for channel, links in frame.with_database(act):
        _show(channel, links)


async def _preview(settings: Settings, key: str, locale: str | None) -> str:
    if (await current_catalog()).unit_by_key(key) is None:
        frame.fail(f"There is no business unit {key!r}.")
    maker = link_maker(settings)
    locale = None if locale is None else check_locale(locale, "lang")
    return maker.preview_url(maker.preview(key, database.now()), locale)


def _address(email: str | None, phone: str | None) -> Address:
    if (email is None) == (phone is None):
        frame.fail("Give either --email or --phone, or --preview.", code=frame.MISUSED)
    try:
        return addresses.parse_email(email) if email is not None else addresses.parse_phone(phone or "")
    except AddressError as error:
        frame.fail(str(error), code=frame.MISUSED)


async def _type(key: str | None, address: Address) -> SubscriptionType | None:
    if key is None:
        return None
    type_ = (await current_catalog()).type_by_key(key)
    if type_ is None:
        frame.fail(f"There is no subscription type {key!r}.")
    if not _channels(address, type_):
        frame.fail(f"{key!r} is not offered on a channel of this address.")
    return type_


def _channels(address: Address, type_: SubscriptionType | None) -> list[Channel]:
    return [c for c in address.kind.channels if type_ is None or c in type_.channels]


def _links(
    maker: LinkMaker, address: Address, channel: Channel, type_: SubscriptionType | None
) -> PreferenceLinks:
    text = FooterText(why="", manage="Manage", unsubscribe="Unsubscribe", unsubscribe_all="All", sender="")
    scope = MessageScope(channel, type_.key if type_ else None, type_.business_unit.key if type_ else None)
    batch = maker.batch(scope, text, database.now())
    return batch.links(maker.fingerprint(address))


def _show(channel: Channel, links: PreferenceLinks) -> None:
    typer.echo(f"{channel.value}")
    typer.echo(f"  manage            {links.manage_url}")
    typer.echo(f"  unsubscribe       {links.unsubscribe_url}")
    typer.echo(f"  unsubscribe all   {links.unsubscribe_all_url}")
    if channel is Channel.EMAIL:
        typer.echo(f"  List-Unsubscribe: {links.list_unsubscribe}")
        typer.echo(f"  List-Unsubscribe-Post: {links.list_unsubscribe_post}")
