"""The shipped catalogue: each badge and tier has a record that earns it, and one that does not."""

import re
from itertools import chain

import pytest

from gamification.catalogue.checking import check
from gamification.catalogue.definitions import BadgeDefinition
from gamification.catalogue.images import SHIPPED as DRAWINGS
from gamification.catalogue.images import address_of
from gamification.catalogue.publishing import DEFAULT
from gamification.catalogue.reading import read_toml
from gamification.rules.criteria import StreakOf, walk
from gamification.rules.facts import Fact
from gamification.rules.verdict import Verdict, badge_verdict, points_course, tier_verdict
from tests.gamification.histories import day, fact, history

SHIPPED = check(read_toml(DEFAULT.read_bytes()))
RULES = {rule.slug: rule for rule in SHIPPED.rules}
LONG_AFTER = 20_000

Record = list[Fact]
course = points_course(lambda kind, when: SHIPPED.kinds[kind].terms_on(when))


def one(kind: str, on_day: int, *, quantity: int = 1, **more) -> Fact:
    """One activity, worth what its kind is."""
    found = SHIPPED.kinds[kind]
    worth = found.terms_on(day(on_day).date()).worth_of(quantity)
    active = not found.definition.received
    return fact(kind, day(on_day), worth=worth, active=active, quantity=quantity, **more)


def did(kind: str, times: int = 1, *, start: int = 0, every: int = 1, **more) -> Record:
    """So many activities of a kind, one every so many days."""
    return [one(kind, start + every * number, **more) for number in range(times)]


def thanked_by(people: int, *, start: int = 0, **more) -> Record:
    """Thanks from so many different people, one a day."""
    return [one("thanks", start + n, giver=f"giver-{n}", **more) for n in range(people)]


def welcomed(people: int, *, start: int = 0) -> Record:
    return [one("welcome", start + n, newcomer=f"newcomer-{n}") for n in range(people)]


def hosted(times: int) -> Record:
    return [one("event-hosted", n, subject=f"event:{n}") for n in range(times)]


def one_each(*kinds: str) -> Record:
    return list(chain.from_iterable(did(kind) for kind in kinds))


def verdict(slug: str, record: Record, *, now: int = LONG_AFTER, **held) -> Verdict | None:
    """Whether the record, of one who joined on day 0, earns a badge or tier by a day."""
    rule, past = RULES[slug], history(*record, **held)
    if rule.node[0] == "tier":
        return tier_verdict(rule, past, day(now), course)
    return badge_verdict(rule, past, "post:1" if rule.about_subjects else "", day(now), course)


SIX_WAYS = one_each("post", "answer", "story", "feedback", "welcome", "review")

# What earns each badge, and what just doesn't.
BADGES = {
    "first-steps": (did("feedback"), did("profile")),
    "storyteller": (did("story", 3), did("story", 2)),
    "listener-1": (did("feedback", 3), did("feedback", 2)),
    "listener-2": (did("feedback", 10) + did("feedback-adopted"), did("feedback", 10)),
    "helper-1": (did("answer", 5), did("answer", 4)),
    # Thanks from the same four people again are no fifth person's.
    "helper-2": (
        did("answer", 25) + thanked_by(5),
        did("answer", 25) + thanked_by(4) + thanked_by(4, start=9),
    ),
    "helper-3": (did("answer", 100) + thanked_by(20), did("answer", 99) + thanked_by(20)),
    # The third week is a pause, forgiven and not counted; two weeks of it begin anew.
    "regular-1": (
        did("post", 2, every=7) + did("post", 2, start=21, every=7),
        did("post", 3, every=7) + did("post", 1, start=35),
    ),
    "regular-2": (did("answer", 6, every=31), did("answer", 5, every=31)),
    "host-1": (hosted(1), did("event-attended")),
    # An evening told twice is one evening.
    "host-2": (hosted(5), hosted(4) + hosted(4)),
    "explorer": (SIX_WAYS, SIX_WAYS[1:] * 2),
    # It says how things are: thanks taken back are missing again.
    "appreciated": (
        thanked_by(25),
        [*thanked_by(25), one("thanks", 40, giver="giver-3", quantity=-1)],
    ),
    "heartfelt": (
        thanked_by(10, subject="post:1"),
        thanked_by(9, subject="post:1") + thanked_by(10, subject="post:2")[9:],
    ),
    # The third giver came when the first one's thanks were more than a month ago.
    "quiet-kindness": (
        welcomed(3) + thanked_by(3),
        welcomed(3) + thanked_by(2) + thanked_by(3, start=31)[2:],
    ),
}


@pytest.mark.parametrize("slug", BADGES)
def test_a_shipped_badge_is_earned_by_its_example(slug):
    earns, _ = BADGES[slug]

    assert verdict(slug, earns) is not None


@pytest.mark.parametrize("slug", BADGES)
def test_a_shipped_badge_is_not_earned_by_a_little_less(slug):
    _, falls_short = BADGES[slug]

    assert verdict(slug, falls_short) is None


@pytest.mark.parametrize(
    ("slug", "days"),
    [
        pytest.param("year-1", 365, id="a year"),
        pytest.param("year-2", 3 * 365, id="three years"),
    ],
)
def test_time_among_us_earns_its_badge_without_any_activity(slug, days):
    assert verdict(slug, [], now=days) is not None
    assert verdict(slug, [], now=days - 1) is None


def test_a_mentor_has_welcomed_ten_people_and_helps():
    helps = {"helper-1": day(3)}

    assert verdict("mentor", welcomed(10), badges=helps) is not None
    assert verdict("mentor", welcomed(9) + welcomed(9), badges=helps) is None
    assert verdict("mentor", welcomed(10)) is None


def test_first_steps_make_a_seed():
    assert verdict("seed", did("post"), badges={"first-steps": day(0)}) is not None
    assert verdict("seed", did("profile")) is None


# 64 points on day 15, in three ways, and thanks from two people.
SPROUT = did("post", 6) + did("story") + did("answer") + thanked_by(2, start=14)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(SPROUT[:-1], id="thanks of a single person"),
        pytest.param(did("answer", 9) + did("post") + thanked_by(2, start=14), id="two ways only"),
        pytest.param(SPROUT[2:], id="a few points less"),
    ],
)
def test_a_sprout_needs_breadth_and_thanks_and_points(record):
    assert verdict("sprout", SPROUT) is not None
    assert verdict("sprout", record) is None


# 314 points in 90 days, four things done more than once, and thanks from eight people.
WIDE = did("post", 12, every=5) + did("answer", 25, every=2)
WIDE += did("welcome", 3, every=2) + did("feedback", 3, every=2)
TREE = WIDE + thanked_by(8, start=90)
WAS_SPROUT = {"sprout": day(20)}


@pytest.mark.parametrize(
    ("record", "tiers"),
    [
        pytest.param(TREE, {}, id="no sprout before"),
        pytest.param(TREE[:-1], WAS_SPROUT, id="thanks of seven people"),
        pytest.param(
            did("answer", 40, every=2) + thanked_by(8, start=90), WAS_SPROUT, id="one way only"
        ),
    ],
)
def test_a_tree_grows_from_a_sprout_with_breadth_and_thanks(record, tiers):
    assert verdict("tree", TREE, tiers=WAS_SPROUT) is not None
    assert verdict("tree", record, tiers=tiers) is None


def test_a_tree_takes_three_months():
    assert verdict("tree", WIDE + thanked_by(8, start=50), tiers=WAS_SPROUT, now=89) is None
    assert verdict("tree", WIDE + thanked_by(8, start=50), tiers=WAS_SPROUT, now=90) is not None


FOREST = did("answer", 120, every=2) + thanked_by(20, start=260)
GROWN = {"tiers": {"tree": day(100)}, "badges": {"helper-2": day(60)}}


@pytest.mark.parametrize(
    ("record", "held"),
    [
        pytest.param(FOREST, GROWN | {"tiers": {}}, id="no tree before"),
        pytest.param(FOREST, GROWN | {"badges": {"storyteller": day(5)}}, id="nothing for others"),
        pytest.param(FOREST[:-1], GROWN, id="thanks of nineteen people"),
        pytest.param(FOREST[3:], GROWN, id="a few points less"),
    ],
)
def test_a_forest_grows_where_others_do(record, held):
    assert verdict("forest", FOREST, **GROWN) is not None
    assert verdict("forest", record, **held) is None


def test_every_shipped_badge_and_tier_has_its_examples_here():
    by_hand = {"year-1", "year-2", "mentor", "seed", "sprout", "tree", "forest"}

    assert BADGES.keys() | by_hand == RULES.keys()


def shipped_badges() -> list[BadgeDefinition]:
    return list(SHIPPED.badges)


def test_every_shipped_badge_thanks_its_holder_in_both_languages():
    for badge in shipped_badges():
        assert badge.thanks is not None, badge.slug
        assert badge.thanks.fr.startswith("Merci"), badge.slug
        assert badge.thanks.en.startswith("Thank you"), badge.slug


def test_every_shipped_badge_and_tier_has_its_drawing_and_every_drawing_is_used():
    images = [badge.image for badge in shipped_badges()] + [tier.image for tier in SHIPPED.tiers]

    assert all(address_of(image) for image in images)
    assert set(images) == set(DRAWINGS)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_small_and_loads_and_runs_nothing(name):
    svg = DRAWINGS[name].svg.decode()

    assert len(svg) < 1500
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">')
    assert not re.search(r"<script|<image|<style|<foreign|<use|\bon\w+=|href|url\(", svg)


def test_nothing_shipped_rewards_daily_pressure():
    streaks = [
        term
        for rule in SHIPPED.rules
        for criteria in rule.criterias
        for _, term in walk(criteria)
        if isinstance(term, StreakOf)
    ]

    assert {streak.unit for streak in streaks} == {"week", "month"}


def test_no_shipped_tier_asks_for_points_alone():
    for tier in SHIPPED.tiers:
        terms = [type(term).__name__ for _, term in walk(tier.criteria)]
        assert set(terms) - {"Points", "All"}, tier.slug


GUILT = re.compile(
    r"\b(only|yet|must|should|fail|miss|behind|lazy|hurry|quick|before it is too late|€|euro|"
    r"seulement|devez|devriez|faut que|manqu|raté|retard|dépêche|vite|gagne|cadeau|prix|récompense|"
    r"reward|win|prize|gift|free)\w*",
    re.IGNORECASE,
)


def test_shipped_words_press_nobody_and_promise_nothing():
    for definition in [*SHIPPED.badges, *SHIPPED.tiers, *SHIPPED.boards]:
        texts = [definition.name, definition.description, getattr(definition, "thanks", None)]
        for words in filter(None, texts):
            assert not GUILT.search(f"{words.fr} {words.en}"), words
