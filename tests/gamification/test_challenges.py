"""Challenges: what counts, who takes part, what is reached, and that nobody is ever blamed."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.catalogue.releases.mark import assembled
from gamification.challenges import asking, managing, preview, reading, taking_part
from gamification.challenges.celebrating import celebrate
from gamification.challenges.challenge import JUST_AFTER
from gamification.challenges.checking import differences, rebuild
from gamification.challenges.deciding import by_the_clock, decide
from gamification.challenges.errors import ChallengeNotOpen, ChallengeState
from gamification.challenges.telling import TELLER
from gamification.challenges.thanking import thank
from gamification.challenges.validation import faults
from gamification.credit import credit, credit_many, reverse
from gamification.players import service as players
from gamification.recognition import replay
from ground import clock
from ground.engine import execute, fetch
from ground.unit_of_work import unit_of_work
from notifications.announcements import ticker
from tests.gamification.challenges import MAYA, STARTS, done, published, written
from tests.gamification.programme import (
    ALICE,
    BOB,
    CHIARA,
    SEASONS,
    activity,
    badges_of,
    catalogue,
    set_up,
)

BEFORE = STARTS - timedelta(days=1)
A_DAY = timedelta(days=1)
COUNTS = {"term": "count", "kind": "post", "at_least": 10}
FOXES, OWLS = UUID(int=0xF0C5), UUID(int=0x0715)
AN_HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("programme")


@pytest.fixture
async def programme(database):
    with clock.frozen(BEFORE):
        await set_up()
        await publish(
            read_toml(
                b"""
                [[badge]]
                slug = "together"
                name = { fr = "Ensemble", en = "Together" }
                description = { fr = "Ensemble", en = "Together" }
                criteria = { term = "by_hand" }
                """
            )
        )
        yield


async def posts(member_id, *keys, at, **more):
    """Somebody posts, and the ledger hears of it at that moment."""
    with clock.frozen(more.pop("told_at", at)):
        return await credit_many(
            [activity("post", f"{key}", at, member_id=member_id, **more) for key in keys]
        )


async def test_what_participants_do_counts_and_what_others_do_does_not():
    challenge = await published()
    await taking_part.join(challenge.id, ALICE)

    await posts(ALICE, "a1", "a2", at=STARTS + AN_HOUR)
    await posts(BOB, "b1", at=STARTS + AN_HOUR)
    await posts(ALICE, "early", at=STARTS - AN_HOUR)
    await posts(ALICE, "late", at=STARTS + 10 * A_DAY)

    assert await done(challenge) == 2
    assert await differences() == []


async def test_who_joins_late_brings_what_they_did_since_the_start_where_it_says_so():
    generous = await published()
    strict = await published(counts_since_start=False)
    await posts(BOB, "b1", "b2", at=STARTS + AN_HOUR)

    with clock.frozen(STARTS + 2 * AN_HOUR):
        await taking_part.join(generous.id, BOB)
        await taking_part.join(strict.id, BOB)
    await posts(BOB, "b3", at=STARTS + 3 * AN_HOUR)

    assert (await done(generous), await done(strict)) == (3, 1)
    assert await differences() == []


async def test_nobody_carries_it_alone():
    challenge = await published(daily_cap=2)
    await taking_part.join(challenge.id, ALICE)

    given = await posts(ALICE, *range(5), at=STARTS + AN_HOUR)
    await posts(ALICE, "next-day", at=STARTS + A_DAY)
    assert await done(challenge) == 3

    await reverse([given[0].entry_id, given[1].entry_id], reason="spam")
    assert await done(challenge) == 3
    await reverse([given[2].entry_id, given[3].entry_id], reason="spam")
    await reverse([given[2].entry_id, given[3].entry_id], reason="spam")
    assert await done(challenge) == 2
    assert await differences() == []


async def test_a_sum_adds_quantities_up_and_takes_nothing_from_anybody():
    votes = {"term": "sum", "kind": "vote", "at_least": 10, "where": {"giver": "bob"}}
    challenge = await published(counts=votes)
    await taking_part.join(challenge.id, ALICE)
    at = STARTS + AN_HOUR
    with clock.frozen(at):
        await credit(activity("vote", "v1", at, quantity=4, giver="bob"))
        await credit(activity("vote", "v2", at, quantity=7, giver="chiara"))
        assert await done(challenge) == 4
        await credit(activity("vote", "v3", at, quantity=-9, giver="bob"))

    assert await done(challenge) == 0
    assert await differences() == []


async def test_a_value_that_comes_up_again_counts_on_its_first_day():
    comments = {"term": "distinct", "kind": "comment", "of": "subject", "at_least": 10}
    challenge = await published(counts=comments, daily_cap=2)
    await taking_part.join(challenge.id, ALICE)
    first = STARTS + AN_HOUR
    with clock.frozen(STARTS + 3 * A_DAY):
        told = await credit_many(
            [
                activity("comment", f"{day}-{subject}", first + day * A_DAY, subject=subject)
                for day, subject in [(0, "a"), (0, "b"), (0, "c"), (1, "a"), (1, "d")]
            ]
        )
        assert await done(challenge) == 3
        # The second day has `a` as well now.
        await reverse([told[0].entry_id], reason="spam")

    assert await done(challenge) == 4
    assert await differences() == []


async def test_what_was_given_stays_given_when_somebody_leaves():
    challenge = await published(shows_ranking=True)
    for member_id in (ALICE, BOB):
        await taking_part.join(challenge.id, member_id)
    await posts(ALICE, "a1", at=STARTS + AN_HOUR)
    await posts(BOB, "b1", "b2", at=STARTS + AN_HOUR)
    with clock.frozen(STARTS + 2 * AN_HOUR):
        await taking_part.leave(challenge.id, ALICE)
        await taking_part.leave(challenge.id, ALICE)

    await posts(ALICE, "a2", at=STARTS + 3 * AN_HOUR)
    assert await done(challenge) == 3
    named, _ = await reading.thanks(challenge, None, limit=10, cursor=None)
    assert [(each.member_id, each.given) for each in named] == [(BOB, 2)]
    assert await asking.may_be_asked(challenge.id, [ALICE, BOB, CHIARA]) == {CHIARA}

    with clock.frozen(STARTS + 4 * AN_HOUR):
        await taking_part.join(challenge.id, ALICE)
    assert await done(challenge) == 4
    assert await differences() == []


async def test_who_says_no_is_never_asked_again_and_may_still_join():
    challenge = await published()
    await taking_part.decline(challenge.id, ALICE)
    await taking_part.decline(challenge.id, ALICE)
    assert await asking.may_be_asked(challenge.id, [ALICE, BOB]) == {BOB}

    await taking_part.join(challenge.id, ALICE)
    seen = await reading.one(challenge.id, ALICE)
    assert (seen.mine.takes_part, seen.mine.declined) == (True, True)


async def test_a_pause_costs_nobody_time_and_nothing_counts_meanwhile():
    challenge = await published()
    await taking_part.join(challenge.id, ALICE)
    word = msgspec.convert({"fr": "Une pause", "en": "A break"}, managing.Words)
    with clock.frozen(STARTS + A_DAY):
        await managing.pause(challenge.id, word, by=MAYA)
    await posts(ALICE, "meanwhile", at=STARTS + 2 * A_DAY)
    with clock.frozen(STARTS + 20 * A_DAY):
        await by_the_clock()
        resumed = await managing.resume(challenge.id, None, by=MAYA)
    await posts(ALICE, "after", at=STARTS + 28 * A_DAY)

    assert resumed.ends_at == STARTS + 29 * A_DAY
    assert await done(challenge) == 1
    seen = await reading.one(challenge.id, ALICE)
    assert [(said.about, said.words.en) for said in seen.said] == [("paused", "A break")]
    assert await differences() == []


async def test_it_ends_at_its_date_later_when_extended_and_takes_what_comes_late():
    challenge = await published()
    await taking_part.join(challenge.id, ALICE)
    with clock.frozen(STARTS + 9 * A_DAY):
        await managing.extend(challenge.id, STARTS + 11 * A_DAY, None, by=MAYA)
    last_day = STARTS + 10 * A_DAY + AN_HOUR
    with clock.frozen(STARTS + 12 * A_DAY):
        await by_the_clock()
        with pytest.raises(ChallengeNotOpen):
            await taking_part.join(challenge.id, BOB)
        with pytest.raises(ChallengeState):
            await managing.extend(challenge.id, STARTS + 15 * A_DAY, None, by=MAYA)
    await posts(ALICE, "in-time", at=last_day, told_at=STARTS + 12 * A_DAY)
    assert await done(challenge) == 1

    with clock.frozen(STARTS + 13 * A_DAY + AN_HOUR):
        await by_the_clock()
        ended = (await reading.one(challenge.id, None)).challenge
    await posts(ALICE, "too-late", at=last_day, told_at=STARTS + 14 * A_DAY)
    assert (ended.state, ended.closed_at is not None) == ("ended", True)
    assert await done(challenge) == 1
    assert await differences() == []


async def test_milestones_and_completion_happen_once_and_everyone_who_helped_is_thanked():
    """I5 for what a challenge unlocks: a badge by (member, badge, challenge)."""
    challenge = await published(badge="together", stretch_goal=12)
    for member_id in (ALICE, BOB, CHIARA):
        await taking_part.join(challenge.id, member_id)
    given = await posts(ALICE, *range(5), at=STARTS + AN_HOUR)
    await decide(challenge.id)
    # Once reached, it stays reached, and isn't reached again.
    await reverse([given[0].entry_id], reason="spam")
    await posts(BOB, *range(6), at=STARTS + 2 * AN_HOUR)
    with clock.frozen(STARTS + 2 * AN_HOUR):
        await asyncio.gather(*(decide(challenge.id) for _ in range(5)))

    events = await said_on(challenge)
    assert [data["percent"] for kind, data in events if kind == "challenge_milestone_reached"] == [
        25,
        50,
        75,
        100,
    ]
    assert [kind for kind, _ in events].count("challenge_completed") == 1
    assert await thank(challenge.id) == 2
    assert await thank(challenge.id) == 0
    assert f"together {challenge.id}" in await badges_of(ALICE)
    assert f"together {challenge.id}" not in await badges_of(CHIARA)
    assert (await reading.one(challenge.id, None)).challenge.over_at is None

    await posts(CHIARA, "c1", "c2", at=STARTS + 3 * AN_HOUR)
    with clock.frozen(STARTS + 3 * AN_HOUR):
        await decide(challenge.id)
    over = (await reading.one(challenge.id, None)).challenge
    assert (over.state, over.over_at) == ("reached", STARTS + 3 * AN_HOUR + JUST_AFTER)
    assert await thank(challenge.id) == 1
    assert await differences() == []
    assert await replay.check() == []


async def test_what_was_spoilt_is_found_and_mended():
    challenge = await published()
    await taking_part.join(challenge.id, ALICE)
    await posts(ALICE, "a1", "a2", at=STARTS + AN_HOUR)
    await execute("UPDATE challenge_contribution SET done = 9, counted = 5")
    await execute("UPDATE challenge_participation SET given = 7")
    await execute("UPDATE challenge_progress SET counted = 3, helpers = 2")
    assert {each.about.split(" ")[0] for each in await differences()} == {
        "done",
        "given",
        "progress",
        "helpers",
    }

    assert await rebuild(by=MAYA) == 4
    assert await differences() == []
    assert await done(challenge) == 2
    rows = await fetch(
        "SELECT actor, subject, details FROM audit_entry WHERE action = 'replay.mended' ORDER BY id"
    )
    about = f"challenge:{challenge.id}"
    assert [tuple(row) for row in rows] == [
        (MAYA.actor, about, f'{{"members": ["{ALICE}"]}}'),
        (MAYA.actor, about, '{"differences": 4}'),
    ]


async def test_whose_part_never_happened_gives_the_badge_back():
    challenge = await published(badge="together", counts={**COUNTS, "at_least": 2})
    for member_id in (ALICE, BOB):
        await taking_part.join(challenge.id, member_id)
    [hers] = await posts(ALICE, "a", at=STARTS + AN_HOUR)
    await posts(BOB, "b", at=STARTS + AN_HOUR)
    with clock.frozen(STARTS + 2 * AN_HOUR):
        await decide(challenge.id)
        assert await thank(challenge.id) == 2
        await reverse([hers.entry_id], reason="spam")
        await thank(challenge.id)

    assert f"together {challenge.id}" not in await badges_of(ALICE)
    assert f"together {challenge.id}" in await badges_of(BOB)
    assert await replay.check() == []


async def test_a_goal_of_ones_own_is_told_to_nobody_else():
    challenge = await published(team="personal", counts={**COUNTS, "at_least": 2})
    for member_id in (ALICE, BOB):
        await taking_part.join(challenge.id, member_id)
    await posts(ALICE, "a1", "a2", at=STARTS + AN_HOUR)
    await posts(BOB, "b1", at=STARTS + AN_HOUR)
    await decide(challenge.id)

    hers, his = [(await reading.one(challenge.id, each)).reached for each in (ALICE, BOB)]
    assert (hers.done, hers.goal_at is not None) == (2, True)
    assert (his.done, his.goal_at) == (1, None)
    assert await reading.thanks(challenge, None, limit=10, cursor=None) == ([], None)
    assert [kind for kind, _ in await said_on(challenge)] == ["challenge_changed"]


async def test_squads_reach_a_goal_each_and_what_was_given_stays_with_the_squad():
    challenge = await published(team="squad", counts={**COUNTS, "at_least": 2})
    for member_id in (ALICE, BOB):
        await taking_part.join_with(challenge.id, FOXES, member_id)
    await posts(ALICE, "a1", at=STARTS + AN_HOUR)
    with clock.frozen(STARTS + 2 * AN_HOUR):
        await taking_part.leave_team(FOXES, ALICE)
        for member_id in (ALICE, CHIARA):
            await taking_part.join_with(challenge.id, OWLS, member_id)
    await posts(ALICE, "a2", at=STARTS + 3 * AN_HOUR)
    await posts(BOB, "b1", at=STARTS + 3 * AN_HOUR)
    await decide(challenge.id)

    reached, _ = await reading.teams(challenge.id, limit=10, cursor=None)
    assert {each.team: (each.done, each.helpers) for each in reached} == {
        FOXES: (2, 2),
        OWLS: (1, 1),
    }
    assert [each.goal_at is not None for each in reached if each.team == FOXES] == [True]
    assert await differences() == []


async def test_two_accounts_of_one_person_give_as_one():
    challenge = await published(daily_cap=3)
    await taking_part.join(challenge.id, BOB)
    await posts(ALICE, "a1", "a2", at=STARTS + AN_HOUR)
    await posts(BOB, "b1", "b2", at=STARTS + AN_HOUR)
    with clock.frozen(STARTS + 2 * AN_HOUR):
        async with unit_of_work():
            await players.merge(BOB, ALICE)

    seen = await reading.one(challenge.id, ALICE)
    assert (seen.reached.done, seen.reached.helpers, seen.mine.given) == (3, 1, 3)
    assert await differences() == []


async def test_fifty_at_once_at_a_cap_and_no_more_counts():
    """I8 for what a member gives to a challenge on a day; ten transactions at a time."""
    challenge = await published(daily_cap=7)
    people = [ALICE, BOB, CHIARA]
    for member_id in people:
        await taking_part.join(challenge.id, member_id)
    at = STARTS + AN_HOUR
    told = [activity("post", f"{n}", at, member_id=people[n % 3]) for n in range(50)]
    with clock.frozen(at):
        answers = await asyncio.gather(*(credit_many(told[n::8]) for n in range(8)))
    assert await done(challenge) == 21
    ids = [answer.entry_id for each in answers for answer in each][:35]
    await asyncio.gather(reverse(ids, reason="spam"), reverse(ids, reason="spam"))
    assert await differences() == []
    assert (await reading.one(challenge.id, None)).reached.helpers == 3


async def test_what_nobody_is_challenged_to_costs_no_statement(statements):
    await published(counts={**COUNTS, "kind": "comment"})
    at = STARTS + AN_HOUR
    with clock.frozen(at):
        await credit(activity("post", "warm", at))
        with statements() as without:
            await credit(activity("post", "1", at))
        challenge = await published(ends_at=at + A_DAY)
        await taking_part.join(challenge.id, ALICE)
        await credit(activity("post", "warm again", at))
        with statements() as alone:
            await credit(activity("post", "2", at))
        with statements() as many:
            await credit_many([activity("post", f"m{n}", at) for n in range(20)])

    assert not any("challenge_participation" in each for each in without)
    assert len(alone) == len(many)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        pytest.param({"counts": {**COUNTS, "kind": "dance"}}, "/counts/kind", id="no kind"),
        pytest.param({"counts": {**COUNTS, "within_days": 3}}, "/counts/within_days", id="days"),
        pytest.param(
            {"counts": {**COUNTS, "per_subject": True}}, "/counts/per_subject", id="each post"
        ),
        pytest.param(
            {"counts": {"term": "sum", "kind": "*", "at_least": 3}}, "/counts/kind", id="all kinds"
        ),
        pytest.param({"ends_at": STARTS}, "/ends_at", id="no time at all"),
        pytest.param({"stretch_goal": 10}, "/stretch_goal", id="a stretch that is none"),
        pytest.param({"milestones": [50, 25]}, "/milestones", id="milestones out of order"),
        pytest.param({"badge": "first-post"}, "/badge", id="a badge that criteria earn"),
        pytest.param({"badge": "nothing"}, "/badge", id="no badge"),
        pytest.param({"season": "nowhen"}, "/season", id="no season"),
        pytest.param({"segment": "nobody"}, "/segment", id="no segment"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(changes, pointer):
    found = faults(written(**changes), assembled(0, [], {}), BEFORE)
    assert pointer in [error.pointer for error in found]


async def test_the_past_tells_when_it_would_have_been_reached():
    await posts(ALICE, *range(6), at=STARTS + AN_HOUR)
    await posts(BOB, *range(3), at=STARTS + A_DAY + AN_HOUR)
    with clock.frozen(STARTS + 10 * A_DAY):
        begins = STARTS + 11 * A_DAY
        wanted = written(
            daily_cap=4,
            starts_at=begins,
            ends_at=begins + 10 * A_DAY,
            counts={**COUNTS, "at_least": 7},
            stretch_goal=8,
        )
        found = await preview.foresee(wanted)

    assert found.from_day == date(2026, 11, 2)
    assert found.by_day == (4, 3, 0, 0, 0, 0, 0, 0, 0, 0)
    assert (found.done, found.percent, found.helpers) == (7, 100, 2)
    assert (found.reached_on_day, found.stretch_on_day, found.by_few_percent) == (2, None, 57)


async def test_who_follows_is_told_what_moved_and_what_was_reached():
    challenge = await published()
    own = await published(team="personal")
    for each in (challenge, own):
        await taking_part.join(each.id, ALICE)
    await posts(ALICE, *range(3), at=STARTS + AN_HOUR)
    with clock.frozen(STARTS + AN_HOUR):
        for _ in range(3):
            await ticker.tick([TELLER], sweep=True)

    assert [kind for kind, _ in await said_on(own)] == ["challenge_changed"]
    _, progressed, milestone = await said_on(challenge)
    assert progressed == (
        "challenge_progressed",
        {"challenge_id": str(challenge.id), "done": 3, "goal": 10, "helpers": 1},
    )
    assert (milestone[0], milestone[1]["percent"]) == ("challenge_milestone_reached", 25)


async def test_a_season_is_celebrated_with_everybody_who_helped():
    with clock.frozen(BEFORE):
        await publish(catalogue(SEASONS))
    season = "first"
    reached = await published(season=season, counts={**COUNTS, "at_least": 1})
    missed = await published(season=season)
    for each in (reached, missed):
        await taking_part.join(each.id, ALICE)
    await taking_part.join(missed.id, BOB)
    await taking_part.join(missed.id, CHIARA)
    await posts(ALICE, "a", at=STARTS + AN_HOUR)
    await posts(BOB, "b", at=STARTS + AN_HOUR)
    with clock.frozen(STARTS + 2 * AN_HOUR):
        await decide(reached.id)
        await taking_part.leave(missed.id, BOB)

    pages = [page async for page in celebrate(season)]
    assert [sorted(page) for page in pages] == [[(BOB, 1, 0), (ALICE, 2, 1)]]


async def said_on(challenge):
    """What was announced on a challenge's channel: type and data, in order."""
    rows = await fetch(
        "SELECT type, data FROM announcement WHERE channel = $1 ORDER BY position",
        challenge.channel,
    )
    return [(row["type"], msgspec.json.decode(row["data"])) for row in rows]
