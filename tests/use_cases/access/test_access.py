"""API tokens: shown once, stored as a hash, limited to their scopes, revoked at once."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest

from preference_center.access.scopes import SCOPES
from preference_center.access.tokens import (
    TokenExpired,
    authenticate,
    create_token,
    list_tokens,
    revoke_token,
)
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import ConsentOrigin, Maker
from preference_center.storage import database
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("db")


async def test_a_token_authenticates_with_its_name_and_scopes() -> None:
    token = await create_token("crm", ["contacts:read", "preferences:write"])
    caller = await authenticate(token)
    assert caller is not None
    assert caller.scopes == {"contacts:read", "preferences:write"}
    assert str(caller.actor) == "crm"
    assert (caller.actor.maker, caller.actor.origin) == (Maker.TEAM, ConsentOrigin.CONTACT_RECORD)


async def test_a_token_of_an_integration_acts_as_an_integration() -> None:
    """R9"""
    token = await create_token("shop", ["admin"], ConsentOrigin.INTEGRATION)
    caller = await authenticate(token)
    assert caller is not None
    assert (caller.actor.maker, caller.actor.origin) == (Maker.TEAM, ConsentOrigin.INTEGRATION)


async def test_admin_includes_every_scope() -> None:
    caller = await authenticate(await create_token("root", ["admin"]))
    assert caller is not None
    assert caller.scopes == SCOPES
    assert {"contacts:write", "links:create", "catalog:write", "admin"} <= SCOPES


async def test_a_token_is_identified_by_its_prefix_and_stored_as_a_hash() -> None:
    token = await create_token("crm", ["admin"])
    assert re.fullmatch(r"sayso_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", token)
    row = dict((await database.fetch("SELECT * FROM access_tokens"))[0])
    assert row["prefix"] == token[6:14]
    assert bytes(row["digest"]) == hashlib.sha256(token.encode()).digest()
    assert token[15:] not in repr(row)


async def test_every_token_is_different() -> None:
    tokens = [await create_token(f"crm {n}", ["admin"]) for n in range(20)]
    assert len({token[:14] for token in tokens}) == len({token[15:] for token in tokens}) == 20


async def test_a_revoked_token_is_refused_at_once() -> None:
    token = await create_token("crm", ["admin"])
    other = await create_token("shop", ["admin"])
    assert await authenticate(token)
    assert await revoke_token("crm") is True
    assert await authenticate(token) is None
    assert await authenticate(other)
    assert await revoke_token("crm") is False, "it was revoked already"


async def test_a_token_stops_working_when_it_expires(clock: Clock) -> None:
    token = await create_token("crm", ["admin"], expires_in_days=30)
    lasting = await create_token("shop", ["admin"])
    caller = await authenticate(token)
    assert caller is not None
    assert caller.expires_at == database.now() + timedelta(days=30)
    assert [each.expires_at for each in await list_tokens()] == [caller.expires_at, None]
    clock.forward(days=30)
    with pytest.raises(TokenExpired):
        await authenticate(token)
    assert await authenticate(token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    assert await authenticate(lasting)


@pytest.mark.parametrize("days", [0, -1, 3_651])
async def test_a_token_is_valid_for_one_day_to_ten_years(days: int) -> None:
    with pytest.raises(Invalid) as refused:
        await create_token("crm", ["admin"], expires_in_days=days)
    assert refused.value.field == ("expiresInDays",)


async def test_a_token_with_a_long_name_can_be_revoked() -> None:
    token = await create_token("n" * 200, ["admin"])
    assert await revoke_token("n" * 200) is True
    assert await authenticate(token) is None
    with pytest.raises(Invalid):
        await revoke_token("n" * 201)


async def test_a_leaked_token_can_be_revoked_by_its_prefix() -> None:
    token = await create_token("crm", ["admin"])
    assert await revoke_token(token[6:14]) is True
    assert await authenticate(token) is None


async def test_a_name_wins_over_the_prefix_of_another_token() -> None:
    crm = await create_token("crm", ["admin"])
    namesake = await create_token(crm[6:14], ["admin"])
    await revoke_token(crm[6:14])
    assert await authenticate(crm)
    assert await authenticate(namesake) is None


@pytest.mark.parametrize("name", ["nobody", "", "a\x00b", "\ud800"])
async def test_revoking_an_unknown_token_is_an_error(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await revoke_token(name)
    assert (refused.value.code, refused.value.field) == (ErrorCode.NOT_FOUND, ("name",))


async def test_invalid_tokens_are_refused() -> None:
    token = await create_token("crm", ["admin"])
    other = await create_token("shop", ["admin"])
    wrong = [
        "",
        "sayso_",
        token[:-1],
        token + "A",
        token + "\n",
        token.upper(),
        token[:15] + other[15:],
        other[:15] + token[15:],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "sayso_00000000_" + "A" * 43,
        "sayso_\x00aaaaaaa_" + "A" * 43,
        "sayso_" + "١" * 8 + "_" + "A" * 43,
        "\ud800" * 58,
        "x" * 1_000_000,
    ]
    assert [await authenticate(text) for text in wrong] == [None] * len(wrong)
    assert await authenticate(token)


async def test_tokens_are_listed_with_everything_but_the_token(clock: Clock) -> None:
    token = await create_token("crm", ["preferences:read", "contacts:read"])
    await create_token("shop", ["admin"], ConsentOrigin.INTEGRATION)
    await revoke_token("shop")
    crm, shop = await list_tokens()
    assert (crm.name, crm.prefix) == ("crm", token[6:14])
    assert crm.scopes == ("contacts:read", "preferences:read")
    assert (crm.origin, crm.created_at, crm.revoked_at) == (ConsentOrigin.CONTACT_RECORD, clock.at, None)
    assert (shop.origin, shop.revoked_at) == (ConsentOrigin.INTEGRATION, clock.at)
    assert token[15:] not in repr(crm)


@pytest.mark.parametrize(
    ("name", "scopes", "origin", "field"),
    [
        ("", ["admin"], None, "name"),
        ("   ", ["admin"], None, "name"),
        ("x" * 201, ["admin"], None, "name"),
        ("a\x00b", ["admin"], None, "name"),
        ("crm\nshop", ["admin"], None, "name"),
        ("\ud800", ["admin"], None, "name"),
        ("Recipient", ["admin"], None, "name"),
        ("crm", [], None, "scopes"),
        ("crm", ["admin", "contacts:*"], None, "scopes"),
        ("crm", ["admin"], ConsentOrigin.PREFERENCE_PAGE, "origin"),
        ("crm", ["admin"], ConsentOrigin.IMPORT, "origin"),
    ],
)
async def test_invalid_input_creates_no_token(
    name: str, scopes: list[str], origin: ConsentOrigin | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await create_token(name, scopes, origin)
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID_VALUE, (field,))
    assert await list_tokens() == []


async def test_a_name_cannot_be_used_again_after_its_token_was_revoked() -> None:
    await create_token("crm", ["admin"])
    await revoke_token("crm")
    with pytest.raises(Invalid) as refused:
        await create_token(" crm ", ["admin"])
    assert (refused.value.code, refused.value.field) == (ErrorCode.ALREADY_EXISTS, ("name",))
    assert len(await list_tokens()) == 1


def test_the_scopes_are_the_documented_ones() -> None:
    read, write = {"contacts:read", "preferences:read"}, {"contacts:write", "preferences:write"}
    features = {"catalog:write", "operations:write", "workflows:write", "integrations:write"}
    assert read | write | features | {"links:create", "admin"} == SCOPES
