"""The links of a business unit, which begin with its own host if it has one."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit

from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.links.maker import LinkMaker, link_maker


def link_maker_of(unit: BusinessUnit | None) -> LinkMaker:
    """Return what makes the links of a unit; without a unit, those of the installation.

    Only the host differs: every page answers on every host, so a link of one unit works on any of them.
    """
    config, own = settings.current(), unit.appearance.public_url if unit else None
    return _maker_at(config, own) if own else link_maker(config)


def public_url_of(unit: BusinessUnit | None) -> str:
    """Return what links of a unit begin with, without a slash at the end."""
    own = unit.appearance.public_url if unit else None
    return _at(settings.current(), own) if own else settings.current().public_url


def url_at(host: str, catalog: Catalog) -> str:
    """Return the public URL that a Host header names: that of a unit with this host, else Sayso's."""
    own = (unit.appearance.public_url for unit in catalog.units)
    found = next((url for url in own if url and urlsplit(url).netloc == host.lower()), None)
    return _at(settings.current(), found) if found else settings.current().public_url


@lru_cache(maxsize=256)
def _maker_at(config: Settings, origin: str) -> LinkMaker:
    return LinkMaker(replace(config, public_url=_at(config, origin)))


def _at(config: Settings, origin: str) -> str:
    """The installation's public URL at another origin: its path stays."""
    return origin + urlsplit(config.public_url).path
