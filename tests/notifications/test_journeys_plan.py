"""Where a journey leads next: tables, with time as an argument."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from notifications.journeys.advance import Act, Ending, Run, Seen, advance, holds, next_anniversary
from notifications.journeys.plan import AllOf, AnyOf, Happened, LongAgo, Not, Plan, Says
from notifications.journeys.running import CATEGORIES
from notifications.journeys.shipped import ANNIVERSARY, REACTIVATION, SHIPPED, SUCCESS, WELCOME
from notifications.journeys.validation import faults, texts
from notifications.wording.lint import lint
from notifications.wording.registry import CATEGORIES as KNOWN

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = {"fr": "Un mot", "en": "A word"}
SEND = {"do": "send", "says": "ask", "title": WORDS, "body": WORDS}
NEWS = SEND | {"says": "news"}
PLAN = {"name": WORDS, "purpose": WORDS, "begins": {"on": ["joined"]}, "steps": [SEND]}


def seen(*, days_ago, first=None):
    return Seen(NOON - (first or days_ago) * DAY, NOON - days_ago * DAY)


def at(place, *, days_ago=0, began=None):
    since = NOON - days_ago * DAY
    return Run(began_at=NOON - began * DAY if began else since, place=place, since=since)


JOINED = {"joined": seen(days_ago=1)}
ACTIVE = JOINED | {"activity": seen(days_ago=0)}


@pytest.mark.parametrize(
    ("plan", "run", "facts", "says", "until", "ending"),
    [
        pytest.param(WELCOME, at(0), JOINED, (0,), 2, None, id="a welcome is said at once"),
        pytest.param(WELCOME, at(1, days_ago=1), JOINED, (), 1, None, id="two days are two days"),
        pytest.param(
            WELCOME, at(1, days_ago=3), JOINED, (2,), 5, None, id="then an idea, and a longer wait"
        ),
        pytest.param(
            WELCOME, at(1, days_ago=1), ACTIVE, (), None, "reached", id="a first success ends it"
        ),
        pytest.param(
            WELCOME, at(3, days_ago=5, began=7), JOINED, (4,), None, "finished", id="the last word"
        ),
        pytest.param(
            WELCOME, at(3, days_ago=9, began=15), JOINED, (), None, "late", id="too late is unsaid"
        ),
        pytest.param(
            SUCCESS, at(0, days_ago=0.2), {}, (1,), None, "finished", id="one ask after a success"
        ),
        pytest.param(
            SUCCESS, at(0, days_ago=1), {}, (), None, "late", id="and none if the moment is over"
        ),
        pytest.param(
            REACTIVATION,
            at(0, days_ago=300),
            {"joined": seen(days_ago=300), "activity": seen(days_ago=119)},
            (),
            1,
            None,
            id="who was active four months ago is left alone",
        ),
        pytest.param(
            REACTIVATION,
            at(0, days_ago=300),
            {"activity": seen(days_ago=299), "seen": seen(days_ago=2)},
            (),
            118,
            None,
            id="and so is who reads without a word",
        ),
        pytest.param(
            REACTIVATION,
            at(0, days_ago=300),
            {"activity": seen(days_ago=120)},
            (1,),
            None,
            "finished",
            id="after months of silence one word, and it ends",
        ),
    ],
)
def test_a_way_through_a_journey(plan, run, facts, says, until, ending):
    act = advance(run, plan, facts, NOON)
    assert act.says == says
    assert act.until == (None if until is None else NOON + until * DAY)
    assert act.ending == (None if ending is None else Ending(ending))


def test_advancing_again_at_the_same_moment_says_nothing_more():
    act = advance(at(0), WELCOME, JOINED, NOON)
    again = advance(Run(began_at=NOON, place=act.place, since=act.since), WELCOME, JOINED, NOON)
    assert again == Act(place=act.place, since=act.since, until=act.until)


def test_what_is_said_only_if_is_passed_over_otherwise():
    newcomers = SEND | {"only_if": {"term": "not", "of": {"term": "happened", "fact": "tier:tree"}}}
    plan = msgspec.convert(PLAN | {"steps": [newcomers, {"do": "wait", "days": 1}]}, Plan)
    assert advance(at(0), plan, JOINED, NOON).says == (0,)
    assert advance(at(0), plan, {"tier:tree": seen(days_ago=9)}, NOON).says == ()


@pytest.mark.parametrize(
    ("joined", "after", "expected"),
    [
        pytest.param("2025-11-26", "2026-11-25", "2026-11-26", id="tomorrow"),
        pytest.param("2026-11-25", "2026-11-25", "2027-11-25", id="not the day itself"),
        pytest.param("2024-02-29", "2026-11-25", "2027-02-28", id="a leap day in another year"),
        pytest.param("2024-02-29", "2027-11-25", "2028-02-29", id="a leap day in a leap year"),
        pytest.param("2020-11-01", "2026-11-25", "2027-11-01", id="this year's is over"),
    ],
)
def test_anniversaries_come_in_the_morning_where_one_is(joined, after, expected):
    joined, after = (datetime.fromisoformat(f"{day}T12:00Z") for day in (joined, after))
    found = next_anniversary(joined, after, PARIS)
    assert found.astimezone(PARIS).isoformat()[:16] == f"{expected}T10:00"


@pytest.mark.parametrize(
    ("condition", "is_so"),
    [
        pytest.param(Happened(fact="badge:a"), True, id="it happened"),
        pytest.param(Happened(fact="badge:b"), False, id="it did not"),
        pytest.param(Happened(fact="badge:a", within_days=9), False, id="not lately"),
        pytest.param(Happened(fact="badge:a", within_days=10), True, id="lately enough"),
        pytest.param(LongAgo(fact="badge:a", days=10), True, id="long ago"),
        pytest.param(LongAgo(fact="badge:a", days=11), False, id="not so long ago"),
        pytest.param(LongAgo(fact="badge:b", days=1), False, id="what never was is not long ago"),
        pytest.param(Not(of=Happened(fact="badge:b")), True, id="not"),
        pytest.param(
            AllOf(of=(Happened(fact="badge:a"), Happened(fact="badge:b"))), False, id="all"
        ),
        pytest.param(
            AnyOf(of=(Happened(fact="badge:a"), Happened(fact="badge:b"))), True, id="any"
        ),
    ],
)
def test_conditions(condition, is_so):
    assert holds(condition, {"badge:a": seen(days_ago=10)}, NOON) is is_so


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param({}, None, id="a word is enough"),
        pytest.param({"steps": [{"do": "wait", "days": 1}]}, "/steps", id="nothing is said"),
        pytest.param({"steps": [SEND, SEND]}, "/steps/1", id="two at once"),
        pytest.param(
            {"steps": [SEND, {"do": "wait", "hours": 19}, SEND]}, "/steps/2", id="two in a day"
        ),
        pytest.param({"steps": [SEND, {"do": "wait", "hours": 20}, SEND]}, None, id="one a day"),
        pytest.param({"steps": [{"do": "wait"}, SEND]}, "/steps/0", id="a wait for nothing"),
        pytest.param(
            {"steps": [NEWS, {"do": "wait", "days": 1}] * 3},
            "/steps/4/says",
            id="too much that isn't asked for",
        ),
        pytest.param({"begins": {"on": ["moon"]}}, "/begins/on/0", id="an unknown fact"),
        pytest.param({"begins": {"on": ["joined:x"]}}, "/begins/on/0", id="of nothing"),
        pytest.param(
            {"goal": {"term": "not", "of": {"term": "happened", "fact": "x"}}},
            "/goal/of/fact",
            id="an unknown fact in a condition",
        ),
        pytest.param(
            {"steps": [SEND | {"title": WORDS | {"en": "Hello {name}"}}]},
            "/steps/0/title/en",
            id="a name that nobody knows",
        ),
        pytest.param(
            {
                "begins": {"on": ["badge"]},
                "steps": [SEND | {"title": WORDS | {"en": "{name}, {points}"}}],
            },
            "/steps/0/title/en",
            id="a blank that nobody fills",
        ),
        pytest.param({"repeats": True, "again_after_days": 0}, "/repeats", id="a loop"),
        pytest.param({"again_after_days": -1}, "/again_after_days", id="again before"),
    ],
)
def test_what_cannot_be_in_a_plan_is_named(changes, place):
    found = faults(msgspec.convert(PLAN | changes, Plan))
    assert [each.pointer for each in found] == ([] if place is None else [place])


@pytest.mark.parametrize("slug", SHIPPED)
def test_the_shipped_journeys_are_in_order_and_press_nobody(slug):
    plan = SHIPPED[slug]
    assert faults(plan) == []
    assert [
        lint(text, language) for text, language in texts(plan).values() if lint(text, language)
    ] == []
    again = msgspec.json.decode(msgspec.json.encode(plan), type=Plan)
    assert again == plan


def test_what_asks_draws_on_attention_and_only_that():
    asks = {
        slug: [step.says is Says.ASK for _, step in plan.sends()] for slug, plan in SHIPPED.items()
    }
    assert asks == {
        "anniversary": [False],
        "reactivation": [True],
        "success": [True],
        "welcome": [False, True, True],
    }
    assert {says: KNOWN[category].asks for says, category in CATEGORIES.items()} == {
        Says.NEWS: False,
        Says.ASK: True,
    }


def test_what_a_success_opens_is_asked_within_72_hours_or_never():
    assert SUCCESS.begins.within_hours is not None
    began = timedelta(hours=SUCCESS.begins.within_hours)
    assert SUCCESS.time is not None
    assert began + SUCCESS.time + KNOWN["journey.ask"].lasts <= timedelta(hours=72)
    assert len(list(SUCCESS.sends())) == 1


def test_an_anniversary_is_said_each_year():
    run = Run(began_at=NOON, place=0, since=NOON, zone=PARIS)
    facts = {"joined": Seen(NOON, NOON)}
    first = advance(run, ANNIVERSARY, facts, NOON)
    assert first.until == datetime(2027, 11, 25, 9, tzinfo=UTC)
    then = advance(run, ANNIVERSARY, facts, first.until)
    assert (then.says, then.ending) == ((1,), Ending.FINISHED)
