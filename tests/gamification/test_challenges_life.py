"""What other programmes do to their members can't happen here: state machines of challenges.

Habitica's users report for years how one silent member blocks a party, and how absence hurts
everybody. Whatever people do or don't do here: absence costs nobody anything, nobody's silence
holds anything up, who founded something can go, and what is kept is what the ledger says (I9).
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gamification.catalogue.definitions import Words
from gamification.challenges import managing, taking_part
from gamification.challenges.challenge import JUST_AFTER, Challenge, Texts
from gamification.challenges.checking import differences
from gamification.challenges.deciding import by_the_clock, decide, milestones_of
from gamification.challenges.errors import ChallengeInvalid, ChallengeNotOpen, ChallengeState
from gamification.challenges.share import (
    concerns,
    counted,
    done_by_day,
    entered,
    left,
    moment_of,
    takes_part,
    worth,
)
from gamification.challenges.tables import State, Team
from gamification.credit import credit_many, reverse
from gamification.rules.criteria import Sum
from gamification.rules.facts import Fact, live
from ground import clock, valkey
from ground.engine import fetch
from tests.gamification.challenges import MAYA, published
from tests.gamification.programme import ALICE, BOB, CHIARA, activity, set_up

STARTS = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
WORDS = Words(fr="Un mot", en="A word")
# The founder first.
PEOPLE = [UUID(int=number) for number in range(1, 5)]
NOBODY_YET = Challenge(
    id=UUID(int=7),
    texts=Texts(title=WORDS, description=WORDS),
    team=Team.COMMUNITY,
    counts=Sum(kind="vote", at_least=20),
    stretch_goal=None,
    milestones=(25, 50, 75, 100),
    starts_at=STARTS,
    ends_at=STARTS + 10 * A_DAY,
    pauses=(),
    daily_cap=4,
    counts_since_start=True,
    shows_ranking=False,
    badge=None,
    season=None,
    segment=None,
    state=State.SCHEDULED,
    revision=1,
    published_at=STARTS - A_DAY,
    reached_at=None,
    over_at=None,
    closed_at=None,
)

people = st.sampled_from(PEOPLE)
hours = st.integers(0, 60).map(lambda n: timedelta(hours=n))


class Life(RuleBasedStateMachine):
    """A challenge as it is counted by differences, held against what follows from the facts."""

    @initialize(since_start=st.booleans())
    def begin(self, since_start):
        self.challenge = msgspec.structs.replace(NOBODY_YET, counts_since_start=since_start)
        self.now = STARTS - A_DAY
        self.facts = []
        self.turns = defaultdict(tuple)
        self.done = defaultdict(int)
        self.total = 0
        self.reached = []

    def hear(self, fact, sign):
        """As `hearing` and `giving` do."""
        turns = self.turns[fact.member_id]
        if concerns(self.challenge, fact) and takes_part(turns, moment_of(fact)):
            self.give(fact.member_id, fact.day, sign * worth(self.challenge, fact))

    def give(self, member_id, day, change):
        before = self.done[member_id, day]
        self.done[member_id, day] += change
        cap = self.challenge.daily_cap
        self.total += counted(before + change, cap) - counted(before, cap)

    def given(self, member_id):
        return sum(counted(done, 4) for (who, _), done in self.done.items() if who == member_id)

    def expected(self, member_id):
        mine = live(fact for fact in self.facts if fact.member_id == member_id)
        return done_by_day(self.challenge, mine, self.turns[member_id])

    @rule(later=hours)
    def time_passes_and_everybody_is_silent(self, later):
        before = self.total
        self.now += later
        assert self.total == before

    @rule(member_id=people, ago=hours, quantity=st.integers(-3, 6))
    def contribute(self, member_id, ago, quantity):
        others = {each: self.given(each) for each in PEOPLE if each != member_id}
        moment = self.now - ago
        number = len(self.facts)
        fact = Fact(
            number, member_id, "vote", "", "", quantity, moment, moment.date(), {}, 0, True, -1,
            moment.date(), "test", str(number), self.now,
        )  # fmt: skip
        self.facts.append(fact)
        self.hear(fact, 1)
        assert {each: self.given(each) for each in others} == others

    @precondition(lambda self: any(fact.reversed_at is None for fact in self.facts))
    @rule(data=st.data())
    def reverse(self, data):
        fact = data.draw(st.sampled_from([f for f in self.facts if f.reversed_at is None]))
        self.facts[fact.id] = fact._replace(reversed_at=self.now)
        self.hear(fact, -1)

    @rule(member_id=people)
    def join(self, member_id):
        since = self.now + JUST_AFTER
        if self.challenge.counts_since_start:
            since = min(STARTS, self.now)
        if len(self.turns[member_id]) % 2 == 0 and self.challenge.is_open(self.now):
            self.turns[member_id] = entered(self.turns[member_id], since)
            wanted = self.expected(member_id)
            for day in {day for who, day in self.done if who == member_id} | wanted.keys():
                self.give(member_id, day, wanted.get(day, 0) - self.done[member_id, day])

    @rule(member_id=people)
    def leave(self, member_id):
        before = self.total
        self.turns[member_id] = left(self.turns[member_id], self.now + JUST_AFTER)
        assert self.total == before, "what was given stays given"

    @rule()
    def pause_or_resume(self):
        if not (self.challenge.starts_at <= self.now and self.challenge.is_open(self.now)):
            return
        moment, pauses = self.now + JUST_AFTER, self.challenge.pauses
        if self.challenge.state is State.PAUSED:
            changes = {"state": State.RUNNING, "ends_at": self.ends_at + (moment - pauses[-1])}
        else:
            changes = {"state": State.PAUSED}
        self.challenge = msgspec.structs.replace(
            self.challenge, pauses=(*pauses, moment), **changes
        )

    @rule(days=st.integers(1, 5))
    def extend(self, days):
        if self.challenge.is_open(self.now) and self.challenge.state is not State.PAUSED:
            self.challenge = msgspec.structs.replace(
                self.challenge, ends_at=self.ends_at + days * A_DAY
            )

    @property
    def ends_at(self):
        return self.challenge.ends_at

    @invariant()
    def progress_is_what_the_ledger_says(self):
        wanted = {
            (member_id, day): done
            for member_id in PEOPLE
            for day, done in self.expected(member_id).items()
        }
        assert {place: n for place, n in self.done.items() if n} == {
            place: n for place, n in wanted.items() if n
        }
        assert self.total == sum(counted(done, 4) for done in wanted.values())

    @invariant()
    def nobody_takes_from_the_others_or_carries_it_alone(self):
        assert self.total >= 0
        assert all(counted(done, 4) <= 4 for done in self.done.values())

    @invariant()
    def a_milestone_is_reached_once_and_stays(self):
        for percent, needed, _ in milestones_of(self.challenge):
            if self.total >= needed and percent not in self.reached:
                self.reached.append(percent)
        assert self.reached == sorted(set(self.reached))

    @invariant()
    def it_begins_and_ends_by_its_dates_whoever_is_in(self):
        stage = self.challenge.stage(self.now)
        if self.challenge.state is State.PAUSED:
            assert stage is State.PAUSED
        elif self.now < STARTS:
            assert stage is State.SCHEDULED
        else:
            assert stage is (State.RUNNING if self.now < self.ends_at else State.ENDED)


QUICK = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_people_do_a_challenge_is_what_they_did():
    run_state_machine_as_test(Life, settings=QUICK)


@pytest.mark.long
def test_whatever_people_do_for_long_a_challenge_is_what_they_did():
    run_state_machine_as_test(Life, settings=settings(QUICK, max_examples=600))


DEEDS = ["join", "leave", "decline", "reverse", "pause", "resume", "extend", "cancel", "tick"]

acts = st.lists(
    st.tuples(
        st.sampled_from([*DEEDS, "silence", "credit", "credit", "credit"]),
        st.sampled_from([ALICE, BOB, CHIARA]),
        st.integers(0, 30),
    ),
    min_size=5,
    max_size=14,
)


class Tale:
    """The same against the database: what is drawn is done, an act every few hours."""

    def __init__(self, challenge):
        self.id, self.key = challenge.id, 0
        self.entries = []

    async def does(self, what, member_id, n):
        if what in {"join", "leave", "decline"}:
            await getattr(taking_part, what)(self.id, member_id)
        elif what in {"pause", "resume", "cancel"}:
            await getattr(managing, what)(self.id, None, by=MAYA)
        elif what == "extend":
            await managing.extend(self.id, STARTS + timedelta(days=10 + n), None, by=MAYA)
        elif what == "credit":
            await self.credits(member_id, n)
        elif what == "reverse" and self.entries:
            await reverse([self.entries[n % len(self.entries)]], reason="spam")
        elif what == "tick":
            await by_the_clock()

    async def credits(self, member_id, n):
        at = clock.now() - timedelta(hours=n)
        told = [
            activity("post", f"{self.id}{self.key}{each}", at, member_id=member_id)
            for each in range(1 + n % 4)
        ]
        self.key += 1
        self.entries += [each.entry_id for each in await credit_many(told)]


async def _is_as_the_ledger_says(story, since_start):
    with clock.frozen(STARTS - A_DAY):
        counts = {"term": "count", "kind": "post", "at_least": 8}
        challenge = await published(daily_cap=2, counts_since_start=since_start, counts=counts)
        tale = Tale(challenge)
    hours_gone = 0
    for number, (what, member_id, n) in enumerate(story):
        hours_gone += n
        # No two acts at the same moment: what came before a closing is told by it.
        with clock.frozen(STARTS + timedelta(hours=hours_gone, minutes=1, seconds=number)):
            try:
                await tale.does(what, member_id, n)
            except (ChallengeNotOpen, ChallengeState, ChallengeInvalid):
                assert what in {"join", "pause", "resume", "extend", "cancel"}
            await decide(challenge.id)
    with clock.frozen(STARTS + timedelta(hours=hours_gone, minutes=3)):
        assert [each for each in await differences() if each.challenge == challenge.id] == []
    rows = await fetch(
        "SELECT type, data FROM announcement WHERE channel = $1 AND type LIKE '%_reached'",
        challenge.channel,
    )
    percents = [msgspec.json.decode(row["data"])["percent"] for row in rows]
    assert percents == sorted(set(percents))


@pytest.fixture
async def anew(database, owner, servers):
    """Begin with an empty ledger: each tale has its own, and moments of others lie ahead of it."""

    async def begin():
        await owner.empty(servers)
        await valkey.client().flushdb()
        with clock.frozen(STARTS - 2 * A_DAY):
            await set_up()

    return begin


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts, st.booleans())
async def test_in_the_database_too(anew, story, since_start):
    await anew()
    await _is_as_the_ledger_says(story, since_start)


@pytest.mark.long
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts, st.booleans())
async def test_in_the_database_for_long_too(anew, story, since_start):
    await anew()
    await _is_as_the_ledger_says(story, since_start)
