"""The link format of docs/links.md: Sayso and senders in other languages create and read the same links."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preference_center.links.claims import ManageClaim, Target, Withdrawal
from preference_center.links.maker import LinkMaker
from preference_center.rules.addresses import parse
from preference_center.rules.references import type_reference, unit_reference
from preference_center.rules.types import Channel
from tests.links import cast

_PAGE = (Path(__file__).parents[2] / "docs" / "links.md").read_text(encoding="utf-8")
_VECTORS: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", _PAGE, re.DOTALL)[0])
_JAVASCRIPT = re.findall(r"```js\n(.*?)```", _PAGE, re.DOTALL)[0]
_MAKER = LinkMaker(
    cast.settings(
        public_url=_VECTORS["public_url"],
        fingerprint_key=_VECTORS["fingerprint_key"].encode(),
        withdraw_keys=(_VECTORS["withdraw_key"].encode(),),
        manage_keys=(_VECTORS["manage_key"].encode(),),
    )
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

each_vector = pytest.mark.parametrize("vector", _VECTORS["links"], ids=lambda vector: vector["payload"][:4])


def _issued_at(vector: dict[str, Any]) -> datetime:
    return _EPOCH + timedelta(milliseconds=vector["issued_ms"])


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _text(payload: bytes) -> str:
    return base64.urlsafe_b64encode(payload).rstrip(b"=").decode()


def _documented_fingerprint(address: str) -> bytes:
    kind = "phone" if address.startswith("+") else "email"
    return _mac(_VECTORS["fingerprint_key"].encode(), f"{kind}:{address}".encode())[:16]


def _documented_reference(vector: dict[str, Any], *fields: tuple[str, str]) -> bytes:
    for prefix, field in fields:
        if field in vector:
            return hashlib.sha256(f"{prefix}:{vector[field]}".encode()).digest()[:6]
    return bytes(6)


def _documented_payload(vector: dict[str, Any]) -> bytes:
    fingerprint = _documented_fingerprint(vector["address"])
    campaign: bytes = vector.get("campaign", "").encode()
    if vector["link"] == "withdraw":
        target = 1 if "subscription_type" in vector else 2 if "business_unit" in vector else 0
        channel = {"EMAIL": 0, "SMS": 1, "WHATSAPP": 2}[vector["channel"]]
        reference = _documented_reference(vector, ("type", "subscription_type"), ("unit", "business_unit"))
        return bytes((1, target * 16 + channel)) + fingerprint + reference + campaign
    kind = 1 if vector["address"].startswith("+") else 0
    reference = _documented_reference(vector, ("unit", "business_unit"))
    issued: bytes = vector["issued_ms"].to_bytes(6, "big")
    return bytes((1, kind)) + fingerprint + reference + issued + campaign


@each_vector
def test_r32_a_sender_that_follows_the_document_creates_these_links(vector: dict[str, Any]) -> None:
    payload = _documented_payload(vector)
    key = _mac(_VECTORS[f"{vector['link']}_key"].encode(), f"sayso.{vector['link']}".encode())
    text = _text(payload)
    assert _documented_fingerprint(vector["address"]).hex() == vector["fingerprint"]
    assert payload.hex() == vector["payload"]
    assert f"{text}.{_text(_mac(key, text.encode()))}" == vector["token"]
    page = "u" if vector["link"] == "withdraw" else "p"
    assert f"{_VECTORS['public_url']}/{page}/{vector['token']}" == vector["url"]


@each_vector
def test_r32_sayso_creates_the_same_links(vector: dict[str, Any]) -> None:
    address = parse(vector["typed"])
    fingerprint = _MAKER.fingerprint(address)
    campaign, unit = vector.get("campaign", ""), vector.get("business_unit")
    if vector["link"] == "withdraw":
        type_key = vector.get("subscription_type")
        token = _MAKER.withdraw(fingerprint, Channel(vector["channel"]), type_key, unit, campaign)
        url = _MAKER.withdraw_url(token)
    else:
        token = _MAKER.manage(fingerprint, address.kind, _issued_at(vector), unit, campaign)
        url = _MAKER.manage_url(token)
    assert address.value == vector["address"]
    assert fingerprint.hex() == vector["fingerprint"]
    assert (token, url) == (vector["token"], vector["url"])


@each_vector
def test_r32_sayso_reads_these_links(vector: dict[str, Any]) -> None:
    claim: Withdrawal | ManageClaim
    if vector["link"] == "withdraw":
        claim = _MAKER.read_withdraw(vector["token"])
        assert claim.channel is Channel(vector["channel"])
        assert (claim.target, claim.reference) == _target(vector)
    else:
        claim = _MAKER.read_manage(vector["token"], _issued_at(vector))
        unit = vector.get("business_unit")
        assert claim.unit_reference == (unit_reference(unit) if unit else b"")
        assert claim.issued_ms == vector["issued_ms"]
    assert claim.fingerprint.hex() == vector["fingerprint"]
    assert claim.recipient_kind is parse(vector["address"]).kind
    assert claim.campaign == vector.get("campaign", "")


def _target(vector: dict[str, Any]) -> tuple[Target, bytes]:
    if "subscription_type" in vector:
        return Target.TYPE, type_reference(vector["subscription_type"])
    if "business_unit" in vector:
        return Target.UNIT, unit_reference(vector["business_unit"])
    return Target.ALL_UNITS, b""


def test_the_vectors_cover_every_channel_and_every_target() -> None:
    withdrawals = [vector for vector in _VECTORS["links"] if vector["link"] == "withdraw"]
    assert {vector["channel"] for vector in withdrawals} == {channel.value for channel in Channel}
    assert {_target(vector)[0] for vector in withdrawals} == set(Target)
    assert any(not vector["typed"].isascii() for vector in withdrawals)
    assert {vector["link"] for vector in _VECTORS["links"]} == {"withdraw", "manage"}


_RUN = """
const vectors = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(vectors.links.map((v) => {
  const of = { fingerprint: fingerprint(v.address, vectors.fingerprint_key), channel: v.channel,
    type: v.subscription_type, unit: v.business_unit, campaign: v.campaign, issuedMs: v.issued_ms,
    isPhone: v.address.startsWith("+") };
  if (v.link === "withdraw") return withdrawToken(of, vectors.withdraw_key);
  return manageToken(of, vectors.manage_key);
})));
"""


@pytest.mark.skipif(
    shutil.which("node") is None, reason="no Node.js on this machine to run the page's example"
)
def test_r32_the_documented_javascript_creates_the_same_links() -> None:
    node = shutil.which("node") or ""
    node_output = subprocess.run(
        [node, "-e", _JAVASCRIPT + _RUN],
        input=json.dumps(_VECTORS),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert json.loads(node_output.stdout) == [vector["token"] for vector in _VECTORS["links"]]
