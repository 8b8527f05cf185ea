"""`sayso link`: the links and headers of a message to one recipient, or a preview of a unit's page."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import command
from preference_center.catalog.catalog import SubscriptionType, current_catalog
from preference_center.config.settings import Settings
from preference_center.links.batches import MessageScope, PreferenceLinks
from preference_center.links.footers import FooterText
from preference_center.links.hosts import link_maker_of
from preference_center.links.maker import LinkMaker, link_maker
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.validation import check_locale


def link(
    email: Annotated[str | None, typer.Option(help="The recipient's email address.")] = None,
    phone: Annotated[
        str | None, typer.Option(help="Or the recipient's phone number, with country code: +48…")
    ] = None,
    type_key: Annotated[
        str | None, typer.Option("--type", help="Key of the message's subscription type.")
    ] = None,
    preview: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Or a preview of the page of this business unit.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the preview, for example pl.")] = None,
) -> None:
    """Print the links and headers for one recipient, or a preview link that works for one day."""
    if preview is not None:
        if email or phone or type_key:
            command.fail("--preview: Use it without --email, --phone and --type.", code=command.BAD_USAGE)
        typer.echo(command.with_database(lambda settings: _preview(settings, preview, lang)))
        return
    address = _address(email, phone)

    async def run(_settings: Settings) -> list[tuple[Channel, PreferenceLinks]]:
        type_ = await _type(type_key, address)
        maker = link_maker_of(type_.business_unit if type_ else None)
        return [(channel, _links(maker, address, channel, type_)) for channel in _channels(address, type_)]

    for channel, links in command.with_database(run):
        _show(channel, links)


async def _preview(settings: Settings, key: str, locale: str | None) -> str:
    if (await current_catalog()).unit_by_key(key) is None:
        command.fail(f"--preview: There is no business unit {key!r}.")
    maker = link_maker(settings)
    locale = None if locale is None else check_locale(locale, "lang")
    return maker.preview_url(maker.preview(key, database.now()), locale)


def _address(email: str | None, phone: str | None) -> Address:
    if (email is None) == (phone is None):
        command.fail("Use either --email or --phone, or --preview.", code=command.BAD_USAGE)
    try:
        return addresses.parse_email(email) if email is not None else addresses.parse_phone(phone or "")
    except AddressError as error:
        command.fail(str(error), code=command.BAD_USAGE)


async def _type(key: str | None, address: Address) -> SubscriptionType | None:
    if key is None:
        return None
    type_ = (await current_catalog()).type_by_key(key)
    if type_ is None:
        command.fail(f"--type: There is no subscription type {key!r}.")
    if not _channels(address, type_):
        command.fail(f"--type: {key!r} is not offered on a channel of this address.")
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
