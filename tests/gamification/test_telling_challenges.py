"""What is said on a challenge's channel keeps a screen right."""

from datetime import datetime, timedelta

import msgspec
import pytest

from gamification.challenges import managing, reading, taking_part
from gamification.challenges.telling import TELLER
from gamification.credit import credit_many
from ground import clock
from notifications.announcements import history, ticker
from tests.gamification.challenges import MAYA, STARTS, published
from tests.gamification.programme import ALICE, BOB, activity, set_up
from tests.verified import verifies


async def fresh(challenge):
    seen = await reading.one(challenge.id, None)
    return {
        "state": str(seen.challenge.stage(clock.now())),
        "starts_at": seen.challenge.starts_at,
        "ends_at": seen.challenge.ends_at,
        "goal": seen.challenge.goal,
        "done": seen.reached.done,
        "helpers": seen.reached.helpers,
        "milestones": dict(seen.reached.milestones),
        "reached_at": seen.reached.goal_at,
    }


def apply(screen, said):
    data = msgspec.json.decode(said.data)
    match said.type:
        case "challenge_progressed":
            screen |= {key: data[key] for key in ("done", "goal", "helpers")}
        case "challenge_milestone_reached":
            screen["milestones"][data["percent"]] = datetime.fromisoformat(data["reached_at"])
        case "challenge_completed":
            screen["reached_at"] = datetime.fromisoformat(data["reached_at"])
        case "challenge_changed":
            moments = {key: datetime.fromisoformat(data[key]) for key in ("starts_at", "ends_at")}
            screen |= {"state": data["state"], **moments}


@pytest.fixture
async def challenge(database):
    with clock.frozen(STARTS - timedelta(days=1)):
        await set_up()
        yield await published()


@verifies(
    "challenge_progressed",
    "challenge_milestone_reached",
    "challenge_completed",
    "challenge_changed",
)
async def test_a_challenge_on_a_screen_shows_what_a_fresh_read_would(challenge):
    """I22: from before its start until it was reached, paused and resumed."""
    for each in (ALICE, BOB):
        await taking_part.join(challenge.id, each)
    position = (await history.read(challenge.channel, None, 1)).position
    with clock.frozen(STARTS + timedelta(hours=1)):
        screen = await fresh(challenge)

    async def post(who, *keys):
        moment = clock.now()
        await credit_many([activity("post", str(k), moment, member_id=who) for k in keys])

    async def pause():
        await managing.pause(challenge.id, None, by=MAYA)

    async def resume():
        await managing.resume(challenge.id, None, by=MAYA)

    steps = [
        lambda: post(ALICE, 1, 2, 3),
        pause,
        resume,
        lambda: post(BOB, 4, 5),
        lambda: post(ALICE, *range(6, 13)),
    ]
    types = set()
    for hour, step in enumerate(steps, 2):
        with clock.frozen(STARTS + timedelta(hours=hour)):
            await step()
            for _ in range(3):
                await ticker.tick([TELLER], sweep=True)
            for said in (await history.read(challenge.channel, position, 100)).said:
                types.add(said.type)
                apply(screen, said)
            assert screen == await fresh(challenge), hour
    assert len(types) == 4
