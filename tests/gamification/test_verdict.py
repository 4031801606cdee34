"""Badges and tiers: earned at the earliest moment, kept or taken back by facts, never by time."""

import msgspec
import pytest

from gamification.catalogue.definitions import BadgeDefinition, TierDefinition, Words
from gamification.catalogue.rule import Rule, Span
from gamification.ledger.worth import Terms
from gamification.rules.criteria import Criteria
from gamification.rules.verdict import badge_verdict, points_course, tier_verdict
from tests.gamification.histories import day, fact, history

course = points_course(lambda kind, _: Terms())
WORDS = Words(fr="Un mot", en="A word")
SCORE = {"term": "sum", "kind": "vote", "at_least": 2, "per_subject": True}
TEN = {"term": "sum", "kind": "help", "at_least": 10}
EIGHT = {"term": "sum", "kind": "help", "at_least": 8}


def criteria(term) -> Criteria:
    found: Criteria = msgspec.convert(term, Criteria)
    return found


def badge(term, *, since=None, until=None, **more) -> Rule:
    definition = BadgeDefinition(
        slug="badge", name=WORDS, description=WORDS, criteria=criteria(term), **more
    )
    span = Span(version=1, criteria=definition.criteria, since=since, until=until)
    return Rule(definition=definition, spans=(span,), version=1)


def tier(term, *, stays_while=None, grace_days=30) -> Rule:
    stays = None if stays_while is None else criteria(stays_while)
    definition = TierDefinition(
        slug="tier",
        name=WORDS,
        description=WORDS,
        rank=1,
        criteria=criteria(term),
        stays_while=stays,
        grace_days=grace_days,
    )
    span = Span(version=1, criteria=definition.criteria, stays_while=stays)
    return Rule(definition=definition, spans=(span,), version=1)


def vote(at, sign=1, **more):
    return fact("vote", day(at), subject="post:1", quantity=sign, **more)


def earned(rule, *facts, now=60):
    verdict = badge_verdict(rule, history(*facts), "post:1", day(now), course)
    return None if verdict is None else verdict.at


@pytest.mark.parametrize(
    ("kept", "votes", "at"),
    [
        pytest.param(True, [(0, 1), (1, 1)], 1, id="earned when the score is reached"),
        pytest.param(True, [(0, 1), (1, 1), (2, -1)], 1, id="a kept one outlasts a falling score"),
        pytest.param(False, [(0, 1), (1, 1), (2, -1)], None, id="another doesn't"),
        pytest.param(
            False, [(0, 1), (1, 1), (2, -1), (3, 1)], 1, id="but comes back with the score"
        ),
        pytest.param(True, [(0, 1), (1, 1), (1, -1), (5, 1)], 5, id="a moment is one instant"),
    ],
)
def test_a_badge_and_a_score(kept, votes, at):
    facts = [vote(number, sign) for number, sign in votes]
    rule = badge(SCORE, kept=kept, earned="per_subject")

    assert earned(rule, *facts) == (None if at is None else day(at))


def test_what_was_reversed_never_happened_for_a_kept_badge_too():
    second = vote(1, reversed_at=day(3))

    assert earned(badge(SCORE, earned="per_subject"), vote(0), second) is None
    assert earned(badge(SCORE, earned="per_subject"), vote(0), second, vote(9)) == day(9)


def test_a_badge_names_the_entries_that_earned_it():
    first, second, third = vote(0), vote(1), vote(2)
    verdict = badge_verdict(
        badge(SCORE, earned="per_subject"), history(first, second, third), "post:1", day(9), course
    )

    assert verdict is not None
    assert verdict.entries == (first.id, second.id)
    assert verdict.version == 1


def test_a_version_that_isnt_for_the_past_counts_what_comes_after_it():
    rule = badge(SCORE, since=day(1), earned="per_subject")

    assert earned(rule, vote(0), vote(1)) is None
    assert earned(rule, vote(0), vote(1), vote(2)) == day(2)


def test_a_badge_for_what_never_happened_begins_with_something_that_did():
    peaceful = badge({"term": "none", "of": [{"term": "count", "kind": "warning", "at_least": 1}]})

    assert earned(peaceful) is None
    assert earned(peaceful, vote(4)) == day(4)


def test_what_time_alone_completes_is_earned_when_the_time_has_come():
    anniversary = badge({"term": "age", "of": "membership", "at_least_days": 30})

    assert earned(anniversary, now=29) is None
    assert earned(anniversary, now=31) == day(30)


def help_(at, quantity=1, **more):
    return fact("help", day(at), quantity=quantity, **more)


def climbed(rule, *facts, now=60):
    verdict = tier_verdict(rule, history(*facts), day(now), course)
    if verdict is None:
        return None
    return verdict.at, verdict.lapses_at


def test_a_tier_is_never_lost_by_absence():
    assert climbed(tier(TEN), help_(0, 10), now=3650) == (day(0), None)


def test_a_tier_goes_on_for_its_grace_when_facts_fall():
    fallen = (help_(0, 10), help_(5, -5))

    assert climbed(tier(TEN), *fallen, now=6) == (day(0), day(35))
    assert climbed(tier(TEN), *fallen, now=36) is None
    assert climbed(tier(TEN), *fallen, help_(20, 5)) == (day(0), None)
    assert climbed(tier(TEN), *fallen, help_(50, 5)) == (day(50), None)


def test_hysteresis_keeps_a_tier_that_falls_a_little():
    rule = tier(TEN, stays_while=EIGHT)

    assert climbed(rule, help_(0, 10), help_(5, -2)) == (day(0), None)
    assert climbed(rule, help_(0, 10), help_(5, -3), now=6) == (day(0), day(35))


def test_a_reversal_leaves_the_tier_for_its_grace():
    gone = help_(1, 5, reversed_at=day(10))
    facts = (help_(0, 5), gone)

    assert climbed(tier(TEN), *facts, now=11) == (day(1), day(40))
    assert climbed(tier(TEN), *facts, now=41) is None
    assert climbed(tier(TEN), *facts, help_(12, 5), now=13) == (day(12), None)


def test_a_second_reversal_doesnt_start_the_grace_again():
    facts = (help_(0, 5, reversed_at=day(20)), help_(1, 5, reversed_at=day(10)))

    assert climbed(tier(TEN), *facts, now=21) == (day(1), day(40))


def test_hysteresis_also_spares_who_lost_a_little_by_a_reversal():
    rule = tier(TEN, stays_while=EIGHT)
    facts = (help_(0, 8), help_(1, 2, reversed_at=day(10)))

    assert climbed(rule, *facts, now=200) == (day(1), None)


def test_what_came_after_a_reversal_didnt_hold_the_tier_before():
    late = help_(2, 5, recorded_at=day(15))
    facts = (help_(0, 5, reversed_at=day(10)), late)

    assert climbed(tier(TEN), *facts) is None


def test_no_grace_means_at_once():
    rule = tier(TEN, grace_days=0)

    assert climbed(rule, help_(0, 10), help_(1, -1), now=1) is None
    assert climbed(rule, help_(0, 10), now=1) == (day(0), None)
