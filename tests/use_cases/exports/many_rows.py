"""Many rows inserted directly, without the ledger: for tests of size and speed."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.storage import database

_NUMBERS = {
    "postgres": "(SELECT n FROM generate_series(1, $1::bigint) AS n) AS numbers",
    "sqlite": "(WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < $1)"
    " SELECT n FROM counted) AS numbers",
}
_AT = {
    "postgres": "timestamptz '2026-05-04 12:00:00+00' - ($1 - n) * interval '1 second'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '2026-05-04 12:00:00', '-' || ($1 - n) || ' seconds')"
    " || '.000000+00:00'",
}
_FINGERPRINT = {
    "postgres": "decode(lpad(to_hex(n), 32, '0'), 'hex')",
    "sqlite": "CAST(printf('%016d', n) AS BLOB)",
}


EVERYTHING = ("recipients", "contacts", "consent_events", "opt_outs_of_all")


async def fill(people: int, tables: Sequence[str] = EVERYTHING) -> None:
    """Insert people who are each opted out of all of the first unit, with events a second apart."""
    dialect = database.dialect()
    at, fingerprint = _AT[dialect], _FINGERPRINT[dialect]
    address, properties = "'person' || n || '@example.com'", """'{"city": "Łódź"}'"""
    columns = {
        "recipients": {
            "id": "n",
            "kind": "'EMAIL'",
            "fingerprint": fingerprint,
            "address": address,
            "created_at": at,
        },
        "contacts": {
            "id": "n",
            "email_recipient_id": "n",
            "email": address,
            "properties": properties,
            "created_at": at,
            "updated_at": at,
        },
        "consent_events": {
            "id": "n",
            "recipient_id": "n",
            "channel": "'EMAIL'",
            "business_unit_id": "1",
            "before": "'NOT_OPTED'",
            "after": "'OPTED_OUT'",
            "origin": "'IMPORT'",
            "actor": "'crm'",
            "occurred_at": at,
            "recorded_at": at,
        },
        "opt_outs_of_all": {
            "recipient_id": "n",
            "channel": "'EMAIL'",
            "business_unit_id": "1",
            "active": "TRUE",
            "origin": "'IMPORT'",
            "occurred_at": at,
            "changed_at": at,
            "event_id": "n",
        },
    }
    for table in tables:
        names, expressions = ", ".join(columns[table]), ", ".join(columns[table].values())
        await database.execute(
            f"INSERT INTO {table} ({names}) SELECT {expressions} FROM {_NUMBERS[dialect]} WHERE n <= $1",
            people,
        )
