"""Times are stored alike by hand-written SQL and by Tortoise: SQLite compares them as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from preference_center.config.settings import Settings
from preference_center.storage import database
from preference_center.tables.messaging import LinkRequestCount

SECOND = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
INSERT = (
    "INSERT INTO network_askings (digest, hour_from, in_hour, day_from, in_day) VALUES ($1, $2, 1, $2, 1)"
)


@pytest.mark.parametrize("time", [SECOND, SECOND + timedelta(microseconds=1)], ids=str)
async def test_a_time_is_equal_whoever_wrote_it_and_in_whatever_zone(db: Settings, time: datetime) -> None:
    in_warsaw = time.astimezone(timezone(timedelta(hours=2)))
    await database.execute(INSERT, b"sql", in_warsaw)
    await LinkRequestCount.create(digest=b"orm", hour_from=in_warsaw, in_hour=1, day_from=in_warsaw, in_day=1)

    rows = await database.fetch("SELECT * FROM network_askings WHERE hour_from = $1", time)

    assert len(rows) == 2
    assert await LinkRequestCount.filter(hour_from=time).count() == 2
    assert {database.instant(row["hour_from"]) for row in rows} == {time}


async def test_times_within_a_second_are_ordered(db: Settings) -> None:
    for microseconds in (500_000, 0, 1):
        time = SECOND + timedelta(microseconds=microseconds)
        await LinkRequestCount.create(
            digest=str(microseconds).encode(), hour_from=time, in_hour=1, day_from=time, in_day=1
        )

    rows = await database.fetch("SELECT digest FROM network_askings ORDER BY hour_from")

    assert [bytes(row["digest"]) for row in rows] == [b"0", b"1", b"500000"]
