"""The text messages of the demo."""

from __future__ import annotations

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.rules.types import Channel, Meaning
from preference_center.storage import database


async def test_each_brand_of_the_demo_has_a_number_for_sms_and_whatsapp(db: Settings) -> None:
    await demo.load(1)
    catalog = await exact_catalog()
    for unit in catalog.units:
        for channel in (Channel.SMS, Channel.WHATSAPP):
            (number,) = [n for n in await sender_numbers.list_all(channel) if n.unit_id == unit.id]
            offered = [each for each in catalog.types_of(unit) if channel in each.channels]
            assert offered
            assert number.carried(catalog) == offered


async def test_the_demo_has_opt_outs_by_keyword_and_one_message_to_review(db: Settings) -> None:
    await demo.load(40)
    rows = await database.fetch(
        "SELECT DISTINCT e.channel, w.text AS wording, p.url FROM consent_events e"
        " JOIN evidence p ON p.event_id = e.id JOIN shown_wordings w ON w.id = p.wording_id"
        " WHERE e.origin = 'KEYWORD' AND e.after = 'OPTED_OUT'"
    )
    shown = {(row["channel"], row["wording"]) for row in rows}
    assert shown == {(on, word) for on in ("SMS", "WHATSAPP") for word in ("STOP", "Koniec")}
    assert all(row["url"].startswith(f"{row['channel'].lower()}:+44") for row in rows)
    (unclear,) = await database.fetch("SELECT meaning, body FROM inbound_messages WHERE needs_review")
    assert unclear["meaning"] == Meaning.UNCLEAR.value
    assert "invitations" in unclear["body"]
