"""What the benchmarks load is what the ledger says, and links and addresses find it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from preference_center.contacts import contacts
from preference_center.history import verification
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse_email
from tests.benchmarks.harness import filling
from tests.benchmarks.harness.databases import installation, opened
from tests.conftest import POSTGRES, missing


async def test_replaying_the_ledger_gives_the_state_that_was_loaded(tmp_path: Path) -> None:
    if not POSTGRES:
        missing("postgres", "SAYSO_TEST_POSTGRES is not set")
    with Progress(console=Console(quiet=True)) as progress:
        async with installation(120, tmp_path, progress, keep=False) as of, opened(of.settings):
            assert [line async for line in verification.verify()] == []
            alice = await recipients.find(parse_email(filling.email(50)))
            assert alice is not None
            state = (await read_states([alice.id]))[alice.id]
            assert len(state.preferences) == len(filling.TYPES)
            assert len(state.opt_outs_of_all) == 1
            made = await contacts.create(email="someone.new@example.com")
            assert made.id == 121


@pytest.mark.parametrize("number", [1, 7, 39, 40])
def test_the_addresses_are_normal_as_they_are(number: int) -> None:
    assert parse_email(filling.email(number)).value == filling.email(number)
