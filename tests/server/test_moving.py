"""The demo moves by itself a little, and can be told to keep still."""

import random

import pytest

from gamification.catalogue.publishing import load_default_if_empty
from gamification.ledger.activity import Status
from ground.engine import execute, fetch, fetchval
from server.cli.run import let_the_demo_move
from server.config import Settings, unsafe_values
from server.seed.moving import move
from tests.community.people import joined

# What is said to `ambassade run`, and whether the demo moves then.
TOLD = [
    ({"ENVIRONMENT": "development"}, False, "yes"),
    ({"ENVIRONMENT": "development"}, True, "no"),
    ({"ENVIRONMENT": "development", "DEMO_MOVES": "no"}, False, "no"),
    ({"ENVIRONMENT": "test"}, False, None),
    ({"ENVIRONMENT": "production"}, False, None),
]


@pytest.mark.parametrize(("environment", "still", "moves"), TOLD)
def test_it_moves_in_development_unless_told_otherwise(environment, still, moves):
    let_the_demo_move(environment, still=still)
    assert environment.get("DEMO_MOVES") == moves


def test_production_never_moves_by_itself():
    refused = unsafe_values(Settings(environment="production", demo_moves=True))
    assert any("DEMO_MOVES" in reason for reason in refused)


async def test_only_made_up_people_are_moved(database):
    await load_default_if_empty()
    alice, camille = await joined("alice", "Alice"), await joined("camille", "Camille")
    dice = random.Random(1)
    assert await move(dice) is None

    await execute(
        "INSERT INTO charter_acceptance (member, version, accepted_at, channel, locale)"
        " VALUES ($1, 1, now(), 'demo', 'fr')",
        camille,
    )
    moved = [await move(dice) for _ in range(5)]

    assert {each.status for each in moved if each} == {Status.RECORDED}
    assert {row["member_id"] for row in await fetch("SELECT member_id FROM ledger_entry")} == {
        camille
    }
    assert await fetchval("SELECT count(*) FROM ledger_entry WHERE member_id = $1", alice) == 0
