"""Any order of what people and teams do ends as the rules say, on both databases.

The rules are the same on both, so most journeys go through SQLite. `SAYSO_TEST_JOURNEYS=300` plays that many
on each.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.journeys.catalog import ACME, EMAIL
from tests.journeys.driver.application import Application
from tests.journeys.person_rules import PersonRules
from tests.journeys.team_rules import TeamRules

JOURNEYS = {"sqlite": 30, "postgres": 10}
STEPS = 25


def test_whatever_happens_in_whatever_order_the_rules_hold(application: Application) -> None:
    """R1-R2, R4-R13, R16-R19, R21-R24, R31, R33, R36: see `TeamRules`, `PersonRules` and `Comparison`."""
    machine = type("Journey", (TeamRules, PersonRules), {"application": application})
    database = application.settings.database_url.partition(":")[0]
    profile = settings(
        max_examples=int(os.environ.get("SAYSO_TEST_JOURNEYS", JOURNEYS[database])),
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=profile)
    assert application.differences() == []


@pytest.mark.parametrize(
    ("recipient", "touched"), [("alice", 0), ("alice's sms", 2), ("alice's whatsapp", 3)]
)
def test_an_old_page_lifts_no_opt_out_of_all_that_it_did_not_show(
    application: Application, recipient: str, touched: int
) -> None:
    """R12: coming back is what the person can see."""
    journey: Any = type("Journey", (TeamRules, PersonRules), {"application": application})()
    journey.the_journey_begins(privacy=False)
    journey.a_tab_is_opened("alice")
    journey.the_team_opts_out_of_all(
        moment="now", unit=ACME, who="team", recipient=recipient, explained=False
    )
    journey.an_old_tab_is_saved(on=EMAIL, action=None, touches=[touched], unit=ACME)
    journey.teardown()
