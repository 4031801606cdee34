"""What each term of the criteria algebra means in time."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.ledger.worth import Terms
from gamification.rules.criteria import Criteria, about_subjects, kinds_in, walk
from gamification.rules.timeline import ALWAYS, combined, timeline
from gamification.rules.verdict import points_course
from tests.gamification.histories import BOB, MONDAY, day, fact, history

course = points_course(lambda kind, _: Terms(points=5, daily_cap=10 if kind == "capped" else None))


def criteria(**term) -> Criteria:
    found: Criteria = msgspec.convert(term, Criteria)
    return found


def turns(term, known, subject=""):
    return timeline(term, known, subject, course)


def posts(*numbers):
    return [fact("post", day(number)) for number in numbers]


def votes(*signed):
    return [fact("vote", day(at), subject="post:1", quantity=sign) for at, sign in signed]


TERMS = [
    pytest.param(
        criteria(term="count", kind="post", at_least=2), posts(0, 3, 5), [3], id="the second post"
    ),
    pytest.param(
        criteria(term="count", kind="*", at_least=2),
        [*posts(0), fact("comment", day(1))],
        [1],
        id="any kind counts",
    ),
    pytest.param(
        criteria(term="count", kind="post", at_least=1, where={"lang": "fr"}),
        [fact("post", day(0), lang="en"), fact("post", day(1)), fact("post", day(2), lang="fr")],
        [2],
        id="only those that fit the condition",
    ),
    pytest.param(
        criteria(term="count", kind="post", at_least=1, where={"lang": ["fr", "en"]}),
        [fact("post", day(0), lang="de"), fact("post", day(1), lang="en")],
        [1],
        id="one of several values",
    ),
    pytest.param(
        criteria(term="count", kind="post", at_least=1, where={"n": 1}),
        [fact("post", day(0), n=True), fact("post", day(1), n=1)],
        [1],
        id="true isn't one",
    ),
    pytest.param(
        criteria(term="count", kind="post", at_least=3, within_days=3),
        posts(0, 4, 5, 6, 20),
        [6],
        id="three within three days, and it stays met",
    ),
    pytest.param(
        criteria(term="count", kind="post", at_least=2, within_days=3),
        posts(0, 3),
        [],
        id="the window holds three days, not four",
    ),
    pytest.param(
        criteria(term="sum", kind="post", at_least=5),
        [fact("post", day(0), quantity=3), fact("post", day(1), quantity=2)],
        [1],
        id="quantities add up",
    ),
    pytest.param(
        criteria(term="distinct", kind="thanks", of="giver", at_least=2),
        [fact("thanks", day(n), giver=who) for n, who in enumerate("aab")],
        [2],
        id="thanks from two different people",
    ),
    pytest.param(
        criteria(term="distinct", kind="post", of="day", at_least=2),
        [*posts(0, 0), *posts(1)],
        [1],
        id="on two different days",
    ),
    pytest.param(
        criteria(term="distinct", kind="post", of="subject", at_least=2),
        [
            fact("post", day(0)),
            fact("post", day(1), subject="a"),
            fact("post", day(2), subject="b"),
        ],
        [2],
        id="on two different subjects, and none is no subject",
    ),
    pytest.param(
        criteria(term="points", at_least=15),
        [fact("capped", day(0), worth=5) for _ in range(4)] + [fact("capped", day(1), worth=5)],
        [1],
        id="points as far as the day's cap goes",
    ),
    pytest.param(
        criteria(term="streak", unit="day", at_least=3),
        posts(0, 1, 3),
        [3],
        id="a streak with a rest",
    ),
    pytest.param(
        criteria(term="streak", unit="day", at_least=2),
        [fact("thanks", day(0), active=False), *posts(1)],
        [],
        id="what others do makes no day active",
    ),
    pytest.param(
        criteria(
            term="all",
            of=[
                {"term": "count", "kind": "post", "at_least": 1},
                {"term": "count", "kind": "comment", "at_least": 1},
            ],
        ),
        [*posts(0), fact("comment", day(2))],
        [2],
        id="all of them",
    ),
    pytest.param(
        criteria(
            term="any",
            of=[
                {"term": "count", "kind": "post", "at_least": 2},
                {"term": "count", "kind": "comment", "at_least": 1},
            ],
        ),
        [*posts(0, 1), fact("comment", day(2))],
        [1],
        id="one of them",
    ),
    pytest.param(
        criteria(
            term="at_least",
            n=2,
            of=[{"term": "count", "kind": kind, "at_least": 1} for kind in ("a", "b", "c")],
        ),
        [fact("a", day(0)), fact("c", day(1)), fact("b", day(2))],
        [1],
        id="two of three",
    ),
]


@pytest.mark.parametrize(("term", "facts", "days"), TERMS)
def test_when_a_term_begins_and_ceases_to_hold(term, facts, days):
    assert turns(term, history(*facts)) == tuple(day(number) for number in days)


@pytest.mark.parametrize(("term", "facts", "days"), TERMS)
@given(st.randoms())
def test_the_order_of_arrival_doesnt_matter(term, facts, days, random):
    shuffled = list(facts)
    random.shuffle(shuffled)

    assert turns(term, history(*shuffled)) == tuple(day(number) for number in days)


def test_a_score_may_fall_again():
    score = criteria(term="sum", kind="vote", at_least=2, per_subject=True)
    known = history(*votes((0, 1), (1, 1), (2, -1), (3, 1)))

    assert turns(score, known, "post:1") == (day(1), day(2), day(3))
    assert turns(score, known, "post:2") == ()


def test_what_happens_at_one_moment_is_one_instant():
    score = criteria(term="sum", kind="vote", at_least=1, per_subject=True)

    assert turns(score, history(*votes((0, 1), (0, -1), (1, 1))), "post:1") == (day(1),)


def test_none_holds_from_the_start_until_one_does():
    none = criteria(term="none", of=[{"term": "count", "kind": "warning", "at_least": 1}])

    assert turns(none, history(fact("warning", day(3)))) == (*ALWAYS, day(3))


def answers(*opened):
    """Answers to one question: (subject, day, whose)."""
    return tuple(
        fact("answer", day(at), subject=subject, parent="post:1", **whose)
        for subject, at, whose in opened
    )


def test_the_first_answer_is_the_one_that_no_other_came_before():
    opened = answers(("answer:1", 1, {}), ("answer:2", 2, {"member_id": BOB}))
    known = history(origins={"answer:1": opened[:1]}, siblings={"post:1": opened})
    later = history(origins={"answer:2": opened[1:]}, siblings={"post:1": opened})
    first = criteria(term="first", kind="answer")

    assert turns(first, known, "answer:1") == (day(1),)
    assert turns(first, later, "answer:2") == ()


def test_first_to_reach_something_ends_when_an_earlier_one_reaches_it():
    opened = answers(("answer:1", 1, {"member_id": BOB}), ("answer:2", 2, {}))
    vote = fact("vote", day(5), subject="answer:1", member_id=BOB)
    known = history(
        origins={"answer:2": opened[1:]},
        siblings={"post:1": opened},
        around={"answer:1": (vote,)},
    )
    that = {"term": "sum", "kind": "vote", "at_least": 1, "per_subject": True}

    assert turns(criteria(term="first", kind="answer", that=that), known, "answer:2") == (
        day(2),
        day(5),
    )


@pytest.mark.parametrize(
    ("asked", "answered", "old_enough"),
    [
        pytest.param(0, 30, True, id="exactly thirty days"),
        pytest.param(0, 29, False, id="a day too early"),
    ],
)
def test_the_age_of_a_question_when_it_is_answered(asked, answered, old_enough):
    question = fact("question", day(asked), subject="post:1")
    [answer] = answers(("answer:1", answered, {}))
    known = history(origins={"answer:1": (answer,), "post:1": (question,)})
    age = criteria(term="age", of="subject", since="parent", at_least_days=30)

    assert turns(age, known, "answer:1") == ((day(answered),) if old_enough else ())


def test_the_age_of_a_membership():
    year = criteria(term="age", of="membership", at_least_days=365)

    assert turns(year, history()) == (MONDAY + timedelta(days=365),)


@pytest.mark.parametrize(
    ("term", "since"),
    [
        pytest.param({"badge": "helper"}, [2], id="a badge"),
        pytest.param({"tier": "friend"}, [4], id="a tier"),
        pytest.param({"badge": "helper", "tier": "friend"}, [4], id="both"),
        pytest.param({"badge": "host"}, [], id="one that isn't held"),
    ],
)
def test_holding_a_badge_or_a_tier(term, since):
    known = history(badges={"helper": day(2)}, tiers={"friend": day(4)})

    assert turns(criteria(term="holds", **term), known) == tuple(day(number) for number in since)


steps = st.lists(st.integers(0, 20), unique=True).map(lambda n: tuple(day(x) for x in sorted(n)))


@given(st.lists(steps, min_size=1, max_size=4), st.integers(0, 4))
def test_combining_timelines_is_counting_at_every_moment(timelines, needed):
    combination = combined(timelines, needed.__le__)

    for number in range(22):
        holding = sum(sum(turn <= day(number) for turn in each) % 2 for each in timelines)
        assert (sum(turn <= day(number) for turn in combination) % 2 == 1) == (holding >= needed)


def test_terms_are_known_by_their_place():
    nested = criteria(
        term="all",
        of=[
            {"term": "count", "kind": "post", "at_least": 1},
            {"term": "first", "kind": "answer", "that": {"term": "points", "at_least": 1}},
        ],
    )

    assert [place for place, _ in walk(nested)] == ["", "/of/0", "/of/1", "/of/1/that"]
    assert kinds_in(nested) == {"post", "answer", "*"}
    assert about_subjects(nested)
