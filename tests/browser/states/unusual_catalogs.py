"""Unusual catalogs that pages must look right with. Each has a server of its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable

from preference_center.catalog.changes import create_type, create_unit
from preference_center.rules.types import Channel, Purpose

EVERYWHERE = tuple(Channel)
LONGEST = 200
"""The longest name, without a place to break a line."""
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 60" width="240" height="60">
<script>document.title = "run"</script>
<path fill="#14365c" d="M30 4 54 56H42L30 28 18 56H6z"/><text x="66" y="42" fill="#14365c"
 font-family="sans-serif" font-size="32" font-weight="700">Northway</text></svg>"""
SUBJECTS = ("Trails", "Summits", "Rivers", "Huts", "Maps", "Boots", "Tents", "Lanterns")
OCCASIONS = ("every Friday", "once a month", "when it is new", "before a holiday", "near you")


def data_uri(svg: str) -> str:
    """An image as a team uploads it."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


async def one_type() -> None:
    """A unit with a logo and one type."""
    await create_unit(key="northway", name="Northway", colour="#14365c", logo=data_uri(LOGO))
    await create_type(
        key="news", business_unit="northway", name={"en": "News"}, description={"en": "Now and then."}
    )


async def no_types() -> None:
    """A unit without types."""
    await create_unit(key="new", name="Brand New", colour="#ffe600", postal_address="1 Long Acre, London")


async def forty_types() -> None:
    """Forty types on three channels, with a logo and a postal address."""
    await create_unit(
        key="everything",
        name="Everything Outdoors",
        colour="#b3005e",
        logo=data_uri(LOGO),
        postal_address="12 Long Acre, London WC2E 9LH",
    )
    for number, (subject, occasion) in enumerate((s, o) for s in SUBJECTS for o in OCCASIONS):
        purpose = Purpose.TRANSACTIONAL if number % 10 == 9 else Purpose.MARKETING
        await create_type(
            key=f"{subject}-{number}".lower(),
            business_unit="everything",
            name={"en": f"{subject} {occasion}", "pl": f"{subject}: zawsze {number + 1}."},
            description={"en": f"What there is to know of {subject.lower()}, {occasion}, in a few lines."},
            purpose=purpose,
            channels=EVERYWHERE,
        )


async def long_names() -> None:
    """Names and descriptions as long as they may be, in one word."""
    name = (WORD * 3)[:LONGEST]
    await create_unit(
        key="long", name=name, colour="#777777", postal_address="\n".join((WORD, "A" * 300, "12 Long Acre"))
    )
    for number, channels in enumerate((EVERYWHERE, EVERYWHERE[:1])):
        purpose = Purpose.TRANSACTIONAL if number else Purpose.MARKETING
        await create_type(
            key=("k" * 60) + str(number),
            business_unit="long",
            name={"en": name.lower()[::-1]},
            description={"en": "d" * 500 + " and then a few words of it."},
            channels=channels,
            purpose=purpose,
        )


CATALOGS: dict[str, Callable[[], Awaitable[None]]] = {
    fill.__name__: fill for fill in (one_type, no_types, forty_types, long_names)
}
