"""However acts, reversals and the steps of publications interleave: replay finds no difference."""

import itertools

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gamification.catalogue import members
from gamification.catalogue.publishing import publish
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases import service
from gamification.catalogue.releases.steps import step
from gamification.credit import credit, reverse
from gamification.recognition import replay
from ground.engine import fetchval
from tests.gamification.fortnight import a_history, only
from tests.gamification.programme import ZONES, take_part
from tests.gamification.steering import MAX, asked, held, rolled_back

pytestmark = pytest.mark.usefixtures("servers")

HISTORY = [each for number, each in enumerate(a_history()) if number % 5 == 0][:24]
MOVES = st.lists(st.sampled_from(["act", "act", "undo", "step", "step"]), max_size=60)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Twice the first act is taken back, then new ones earn anew what hysteresis kept meanwhile.
@example(moves=["act", "undo", "act", "act", "undo", "act", "act"], turns_round_after=None)
@given(moves=MOVES, turns_round_after=st.integers(0, 14) | st.none())
async def test_steps_and_acts_commute(servers, owner, moves, turns_round_after):
    await owner.empty(servers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "MOST_MEMBERS", 1)
        await _played(moves, turns_round_after)
    await owner.empty(servers)


async def _played(moves, turns_round_after):
    await publish(only("kind", "tier"), to_the_past=True)
    await take_part(ZONES)
    acts = iter(HISTORY)
    await _act(acts, 8)
    release = await asked(only("badge", "board"))
    steps = 0
    for move in moves:
        match move:
            case "act":
                await _act(acts)
            case "undo":
                await _undo()
            case "step":
                await step(release.id)
                steps += 1
                await _turn_round(release, now=steps == turns_round_after)
    while (await step(release.id)).at_work:
        pass
    assert await replay.check() == []
    if turns_round_after is not None:
        await rolled_back(release)
        assert await replay.check() == []
        assert {slug for slug, _, _ in await held()} <= {tier.slug for tier in only("tier").tier}


async def _act(acts, count=1):
    for each in itertools.islice(acts, count):
        await credit(each)


async def _undo():
    entry = await fetchval(
        "SELECT min(id) FROM ledger_entry e WHERE reverses IS NULL"
        " AND NOT EXISTS (SELECT FROM ledger_entry r WHERE r.reverses = e.id)"
    )
    await reverse([entry] if entry else [], reason="it never happened")


async def _turn_round(release, *, now):
    if now and (await releases.read(release.id)).state == "running":
        await service.roll_back(release.id, by=MAX)
