"""Seasons as people live them: points, boards, badges, closing, and what comes late."""

import asyncio
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta

import pytest

from gamification.boards.closing import close_due
from gamification.catalogue.publishing import publish, retire
from gamification.catalogue.reading import read_catalogue
from gamification.catalogue.releases import service as asking
from gamification.catalogue.releases.errors import NotToBeRolledBack
from gamification.catalogue.releases.running import run
from gamification.catalogue.service import current
from gamification.credit import credit_many, reverse
from gamification.recognition import replay
from gamification.recognition.explain import need_of
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import fetch, fetchval
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from tests.gamification.drafts import board
from tests.gamification.programme import (
    ALICE,
    BOB,
    CHIARA,
    SEASONS,
    activity,
    catalogue,
    set_up,
)
from tests.gamification.steering import published, rolled_back

NOW = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
# Midnight in Paris, two days after the first season's last day.
FIRST_IS_DUE = datetime(2026, 10, 6, 22, 0, tzinfo=UTC)
BEGUN = datetime(2026, 9, 15, tzinfo=UTC)
MANAGER = Caller(kind=CallerKind.MEMBER, member_id=BOB, role=Role.MANAGER)


def day(number: int, hour: int = 12) -> datetime:
    return datetime(2026, 10, number, hour, 0, tzinfo=UTC)


@pytest.fixture
async def programme(database):
    with clock.frozen(BEGUN):
        await set_up()
        await publish(catalogue(SEASONS), to_the_past=True)


async def did(*activities):
    with clock.frozen(NOW):
        return await credit_many(activities)


async def points_in(period, who=ALICE, scope="*"):
    return await fetchval(
        "SELECT points FROM board_points WHERE scope = $1 AND period = $2 AND member_id = $3",
        scope,
        period,
        who,
    )


async def awards_of(who=ALICE):
    rows = await fetch(
        "SELECT badge, subject, season, awarded_at FROM award"
        " WHERE member_id = $1 AND taken_back_at IS NULL AND badge IN"
        " ('voice', 'liked', 'keen', 'second-only')",
        who,
    )
    return {(row["badge"], row["season"]): row["awarded_at"] for row in rows}


async def test_a_season_has_points_of_its_own(programme):
    await did(
        activity("post", "1", day(3)), activity("post", "2", day(4)), activity("post", "3", day(5))
    )

    assert await points_in("season:first") == 10
    # The fourth is a day of both.
    assert await points_in("season:second") == 10
    assert await points_in("season:second", scope="post+vote") == 10
    assert await points_in("season:second", scope="answer+comment") is None
    assert await replay.check() == []


async def test_the_season_is_the_programmes_whatever_the_members_day(programme):
    # In Tokyo the fifth has begun; where the programme is at home, the fourth goes on.
    await did(activity("post", "1", day(4, 21), member_id=BOB))

    assert await points_in("season:first", BOB) == 5
    assert await fetchval("SELECT local_day FROM ledger_entry") == date(2026, 10, 5)


async def test_a_badge_can_be_earned_again_in_each_season(programme):
    await did(
        activity("comment", "1", day(1)),
        activity("comment", "2", day(2)),
        activity("comment", "3", day(5)),
        activity("comment", "4", day(6, 9)),
        activity("comment", "5", day(6, 10)),
    )

    assert await awards_of() == {("voice", "first"): day(2), ("voice", "second"): day(6, 9)}
    assert await replay.check() == []


async def test_what_is_taken_back_is_taken_back_from_its_season_only(programme):
    told = await did(*(activity("comment", str(n), day(n)) for n in (1, 2, 5, 6)))
    with clock.frozen(NOW):
        await reverse([told[0].entry_id], reason="it never happened")

    assert list(await awards_of()) == [("voice", "second")]
    assert await replay.check() == []


async def test_criteria_that_name_a_season_hear_of_nothing_else(programme):
    await did(
        # Ten points and two days in a row, all before the second season.
        activity("post", "1", day(1)),
        activity("post", "2", day(2)),
        activity("post", "3", day(3)),
        activity("comment", "4", day(4)),
    )
    assert ("second-only", "") not in await awards_of()

    await did(activity("comment", "5", day(5)))
    assert (await awards_of())["second-only", ""] == day(5)
    assert await replay.check() == []


async def test_points_of_a_season_earn_a_badge_when_caps_leave_enough(programme):
    # Nine comments are worth 18, and the day's cap leaves 3.
    await did(*(activity("comment", str(n), day(1, n + 1)) for n in range(9)))
    assert ("keen", "first") not in await awards_of()

    await did(activity("post", "p", day(2)))
    assert (await awards_of())["keen", "first"] == day(2)
    assert ("keen", "second") not in await awards_of()
    assert await replay.check() == []


async def test_what_was_done_before_a_season_can_fill_a_cap_that_reaches_into_it(programme):
    # Bob's fourth of October in Tokyo began on the third where the programme is at home.
    in_season = [activity("comment", str(n), day(4, 6), member_id=BOB) for n in range(2)]
    await did(*in_season, activity("post", "p", day(5), member_id=BOB))
    assert (await awards_of(BOB))["keen", "second"] == day(5)
    assert await points_in("season:second", BOB) == 8

    await did(*(activity("comment", f"l{n}", day(3, 16), member_id=BOB) for n in range(2)))

    assert ("keen", "second") not in await awards_of(BOB)
    assert await points_in("season:second", BOB) == 5
    assert await points_in("season:first", BOB) == 3
    assert await replay.check() == []


async def test_closing_freezes_the_boards_and_nothing_earned_is_lost(programme):
    await did(activity("comment", "1", day(1)))
    with clock.frozen(FIRST_IS_DUE - timedelta(seconds=1)):
        assert "season:first" not in await close_due(clock.now())
    with clock.frozen(FIRST_IS_DUE):
        assert "season:first" in await close_due(clock.now())
        assert await close_due(clock.now()) == []

    with clock.frozen(FIRST_IS_DUE + timedelta(minutes=1)):
        await credit_many([activity("comment", "late", day(2))])

    assert await points_in("season:first") == 2
    assert await points_in("all_time") == 4
    assert await awards_of() == {("voice", "first"): day(2)}
    assert await replay.check() == []


async def test_a_closing_waits_for_who_credits(programme):
    """What was credited before the closing counts in it, and what comes after it doesn't."""

    async def credits_slowly():
        async with unit_of_work():
            await credit_many([activity("post", "slow", day(2))])
            began.set()
            await asyncio.sleep(0.2)

    async def closes():
        await began.wait()
        return await close_due(FIRST_IS_DUE)

    began = asyncio.Event()
    with clock.frozen(FIRST_IS_DUE):
        _, closed = await asyncio.gather(credits_slowly(), closes())

    assert "season:first" in closed
    assert await points_in("season:first") == 5
    assert await replay.check() == []


async def test_a_season_that_is_published_late_counts_what_was(database):
    with clock.frozen(BEGUN):
        await set_up()
    await did(*(activity("comment", str(n), day(n)) for n in (1, 2, 5)))
    with clock.frozen(NOW):
        await publish(catalogue(SEASONS), to_the_past=True)

    assert await points_in("season:first") == 4
    assert await points_in("season:second") == 2
    assert await awards_of() == {("voice", "first"): day(2)}
    assert await replay.check() == []


async def test_a_board_that_comes_later_counts_the_season_from_its_start(programme):
    await did(activity("comment", "1", day(5)), activity("post", "2", day(5)))
    with clock.frozen(NOW):
        await publish(
            read_catalogue({"board": [board("talk-of-season", period="season", kinds=["comment"])]})
        )

    assert await points_in("season:second", scope="comment") == 2
    assert await replay.check() == []


async def test_a_season_that_goes_on_keeps_what_it_has(programme):
    await did(activity("comment", "1", day(5)))
    longer = catalogue(SEASONS).season[1]
    with clock.frozen(NOW):
        file = read_catalogue({"season": [_with_end(longer, date(2026, 10, 20))]})
        await publish(file)
    with clock.frozen(day(19)):
        await credit_many([activity("comment", "2", day(18))])

    assert await points_in("season:second") == 4
    assert (await awards_of())["voice", "second"] == day(18)
    assert await replay.check() == []


def _with_end(season, ends_on):
    return {
        "slug": season.slug,
        "name": {"fr": "Plus longue", "en": "Longer"},
        "description": {"fr": "Plus longue", "en": "Longer"},
        "starts_on": season.starts_on,
        "ends_on": ends_on,
    }


@pytest.fixture
async def only_its_day(programme):
    """Chiara's day in New York ends on the next one in Paris."""

    async def told(at: datetime):
        with clock.frozen(at):
            [credited] = await credit_many(
                [activity("vote", f"day of {at}", at.date(), member_id=CHIARA, quantity=8)]
            )
        assert (credited.status, credited.points) == ("recorded", 8)

    return told


async def test_a_season_that_ends_today_gives_back_what_tomorrow_brought(only_its_day):
    await only_its_day(NOW)
    assert await points_in("season:second", CHIARA) == 8
    assert list(await awards_of(CHIARA)) == [("keen", "second")]
    second = catalogue(SEASONS).season[1]
    with clock.frozen(NOW):
        shorter = await published(
            read_catalogue({"season": [_with_end(second, NOW.date())]}), to_the_past=False
        )
        assert shorter.state == "done"
        assert await points_in("season:second", CHIARA) is None
        assert await awards_of(CHIARA) == {}
        assert await replay.check() == []

        await rolled_back(shorter)
        assert await points_in("season:second", CHIARA) == 8
        assert list(await awards_of(CHIARA)) == [("keen", "second")]
        assert await replay.check() == []


async def test_a_season_that_is_to_come_moves_with_what_it_had(only_its_day):
    await only_its_day(day(3))
    second = catalogue(SEASONS).season[1]
    later = _with_end(second, second.ends_on) | {"starts_on": date(2026, 10, 5)}
    with clock.frozen(day(3)):
        moved = await published(read_catalogue({"season": [later]}), to_the_past=False)
        assert moved.state == "done"
        assert await points_in("season:second", CHIARA) is None
        assert await points_in("season:first", CHIARA) == 8
        assert await replay.check() == []


@pytest.mark.parametrize(
    ("ends_on", "asked_on", "refused"),
    [
        pytest.param(date(2026, 10, 9), day(7), False, id="its last day was the last one before"),
        pytest.param(date(2026, 10, 9), day(8), True, id="a day that was added has begun"),
        pytest.param(date(2026, 10, 9), day(20), True, id="it is closed"),
        pytest.param(NOW.date(), NOW, False, id="it ends today"),
        pytest.param(NOW.date(), day(7), True, id="it ended yesterday"),
    ],
)
async def test_days_that_have_begun_stay_in_their_season_when_it_is_rolled_back(
    programme, ends_on, asked_on, refused
):
    second = catalogue(SEASONS).season[1]
    with clock.frozen(NOW):
        moved = await published(
            read_catalogue({"season": [_with_end(second, ends_on)]}), to_the_past=False
        )
    with clock.frozen(asked_on), suppress(NotToBeRolledBack) if refused else nullcontext():
        assert (await rolled_back(moved)).state == "rolled_back"
        assert not refused

    last = (await current()).seasons["second"].days.ends_on
    assert last == (ends_on if refused else second.ends_on)


async def test_a_retired_season_doesnt_come_back_with_days_that_it_missed(programme):
    with clock.frozen(NOW):
        await retire("season", "second", by=MANAGER)
    release = await fetchval("SELECT max(id) FROM catalogue_release")

    with clock.frozen(day(7)), pytest.raises(NotToBeRolledBack, match="season second"):
        await asking.roll_back(release, by=MANAGER)
    with clock.frozen(NOW):
        await asking.roll_back(release, by=MANAGER)
        assert (await run(release)).state == "rolled_back"


async def test_who_retires_a_season_ends_it_and_takes_no_badge(programme):
    await did(*(activity("comment", str(n), day(n)) for n in (5, 6)))
    with clock.frozen(NOW):
        await retire("season", "second", by=MANAGER)
    with clock.frozen(day(8)):
        await credit_many([activity("comment", "after", day(7), member_id=BOB)])

    assert list(await awards_of()) == [("voice", "second")]
    assert await points_in("season:second") is None
    assert await replay.check() == []


async def test_the_way_to_a_badge_of_seasons_is_that_of_the_current_one(programme):
    await did(
        activity("comment", "1", day(1)),
        activity("comment", "2", day(5)),
        activity("post", "3", day(5)),
    )
    known = await current()

    def say(criteria):
        return criteria.season or ""

    keen = known.rules_by_node["badge", "keen"]
    need = await need_of(known, keen, ALICE, NOW, say)
    before = await need_of(known, keen, ALICE, day(3), say)
    never = await need_of(known, keen, ALICE, BEGUN, say)

    assert (need.words, need.have, need.need) == ("second", 7, 8)
    assert (before.words, before.have) == ("first", 2)
    assert (never.words, never.have, never.met) == ("", 0, False)
