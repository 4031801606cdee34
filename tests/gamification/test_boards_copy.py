"""The copy of boards in Valkey: it can be lost, late or wrong, and boards say the same (I20)."""

import asyncio
import os
import signal
import time
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gamification.boards import build, copy
from gamification.boards.check import check_copies
from gamification.boards.scores import Score, forget_falls
from gamification.boards.sets import BoardSet, sets_of
from gamification.boards.windows import Top
from gamification.catalogue.service import current
from gamification.credit import credit, reverse
from gamification.ledger.activity import Activity
from gamification.players import service as players
from gamification.players.tables import Visibility
from ground import clock, valkey
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from server.embedded.account import account_for_servers
from server.embedded.places import servers_home
from server.embedded.running import Running
from server.embedded.valkey import Valkey
from tests.gamification.boards import (
    EVERYBODY,
    NOON,
    Reader,
    fill,
    gain,
    publish_boards,
    somebody,
)
from tests.servers import empty_data_dir, remove_data_dir

NOBODY_ANSWERS = "redis://127.0.0.1:1"

pytestmark = pytest.mark.usefixtures("boards")


@pytest.fixture
async def boards(database):
    await publish_boards()
    with clock.frozen(NOON):
        yield


@pytest.fixture
async def away(redis_url):
    """`away()` takes Valkey away, `away(False)` brings it back."""

    async def take(gone=True):
        await valkey.close_valkey()
        valkey.open_valkey(NOBODY_ANSWERS if gone else redis_url)

    yield take
    await take(False)


@pytest.fixture
async def stranger(boards):
    return Reader(await somebody())


async def in_copy(board_set=EVERYBODY):
    """Who is in the copy, with how many points."""
    found = await valkey.client().zrange(board_set.key, 0, -1, withscores=True)
    return {alias.decode(): int(points) for alias, points in found}


async def in_truth(board_set=EVERYBODY):
    """Who should be."""
    rows = await fetch(
        """
        SELECT board_alias, points FROM board_standing
        WHERE scope = $1 AND period = $2 AND ($3::text IS NULL OR population = $3)
        """,
        *board_set[:3],
    )
    return {str(row["board_alias"]): row["points"] for row in rows}


async def test_a_credited_activity_is_on_the_boards_at_once(stranger):
    anna = await somebody()
    month = stranger.of(BoardSet("*", "2026-11"))
    assert await stranger.lists() == await month.lists() == []

    credited = await credit(
        Activity(member_id=anna.id, kind="post", source="s", key="1", occurred_at=NOON)
    )
    assert await in_copy() == {str(anna.alias): 5}
    assert await stranger.lists() == await month.lists() == [(1, anna.id, 5)]

    await reverse([credited.entry_id], reason="mistaken")
    assert await in_copy() == {}
    assert await stranger.lists() == await month.lists() == []


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(5)), again=st.lists(st.integers(0, 4), max_size=3))
async def test_writes_that_arrive_reversed_do_no_harm(stranger, order, again):
    anna = await somebody()
    await stranger.reads()
    gains = [await gain(anna, points, told=False) for points in (10, -3, 5, -9, 2)]

    for number in [*order, *again]:
        await copy.tell(gains[number])

    assert (await in_copy())[str(anna.alias)] == 5


async def test_a_late_score_does_not_bring_back_who_has_hidden(stranger):
    anna = await somebody()
    await stranger.reads()
    late = await gain(anna, 5, told=False)
    async with unit_of_work():
        await players.show(anna.id, visibility=Visibility.HIDDEN, public_visibility=False)

    identity = await fetchval("SELECT identity FROM board_copy_state")
    [score] = [each for each in late if each[:2] == ("*", "all_time")]
    told = {EVERYBODY: [anna.alias, score.revision, score.points]}
    written = await valkey.ask(partial(copy.write, told, ours=f"1/{identity}/"))

    assert written == (1, 0)
    assert await in_copy() == {}


async def test_another_population_is_another_board(stranger):
    anna = await somebody(population="employee")
    colleagues = stranger.of(BoardSet("*", "2026-11", "employee"))
    await colleagues.reads()
    await gain(anna, 5)
    assert await in_copy(colleagues.board_set) == {str(anna.alias): 5}

    async with unit_of_work():
        await players.welcome(anna.id, population=players.Population.CUSTOMER, joined_at=NOON)

    assert await in_copy(colleagues.board_set) == {}
    assert await stranger.lists() == [(1, anna.id, 5)]


async def test_many_scores_are_told_in_one_round_trip(stranger, monkeypatch):
    await stranger.reads()
    crowd = [await somebody() for _ in range(3)]
    told = [Score("*", "all_time", crowd[n % 3].id, n, n) for n in range(1, 3 * copy.AT_ONCE)]
    asked = []
    ask = valkey.ask
    monkeypatch.setattr(valkey, "ask", lambda *a, **k: asked.append(a) or ask(*a, **k))

    await copy.tell(told)

    assert len(asked) == 1
    assert sum((await in_copy()).values()) == sum(sorted(range(3 * copy.AT_ONCE))[-3:])


async def test_after_flushall_a_board_says_the_same(stranger):  # I20
    crowd = [await somebody() for _ in range(3)]
    for n, who in enumerate(crowd):
        await gain(who, n + 1)
    before = await stranger.lists()

    await valkey.client().flushall()

    assert await stranger.lists() == before
    assert await in_copy() == await in_truth() != {}


async def test_what_is_credited_during_an_outage_is_there_after_it(stranger, away):  # I20
    anna = await somebody()
    await gain(anna, 5)
    assert await stranger.lists() == [(1, anna.id, 5)]

    await away()
    await gain(anna, 2)
    assert await stranger.lists() == [(1, anna.id, 7)]

    await away(False)
    assert await in_copy() == {str(anna.alias): 5}
    assert await stranger.lists() == [(1, anna.id, 7)]
    assert await in_copy() == {str(anna.alias): 7}


async def test_who_hides_during_an_outage_is_hidden_after_it(stranger, away):  # I25
    anna = await somebody()
    await gain(anna, 5)
    await stranger.reads()

    await away()
    async with unit_of_work():
        await players.show(anna.id, visibility=Visibility.HIDDEN, public_visibility=False)
    assert await stranger.lists() == []

    await away(False)
    assert await stranger.lists() == []
    assert await in_copy() == {}


async def test_nobody_is_shown_against_their_will_whatever_the_copy_says(stranger):  # I25
    anna = await somebody()
    await gain(anna, 5)
    await stranger.reads()

    await execute("UPDATE player SET visibility = 'hidden' WHERE member_id = $1", anna.id)

    assert await in_copy() == {str(anna.alias): 5}
    assert await stranger.lists() == []


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda v, key, alias: v.zadd(key, {alias: 99}), id="a wrong score"),
        pytest.param(lambda v, key, alias: v.zrem(key, alias), id="somebody missing"),
        pytest.param(lambda v, key, alias: v.delete(key), id="everybody missing"),
        pytest.param(lambda v, key, alias: v.zadd(key, {"nobody": 7}), id="somebody made up"),
        pytest.param(
            lambda v, key, alias: v.zadd(key, {"7f4b2f4e-0000-4000-8000-000000000000": 7}),
            id="somebody unknown",
        ),
        pytest.param(
            lambda v, key, alias: v.hset(f"{key}:revisions", alias, 10**6),
            id="a revision that nothing will ever overtake",
        ),
        pytest.param(
            lambda v, key, alias: v.hset(f"{key}:revisions", "mark", "0/old/1"), id="another mark"
        ),
        pytest.param(lambda v, key, alias: v.delete(f"{key}:revisions"), id="no mark"),
        pytest.param(lambda v, key, alias: v.flushall(), id="nothing at all"),
    ],
)
async def test_a_wrong_copy_is_mended_by_itself(stranger, harm):  # I20
    crowd = [await somebody() for _ in range(4)]
    for n, who in enumerate(crowd):
        await gain(who, n + 1)
    await check_copies()
    assert await check_copies() == 0

    await harm(valkey.client(), EVERYBODY.key, str(crowd[1].alias))
    await gain(crowd[1], 3, told=False)
    await check_copies()

    assert await in_copy() == await in_truth()
    assert (await stranger.lists())[0] == (1, crowd[1].id, 5)
    assert await check_copies() == 0


async def test_the_hidden_are_swept_out(stranger):  # I25
    anna = await somebody()
    await gain(anna, 5)
    await check_copies()
    await execute("UPDATE player SET visibility = 'hidden' WHERE member_id = $1", anna.id)

    assert await check_copies() > 0
    assert await in_copy() == {}


async def test_all_that_can_be_read_is_kept_ready():
    await check_copies()

    wanted = sets_of(await current(), NOON)
    assert {each.period for each in wanted} == {
        *("all_time", "2026-11", "2026-10"),
        *("2026-W47", "2026-W46"),
    }
    for board_set in wanted:
        revisions = f"{board_set.key}:revisions"
        assert await valkey.client().hexists(revisions, "mark")
        assert 0 < await valkey.client().pttl(revisions) < build.KEPT_MS


async def test_a_copy_larger_than_a_look_is_looked_through_in_turns(stranger, monkeypatch):
    monkeypatch.setattr("gamification.boards.compare.SLICE", 3)
    monkeypatch.setattr("gamification.boards.build.CHUNK", 3)
    crowd = [await somebody() for _ in range(10)]
    await fill(EVERYBODY, [(who, n + 1) for n, who in enumerate(crowd)])
    await check_copies()
    assert await in_copy() == await in_truth()

    harmed = {str(who.alias): 99 for who in crowd[::2]}
    await valkey.client().zadd(EVERYBODY.key, harmed)
    for _ in range(5):
        await check_copies()

    assert await in_copy() == await in_truth()


async def test_another_database_shares_nothing_with_ours(stranger):
    anna = await somebody()
    await gain(anna, 5)
    await stranger.reads()
    theirs = "1/another-database/7"
    await valkey.client().hset(f"{EVERYBODY.key}:revisions", "mark", theirs)

    await gain(anna, 1)
    assert await in_copy() == {str(anna.alias): 5}

    assert await stranger.lists() == [(1, anna.id, 6)]


async def test_only_one_builds_and_the_others_read_meanwhile(stranger, monkeypatch):
    anna = await somebody()
    await gain(anna, 5)
    begun = []
    rows_after = build.rows_after

    async def slow_rows(*args):
        begun.append(args)
        await asyncio.sleep(0.2)
        return await rows_after(*args)

    monkeypatch.setattr(build, "rows_after", slow_rows)
    answers = await asyncio.gather(*(stranger.lists() for _ in range(5)))

    assert answers == [[(1, anna.id, 5)]] * 5
    # One builder: a chunk, and the end.
    assert len(begun) == 2


async def test_nothing_that_is_told_while_a_copy_is_built_is_lost(stranger, monkeypatch):
    crowd = [await somebody() for _ in range(4)]
    for who in crowd:
        await gain(who, 5)
    rows_after = build.rows_after
    meanwhile = iter(crowd)

    async def rows_then_changes(*args):
        rows = await rows_after(*args)
        await gain(next(meanwhile), 2)
        hiding = next(meanwhile)
        async with unit_of_work():
            await players.show(hiding.id, visibility=Visibility.HIDDEN, public_visibility=False)
        return rows

    monkeypatch.setattr(build, "rows_after", rows_then_changes)
    assert await build.build(EVERYBODY)

    assert await in_copy() == await in_truth()
    assert sorted((await in_copy()).values()) == [7, 7]


async def test_a_doubt_while_a_copy_is_built_makes_it_be_built_again(stranger, monkeypatch):
    anna = await somebody()
    await gain(anna, 5)
    rows_after = build.rows_after

    async def rows_then_doubt(*args):
        rows = await rows_after(*args)
        await gain(anna, 1, told=False)
        await copy.doubt()
        return rows

    monkeypatch.setattr(build, "rows_after", rows_then_doubt)
    await build.build(EVERYBODY)
    monkeypatch.undo()

    # Two looks at PostgreSQL, the second of which found no more, and a point after each.
    assert await in_copy() == {str(anna.alias): 5}
    assert await stranger.lists() == [(1, anna.id, 7)]
    assert await in_copy() == {str(anna.alias): 7}


async def test_a_builder_that_died_is_replaced(stranger):
    anna = await somebody()
    await gain(anna, 5)
    await valkey.client().set(f"{EVERYBODY.key}:building", "1/dead/", px=300)
    await valkey.client().zadd(f"{EVERYBODY.key}:new", {"left over": 3})

    assert await stranger.lists() == [(1, anna.id, 5)]
    assert await in_copy() == {}
    await asyncio.sleep(0.35)
    assert await stranger.lists() == [(1, anna.id, 5)]
    assert await in_copy() == {str(anna.alias): 5}


async def test_a_builder_that_was_too_slow_puts_nothing_in_place(stranger, monkeypatch):
    anna = await somebody()
    await gain(anna, 5)
    rows_after = build.rows_after

    async def rows_too_late(*args):
        rows = await rows_after(*args)
        await valkey.client().set(f"{EVERYBODY.key}:building", "somebody else")
        return rows

    monkeypatch.setattr(build, "rows_after", rows_too_late)

    assert not await build.build(EVERYBODY)
    assert await in_copy() == {}


async def test_a_process_without_valkey_credits_all_the_same(stranger):
    anna = await somebody()
    await stranger.reads()
    open_client = valkey._client
    valkey._client = None
    try:
        await gain(anna, 5)
    finally:
        valkey._client = open_client

    assert await stranger.lists() == [(1, anna.id, 5)]


@pytest.fixture
def mortal_valkey():
    """A Valkey to be killed."""
    folder = empty_data_dir()
    account = account_for_servers(folder)
    server = Valkey(servers_home(folder, account), account)
    server.prepare()
    running = Running(server, folder)
    running.start()
    yield running
    running.stop()
    remove_data_dir(folder)


async def test_within_five_seconds_of_its_return_the_copy_equals_postgresql(  # I20
    stranger, mortal_valkey, away
):
    await valkey.close_valkey()
    valkey.open_valkey(mortal_valkey.url)
    crowd = [await somebody() for _ in range(5)]
    for n, who in enumerate(crowd):
        await gain(who, n + 1)
    await check_copies()

    os.kill(mortal_valkey.child.process.pid, signal.SIGKILL)
    mortal_valkey.child.stop(grace=1)
    await gain(crowd[0], 7)
    assert (await stranger.lists())[0] == (1, crowd[0].id, 8)
    mortal_valkey.start_again()

    returned = time.monotonic()
    while await in_copy_or_nothing() != await in_truth():
        await check_copies()
        await asyncio.sleep(0.1)
    assert time.monotonic() - returned < 5
    assert (await stranger.reads(Top(1))).lines[0].member_id == crowd[0].id


async def in_copy_or_nothing():
    try:
        return await valkey.ask(lambda _: in_copy())
    except valkey.ValkeyAway:
        return None


async def test_falls_are_forgotten_after_a_while():
    anna = await somebody()
    await gain(anna, 5)
    await gain(anna, -2)
    assert await fetchval("SELECT count(*) FROM board_fall") == 6

    await forget_falls(NOON)
    assert await fetchval("SELECT count(*) FROM board_fall") == 6
    await forget_falls(NOON + timedelta(seconds=1))
    assert await fetchval("SELECT count(*) FROM board_fall") == 0
