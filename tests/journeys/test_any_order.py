"""Any order of what people and teams do ends as the rules say, on both databases.

`SAYSO_TEST_JOURNEYS=300` plays that many journeys instead of thirty.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.journeys.cast import ACME, EMAIL
from tests.journeys.person import ThePerson
from tests.journeys.team import TheTeam
from tests.journeys.world import World

JOURNEYS = int(os.environ.get("SAYSO_TEST_JOURNEYS", "30"))


def test_whatever_happens_in_whatever_order_the_rules_hold(world: World) -> None:
    """R1-R2, R4-R13, R16-R19, R21-R24, R31, R33, R36: see `TheTeam`, `ThePerson` and `Agreement`."""
    machine = type("Journey", (TheTeam, ThePerson), {"world": world})
    profile = settings(
        max_examples=JOURNEYS,
        stateful_step_count=25,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=profile)
    assert world.differences() == []


@pytest.mark.parametrize(("whose", "touched"), [("alice", 0), ("alice's sms", 2), ("alice's whatsapp", 3)])
def test_an_old_page_lifts_no_opt_out_of_all_that_it_did_not_show(
    world: World, whose: str, touched: int
) -> None:
    """R12: coming back is what the person can see."""
    journey: Any = type("Journey", (TheTeam, ThePerson), {"world": world})()
    journey.the_scene_is_set(privacy=False)
    journey.a_tab_is_opened("alice")
    journey.the_team_opts_out_of_all(moment="now", unit=ACME, who="team", whose=whose, words=False)
    journey.an_old_tab_is_saved(on=EMAIL, sweep=None, touches=[touched], unit=ACME)
    journey.teardown()
