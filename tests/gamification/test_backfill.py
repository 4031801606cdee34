"""What is published afterwards counts the past as if it had been looked at all along."""

import asyncio
from datetime import UTC, datetime

import pytest

from gamification.catalogue import service
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.publishing import publish
from gamification.credit import credit
from gamification.recognition import kept, replay
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import fetch, fetchval
from tests.gamification.drafts import badge, board, count, file
from tests.gamification.fortnight import START, a_history, happened, only
from tests.gamification.programme import (
    BOB,
    ZONES,
    activity,
    badges_of,
    catalogue,
    take_part,
)

pytestmark = pytest.mark.usefixtures("database")

LATER = datetime(2026, 11, 1, 12, tzinfo=UTC)
OPERATOR = Caller(kind=CallerKind.OPERATOR, name="tests")


async def what_follows() -> dict[str, object]:
    """All that is kept of members, with flows by their fingerprints and entries by their keys."""
    flows = {number: name for name, number in (await service.flow_numbers()).items()}
    keys = {row["id"]: row["key"] for row in await fetch("SELECT id, key FROM ledger_entry")}
    found: dict[str, object] = {}
    for table, rows in (await kept.read(ZONES, clock.now())).items():
        if table in replay.FLOW_TABLES:
            found[table] = {(key[0], flows[key[1]], *key[2:]): row for key, row in rows.items()}
        elif table in ("award", "tier_held"):
            found[table] = {
                key: [*row[:3], [keys[entry] for entry in row[3]], *row[4:]]
                for key, row in rows.items()
            }
        else:
            found[table] = rows
    return found


async def test_what_is_published_afterwards_counts_the_past_as_if_it_had_been_there(servers, owner):
    with clock.frozen(LATER):
        await publish(catalogue(), to_the_past=True)
        await happened()
        in_advance = await what_follows()
        await owner.empty(servers)
        await publish(only("kind"))
        await happened()
        await publish(only("badge"), to_the_past=True)
        await publish(only("tier", "board"), to_the_past=True)

        assert await what_follows() == in_advance
        assert await replay.check() == []
    assert len(await badges_of(BOB)) > 5


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(
            [badge(count("comment")), badge(count("comment", within_days=3))],
            id="a window where there was none",
        ),
        pytest.param(
            [badge(count("comment", within_days=3)), badge(count("comment"))],
            id="no window any more",
        ),
        pytest.param(
            [badge(count("comment")), badge(count("vote")), badge(count("comment"))],
            id="away and back again",
        ),
        pytest.param(
            [
                badge({"term": "distinct", "kind": "vote", "of": "giver", "at_least": 2}),
                badge({"term": "distinct", "kind": "vote", "of": "day", "at_least": 2}),
            ],
            id="other values",
        ),
    ],
)
async def test_replay_finds_no_difference_after_any_change_of_criteria(steps):
    await publish(only("kind"))
    await happened()
    for number, step in enumerate(steps):
        await publish(CatalogueFile(badge=file(badge=[step]).badge), to_the_past=True)
        await credit(activity("comment", f"new{number}", START, member_id=BOB))

        assert await replay.check() == []


async def test_a_board_of_other_kinds_has_the_past_in_it_and_goes_without_a_trace():
    await publish(only("kind"))
    await happened()
    for kinds in (["post", "answer"], ["comment"], ["post", "answer"]):
        await publish(CatalogueFile(board=file(board=[board(kinds=kinds)]).board))

        [scope] = set((await service.current()).scopes) - {"*"}
        assert await fetchval("SELECT sum(points) FROM board_points WHERE scope = $1", scope) > 0
        assert await replay.check() == []


async def test_crediting_goes_on_while_catalogues_are_published():
    await publish(only("kind"))
    await take_part(ZONES)
    history = [each for each in a_history() if each.kind in ("post", "comment")]

    async def credit_all(part: int) -> None:
        for each in history[part::4]:
            await credit(each)

    async def publish_all() -> None:
        for table in ("badge", "tier", "board"):
            await asyncio.sleep(0.1)
            await publish(only(table), to_the_past=True)

    async with asyncio.TaskGroup() as together:
        together.create_task(publish_all())
        for part in range(4):
            together.create_task(credit_all(part))

    assert await fetchval("SELECT count(*) FROM ledger_entry") == len(history)
    assert await replay.check() == []
    assert {"first-post", "commentator", "burst"} <= (await badges_of(BOB)).keys()
