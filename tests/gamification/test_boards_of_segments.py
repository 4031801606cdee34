"""Boards among the members of a segment: who is on them, and how they follow."""

import asyncio
from datetime import timedelta

import pytest

from gamification.boards.check import check_copies
from gamification.boards.closing import close
from gamification.boards.sets import BoardSet, sets_of
from gamification.boards.windows import Around, Top
from gamification.catalogue.publishing import publish, retire
from gamification.catalogue.reading import read_catalogue
from gamification.catalogue.service import current
from gamification.credit import credit
from gamification.ledger.activity import Activity
from gamification.players import service as players
from gamification.players.tables import Population, Visibility
from gamification.segments import keep, refresh
from ground import clock, valkey
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from tests.gamification.boards import NOON, Reader, as_read, gain, naive, somebody
from tests.gamification.segments import CATALOGUE, OPERATOR, in_tier, last_active, speaks

FRENCH = BoardSet("*", "2026-11", None, "french")
WORDS = {"fr": "Un", "en": "One"}


@pytest.fixture(autouse=True)
async def programme(database):
    with clock.frozen(NOON):
        await publish(CATALOGUE, to_the_past=True)
        yield


@pytest.fixture(params=["copy", "truth"])
async def source(request, redis_url):
    """Read from Valkey, and from PostgreSQL while it is away."""
    yield request.param
    await valkey.close_valkey()
    valkey.open_valkey(redis_url)


async def reads_from(source):
    if source == "truth":
        await valkey.close_valkey()
        valkey.open_valkey("redis://127.0.0.1:1")


async def french(points=0, *, locale="fr", **more):
    """Somebody who speaks French, with points this month."""
    someone = await somebody(**more)
    await speaks(someone, locale)
    if points:
        await gain(someone, points)
    return someone


async def stranger():
    """Somebody who reads the board to its end, since they aren't on it."""
    return Reader(await somebody(), FRENCH)


async def turn_to(who, locale):
    """Choose another language, as a member does."""
    async with unit_of_work():
        await execute("UPDATE preferences SET locale = $2 WHERE member_id = $1", who.id, locale)
        await players.show(who.id, visibility=Visibility.NAME, public_visibility=False)


async def in_copy():
    """Who is in Valkey's copy, with how many points."""
    found = await valkey.client().zrange(FRENCH.key, 0, -1, withscores=True)
    return {alias.decode(): int(points) for alias, points in found}


async def kept(segment="french", period=""):
    """Who is written down as being in a segment."""
    rows = await fetch(
        "SELECT member_id FROM segment_member WHERE segment = $1 AND period = $2", segment, period
    )
    return {row["member_id"] for row in rows}


async def test_a_board_of_a_segment_lists_its_members_only(source):
    anna, bilal, chloe = await french(30), await french(20), await french(10)
    dave = await french(40, locale="en")
    hidden = await french(50, visibility="hidden")
    await refresh.refresh()
    await reads_from(source)

    reader = Reader(chloe, FRENCH)
    assert await reader.lists() == [(1, anna.id, 30), (2, bilal.id, 20), (3, chloe.id, 10)]
    assert (await reader.reads()).own == (3, 10)
    assert await reader.pages_through(2) == await reader.lists()
    assert (await Reader(hidden, FRENCH).reads()).own == (1, 50)
    outside = await Reader(dave, FRENCH).reads()
    assert (outside.own, outside.competes, len(outside.lines)) == (None, False, 3)
    assert (await Reader(dave, FRENCH).reads(Around(3, 3))).lines == []


async def test_places_and_pages_are_as_the_words_say(source):
    people = [await french(locale="fr" if number % 3 else "en") for number in range(30)]
    points = [(someone, 1 + number * 7 % 11) for number, someone in enumerate(people)]
    for someone, number in points:
        await gain(someone, number, told=False)
    await refresh.refresh()
    await reads_from(source)

    board = naive([each for number, each in enumerate(points) if number % 3])
    stranger = Reader(await somebody(), FRENCH)
    assert await stranger.pages_through(4) == as_read(board)
    someone, number = points[10]
    assert await Reader(someone, FRENCH).pages_through(4) == as_read(board, number)


async def test_a_population_and_a_segment_are_both_asked_for(source):
    both = BoardSet("*", "2026-11", "employee", "french")
    anna = await french(30, population="employee")
    bilal = await french(20)
    await french(40, locale="en", population="employee")
    await refresh.refresh()
    await reads_from(source)
    assert await Reader(anna, both).lists() == [(1, anna.id, 30)]
    assert (await Reader(bilal, both).reads()).competes is False


async def test_who_turns_to_another_language_changes_boards_at_once():
    anna, bilal = await french(30), await french(20, locale="en")
    await refresh.refresh()
    await check_copies()
    assert await in_copy() == {str(anna.alias): 30}

    await turn_to(bilal, "fr")
    assert await in_copy() == {str(anna.alias): 30, str(bilal.alias): 20}
    await turn_to(anna, "en")
    assert await in_copy() == {str(bilal.alias): 20}
    assert await check_copies() == 0


async def test_who_joins_is_in_their_segments_at_once():
    anna = await somebody()
    await speaks(anna, "fr")
    await players.welcome(anna.id, population=Population.CUSTOMER, joined_at=NOON)
    assert await kept() == {anna.id}
    await players.let_go(anna.id)
    assert await kept() == set()


async def test_who_becomes_staff_is_in_no_segment():
    anna = await french(30)
    await refresh.refresh()
    assert await kept() == {anna.id}
    await players.mark_staff(anna.id, staff=True)
    assert await kept() == set()
    await players.mark_staff(anna.id, staff=False)
    assert await kept() == {anna.id}


async def test_what_others_or_time_change_is_found_by_the_next_look():
    anna, bilal = await french(30), await french(20)
    active = {"term": "active", "within_days": 7}
    definition = {"slug": "french", "name": WORDS, "description": WORDS, "of": active}
    await last_active(anna, NOON.date())
    await last_active(bilal, NOON.date() - timedelta(days=6))
    await publish(read_catalogue({"segment": [definition]}))
    assert await refresh.refresh() == 2
    reader = await stranger()
    assert await reader.lists() == [(1, anna.id, 30), (2, bilal.id, 20)]

    with clock.frozen(NOON + timedelta(days=1)):
        assert await refresh.refresh() == 1
        assert await refresh.refresh() == 0
        assert await in_copy() == {str(anna.alias): 30}
        assert await reader.lists() == [(1, anna.id, 30)]


async def test_points_that_come_while_somebody_changes_segments_are_right_in_the_end():
    people = [await french(locale="en") for _ in range(4)]
    await check_copies()

    async def acts(who, number):
        await credit(
            Activity(member_id=who.id, kind="post", source="s", key=str(number), occurred_at=NOON)
        )

    for around in range(3):
        locale = "fr" if around % 2 == 0 else "en"
        await asyncio.gather(
            *(turn_to(who, locale) for who in people),
            *(acts(who, f"{around}-{number}") for number, who in enumerate(people)),
        )
    assert await in_copy() == {str(who.alias): 15 for who in people}
    assert await check_copies() == 0


async def test_after_flushall_a_board_of_a_segment_says_the_same():  # I20
    anna = await french(30)
    await french(40, locale="en")
    await refresh.refresh()
    await valkey.client().flushdb()
    assert await Reader(anna, FRENCH).lists() == [(1, anna.id, 30)]
    await valkey.client().flushdb()
    await check_copies()
    assert await in_copy() == {str(anna.alias): 30}


async def test_a_wrong_copy_of_a_segment_is_mended_by_itself():  # I20
    anna, bilal = await french(30), await french(40, locale="en")
    await refresh.refresh()
    await check_copies()
    await valkey.client().zadd(FRENCH.key, {str(bilal.alias): 40})
    await valkey.client().zrem(FRENCH.key, str(anna.alias))
    assert await check_copies() == 2
    assert await in_copy() == {str(anna.alias): 30}


async def test_nobody_is_shown_on_a_board_whose_segment_they_left(programme):  # I25
    anna, bilal = await french(30), await french(20)
    await refresh.refresh()
    reader = await stranger()
    assert len(await reader.lists()) == 2
    # The copy doesn't hear of it.
    await execute("DELETE FROM segment_member WHERE member_id = $1", bilal.id)
    assert await reader.lists() == [(1, anna.id, 30)]


async def test_a_closed_month_keeps_who_was_in_the_segment_then(source):
    anna, bilal, chloe = await french(30), await french(20), await french(10, locale="en")
    await refresh.refresh()
    assert await close(["2026-11"]) == ["2026-11"]
    assert await kept(period="2026-11") == {anna.id, bilal.id}

    await turn_to(bilal, "en")
    await turn_to(chloe, "fr")
    await refresh.refresh()
    assert await kept() == {anna.id, chloe.id}
    reader = await stranger()
    if source == "copy":
        await reader.reads()
        await check_copies()
        assert await in_copy() == {str(anna.alias): 30, str(bilal.alias): 20}
    await reads_from(source)
    assert await reader.lists() == [(1, anna.id, 30), (2, bilal.id, 20)]
    assert (await Reader(bilal, FRENCH).reads()).own == (2, 20)
    assert (await Reader(chloe, FRENCH).reads()).competes is False
    always = BoardSet("*", "all_time", None, "french")
    assert await reader.of(always).lists() == [(1, anna.id, 30), (2, chloe.id, 10)]


async def test_a_merge_moves_the_place_in_a_closed_month():
    anna, bilal = await french(30), await french(locale="en")
    await refresh.refresh()
    await close(["2026-11"])
    async with unit_of_work():
        await players.merge(anna.id, bilal.id)
    assert await kept(period="2026-11") == {bilal.id}


async def test_closed_months_that_no_board_shows_any_more_are_forgotten():
    anna = await french(30)
    await refresh.refresh()
    await close(["2026-11"])
    with clock.frozen(NOON + timedelta(days=30)):
        await refresh.refresh()
        assert await kept(period="2026-11") == {anna.id}
    with clock.frozen(NOON + timedelta(days=61)):
        await refresh.refresh()
        assert await kept(period="2026-11") == set()
    assert await kept() == {anna.id}


async def test_a_segment_that_nothing_is_for_is_not_kept():
    await french(30)
    await refresh.refresh()
    await retire("board", "french-month", by=OPERATOR)
    await refresh.refresh()
    assert await kept() == set()
    assert keep.in_use(await current()) == []


async def test_a_publication_about_a_segment_leaves_a_job_and_others_do_not():
    async def jobs():
        return await fetchval(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'segments.refresh'"
        )

    before = await jobs()
    board = {"slug": "everybody", "name": WORDS, "description": WORDS}
    await publish(read_catalogue({"board": [board]}))
    assert await jobs() == before
    await publish(read_catalogue({"board": [board | {"segment": "french"}]}))
    assert await jobs() == before + 1


async def test_many_are_looked_at_some_at_a_time(monkeypatch):
    monkeypatch.setattr(refresh, "FOUND_AT_ONCE", 4)
    monkeypatch.setattr(refresh, "HELD_AT_ONCE", 3)
    people = [await french() for _ in range(9)]
    assert await refresh.refresh() == 9
    assert await kept() == {someone.id for someone in people}


async def test_following_somebody_costs_one_statement_a_segment(statements):
    anna = await french()
    await players.welcome(anna.id, population=None, joined_at=NOON)
    catalogue = await current()
    with statements() as sent:
        await keep.follow([anna.id])
    assert len(sent) == 1 + len(keep.in_use(catalogue)) == 2


async def test_crediting_costs_no_more_statements_for_segments(statements):
    async def one(key):
        anna = await french()
        await in_tier(anna, "seed")
        await refresh.refresh()
        with statements() as sent:
            await credit(
                Activity(member_id=anna.id, kind="post", source="s", key=key, occurred_at=NOON)
            )
        return len(sent)

    with_segment = await one("1")
    await retire("board", "french-month", by=OPERATOR)
    await retire("segment", "french", by=OPERATOR)
    assert await one("2") == with_segment


async def test_a_page_of_a_segments_board_costs_as_many_statements_as_any(statements):
    anna = await french(30)
    await refresh.refresh()
    numbers = []
    for board_set in (FRENCH, BoardSet("*", "2026-11")):
        await Reader(anna, board_set).reads()
        with statements() as sent:
            await Reader(anna, board_set).reads(Top(20))
        numbers.append(len(sent))
    assert numbers[0] == numbers[1] == 2


async def test_boards_of_a_segment_are_kept_ready():
    keys = {each.key for each in sets_of(await current(), NOON)}
    assert "board:segment:2026-11:everyone:french/*" in keys
    assert "board:segment:2026-10:everyone:french/*" in keys
    assert "board:members:2026-11:everyone:*" in keys
