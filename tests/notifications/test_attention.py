"""When members are left in peace: decided when something is sent."""

import heapq
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.attention.budget import Ceiling, asks_of, free_after_noes, free_from
from notifications.attention.plan import (
    Attention,
    Defer,
    Digest,
    Drop,
    Due,
    Send,
    Why,
    Wishes,
    decide,
)
from notifications.attention.quiet import decent_from
from notifications.wording.category import Channel, Kind
from notifications.wording.registry import CATEGORIES

PARIS = ZoneInfo("Europe/Paris")
NEWS, ASK = CATEGORIES["badge.earned"], CATEGORIES["challenge.opened"]
SERVICE = CATEGORIES["activity.held"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A Wednesday.
NOON = datetime(2026, 11, 25, 12, tzinfo=PARIS)
NIGHT = datetime(2026, 11, 25, 23, tzinfo=PARIS)
MORNING = datetime(2026, 11, 26, 8, tzinfo=PARIS)
OFF = {"push": False}


def paris(day, hour, minute=0, month=11):
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "hours", "days", "decent"),
    [
        pytest.param(paris(25, 12), (1260, 480), (), paris(25, 12), id="noon is decent"),
        pytest.param(paris(25, 21), (1260, 480), (), paris(26, 8), id="nine in the evening isn't"),
        pytest.param(paris(25, 20, 59), (1260, 480), (), paris(25, 20, 59), id="just before is"),
        pytest.param(paris(25, 7, 59), (1260, 480), (), paris(25, 8), id="before eight isn't"),
        pytest.param(paris(25, 8), (1260, 480), (), paris(25, 8), id="eight is"),
        pytest.param(paris(25, 13), (720, 840), (), paris(25, 14), id="a quiet lunch"),
        pytest.param(paris(25, 23), (0, 0), (), paris(25, 23), id="no hour is quiet"),
        pytest.param(paris(25, 12), (1260, 480), (2,), paris(26, 8), id="a quiet Wednesday"),
        pytest.param(paris(27, 22), (1260, 480), (5, 6), paris(30, 8), id="a quiet weekend"),
        pytest.param(paris(27, 22), (0, 0), (5, 6), paris(27, 22), id="Friday night before it"),
        pytest.param(paris(25, 12), (0, 0), range(7), None, id="never"),
        pytest.param(
            paris(28, 23, month=3),
            (1260, 150),
            (),
            paris(29, 3, 30, month=3),
            id="half past two was skipped",
        ),
        pytest.param(
            paris(24, 23, month=10), (1260, 480), (), paris(25, 8, month=10), id="out of it"
        ),
    ],
)
def test_decent_moments(now, hours, days, decent):
    """I10."""
    found = decent_from(now.astimezone(UTC), PARIS, hours, frozenset(days))
    assert found == (decent and decent.astimezone(UTC))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 366 * 24 * 60),
    st.sampled_from(["Europe/Paris", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"]),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sets(st.integers(0, 6), max_size=6),
)
def test_a_decent_moment_is_decent_and_not_in_the_past(minutes, zone, since, until, days):
    """I10."""
    now, where = NOON.astimezone(UTC) + timedelta(minutes=minutes), ZoneInfo(zone)
    found = decent_from(now, where, (since, until), frozenset(days))
    assert found is not None
    assert found >= now
    assert found.astimezone(where).weekday() not in days
    assert decent_from(found, where, (since, until), frozenset(days)) == found


def ago(**span):
    return NOON - timedelta(**span)


@pytest.mark.parametrize(
    ("category", "wishes", "attention", "now", "plan"),
    [
        pytest.param(NEWS, {}, {}, NOON, Send(NEWS.channels), id="news at noon"),
        pytest.param(
            NEWS, {}, {}, NIGHT, Defer(MORNING, Why.QUIET), id="news at night waits for the morning"
        ),
        pytest.param(
            NEWS, {}, {}, NOON + 4 * DAY, Digest(Why.EXPIRED), id="old news is in the digest"
        ),
        pytest.param(
            NEWS,
            {"choices": {"badge.earned": OFF}},
            {},
            NOON,
            Digest(Why.SWITCHED_OFF),
            id="news that are not to be pushed",
        ),
        pytest.param(
            NEWS,
            {"paused_until": NOON + DAY},
            {},
            NOON,
            Defer(NOON + DAY, Why.PAUSED),
            id="news in a short pause",
        ),
        pytest.param(
            NEWS,
            {"paused_until": NOON + 30 * DAY},
            {},
            NOON,
            Digest(Why.PAUSED),
            id="news in a long pause stay in the inbox",
        ),
        pytest.param(
            NEWS,
            {"quiet_days": frozenset(range(7))},
            {},
            NOON,
            Digest(Why.QUIET),
            id="who wants no day is never disturbed",
        ),
        pytest.param(
            NEWS,
            {"asks": 0},
            {"rest_until": NOON + DAY},
            NOON,
            Send(NEWS.channels),
            id="news don't draw on the budget",
        ),
        pytest.param(
            SERVICE,
            {"paused_until": NOON + DAY, "choices": {"activity.held": OFF}},
            {},
            NOON,
            Send(SERVICE.channels),
            id="service is said in a pause, and can't be switched off",
        ),
        pytest.param(ASK, {}, {}, NOON, Send(ASK.channels), id="the first asking"),
        pytest.param(
            ASK,
            {},
            {"spent": (ago(days=6), ago(days=5))},
            NOON,
            Defer(NOON + DAY, Why.BUDGET),
            id="a third one waits until the first is a week ago",
        ),
        pytest.param(
            ASK,
            {},
            {"spent": (ago(days=1), ago(days=2))},
            NOON,
            Drop(Why.BUDGET),
            id="or isn't worth it any more",
        ),
        pytest.param(
            ASK,
            {},
            {"spent": (ago(days=1), ago(days=2)), "counted": True},
            NOON,
            Send(ASK.channels),
            id="one that was counted before a crash leaves",
        ),
        pytest.param(
            ASK,
            {"asks": 1},
            {"spent": (ago(days=6),)},
            NOON,
            Defer(NOON + DAY, Why.BUDGET),
            id="a member's own number counts",
        ),
        pytest.param(
            ASK,
            {"asks": 9},
            {"spent": (ago(days=6), ago(days=5))},
            NOON,
            Defer(NOON + DAY, Why.BUDGET),
            id="below the ceiling",
        ),
        pytest.param(ASK, {"asks": 0}, {}, NOON, Drop(Why.NO_ASKING), id="who isn't to be asked"),
        pytest.param(
            ASK, {}, {"ceiling": Ceiling(0, 7)}, NOON, Drop(Why.NO_ASKING), id="nor is anybody"
        ),
        pytest.param(
            ASK,
            {},
            {"rest_until": NOON + DAY},
            NOON,
            Defer(NOON + DAY, Why.RESTING),
            id="who rests is asked later",
        ),
        pytest.param(
            ASK, {}, {"rest_until": NOON + 30 * DAY}, NOON, Drop(Why.RESTING), id="or not at all"
        ),
        pytest.param(
            ASK,
            {},
            {"noes": 1, "last_no_at": ago(days=13)},
            NOON,
            Defer(NOON + DAY, Why.SAID_NO),
            id="two weeks after a no",
        ),
        pytest.param(
            ASK,
            {},
            {"noes": 2, "last_no_at": ago(days=14)},
            NOON,
            Drop(Why.SAID_NO),
            id="four after the second",
        ),
        pytest.param(
            ASK,
            {},
            {"noes": 2, "last_no_at": ago(days=28)},
            NOON,
            Send(ASK.channels),
            id="then yes",
        ),
        pytest.param(
            ASK,
            {"choices": {"challenge.opened": {"push": False, "inbox": False}}},
            {},
            NOON,
            Drop(Why.SWITCHED_OFF),
            id="an asking that is switched off altogether",
        ),
        pytest.param(
            ASK,
            {"choices": {"challenge.opened": OFF}},
            {},
            NOON,
            Send(ASK.channels - {Channel.PUSH}),
            id="one that is only for the inbox",
        ),
        pytest.param(ASK, {}, {}, NIGHT, Defer(MORNING, Why.QUIET), id="nobody is asked at night"),
        pytest.param(ASK, {}, {}, NOON + 4 * DAY, Drop(Why.EXPIRED), id="nor for what is over"),
    ],
)
def test_what_becomes_of_it(category, wishes, attention, now, plan):
    """I32."""
    due = Due(category=category, expires_at=NOON + 3 * DAY)
    wanted = Wishes(zone=PARIS, **wishes)
    assert decide(due, wanted, Attention(**attention), now) == plan


def test_who_left_is_sent_nothing_and_what_was_read_is_not_pushed():
    """I32."""
    due = Due(category=NEWS, expires_at=NOON + DAY)
    assert decide(due, None, Attention(), NOON) == Drop(Why.GONE)
    read = Due(category=NEWS, expires_at=NOON + DAY, is_read=True)
    assert decide(read, Wishes(zone=PARIS), Attention(), NOON) == Digest(Why.SEEN)


def test_each_no_doubles_the_wait():
    waits = [free_after_noes(noes, NOON, NOON) - NOON for noes in range(5)]
    assert waits == [0 * DAY, 14 * DAY, 28 * DAY, 56 * DAY, 112 * DAY]


def test_a_member_may_only_choose_less():
    assert [asks_of(Ceiling(2, 7), wished) for wished in (None, 0, 1, 5)] == [2, 0, 1, 2]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 400), max_size=80), st.integers(0, 4), st.integers(1, 10), st.randoms()
)
def test_no_window_ever_holds_more_whatever_the_order_of_the_clocks(hours, asks, days, shuffled):
    window, spent = timedelta(days=days), []
    shuffled.shuffle(hours)
    for hour in hours:
        now = NOON + hour * HOUR
        if free_from(spent, asks, window, now) == now:
            spent.append(now)
    assert most_in_a_window(spent, window) <= asks


def most_in_a_window(moments, window):
    """The most moments that fit into one window, wherever it begins."""
    most, first, ordered = 0, 0, sorted(moments)
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


EVENTS, MEMBERS, WORKERS = 100_000, 400, 4


def test_of_100_000_events_no_window_is_ever_overdrawn_and_no_news_are_lost():
    """Workers whose clocks differ take what is due in any order; each holds a member's row."""
    chance = random.Random(5)
    ceiling = Ceiling(2, 7)
    wishes = [some_wishes(chance) for _ in range(MEMBERS)]
    clocks = [timedelta(seconds=chance.randint(-90, 90)) for _ in range(WORKERS)]
    kinds = (NEWS, ASK, SERVICE)
    waiting = [
        (NOON + timedelta(minutes=chance.randint(0, 90 * 24 * 60)), number, chance.choice(kinds))
        for number in range(EVENTS)
    ]
    dues = {n: Due(category=what, expires_at=at + what.lasts) for at, n, what in waiting}
    heap = [(at, number) for at, number, _ in waiting]
    heapq.heapify(heap)
    spent = defaultdict(list)
    ended = {}
    while heap:
        at, number = heapq.heappop(heap)
        now, member = at + chance.choice(clocks), number % MEMBERS
        asked = Attention(ceiling=ceiling, spent=tuple(spent[member][-12:]))
        plan = decide(dues[number], wishes[member], asked, now)
        if isinstance(plan, Defer):
            heapq.heappush(heap, (max(plan.until, now) + 120 * timedelta(seconds=1), number))
            continue
        assert number not in ended
        ended[number] = plan
        if isinstance(plan, Send) and dues[number].category.asks:
            spent[member].append(now)
    assert len(ended) == EVENTS
    for member, moments in spent.items():
        limit = asks_of(ceiling, wishes[member].asks)
        assert most_in_a_window(moments, ceiling.window) <= limit
    by_kind = Counter((dues[n].category.kind, type(plan)) for n, plan in ended.items())
    for kind in (Kind.NEWS, Kind.SERVICE):
        assert by_kind[kind, Drop] == 0, "what isn't pushed is in the inbox and the digest"
        assert by_kind[kind, Send] > 10_000
    assert by_kind[Kind.SOLICITATION, Send] > 1_000
    assert by_kind[Kind.SOLICITATION, Drop] > 1_000


def some_wishes(chance):
    return Wishes(
        zone=ZoneInfo(chance.choice(["Europe/Paris", "Asia/Tokyo", "America/New_York"])),
        quiet=chance.choice([(1260, 480), (0, 0), (720, 840)]),
        quiet_days=frozenset(chance.sample(range(7), chance.choice([0, 0, 1, 2]))),
        asks=chance.choice([None, None, 0, 1, 5]),
        paused_until=chance.choice([None, None, NOON + 10 * DAY]),
    )
