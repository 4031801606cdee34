"""Versions: which facts a rule's versions are about, and from which day a kind's terms count."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from gamification.catalogue.changes import (
    first_day_nowhere_begun,
    new_versions,
    to_decide_again,
)
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.history import Version, compiled
from tests.gamification.drafts import badge, board, count, file, tier

SPRING = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUMMER = datetime(2026, 6, 1, 12, tzinfo=UTC)
AUTUMN = datetime(2026, 9, 1, 12, tzinfo=UTC)


class Story:
    """What was published, one after the other."""

    def __init__(self) -> None:
        self.versions: list[Version] = []

    def publish(self, at: datetime, published: CatalogueFile, *, to_the_past=False) -> list[str]:
        fresh = new_versions(published, self.versions, at, to_the_past=to_the_past)
        self.versions += fresh
        return [f"{row.what} {row.slug} {row.version}" for row in fresh]

    def badge(self, at: datetime, criteria, *, to_the_past=False, **more) -> list[str]:
        return self.publish(at, file(badge=[badge(criteria, **more)]), to_the_past=to_the_past)

    def retire(self, at: datetime) -> None:
        latest = self.versions[-1]
        self.versions.append(
            latest._replace(version=latest.version + 1, published_at=at, retired=True)
        )

    @property
    def catalogue(self):
        return compiled(1, self.versions, {})

    @property
    def spans(self) -> list[tuple[int, datetime | None, datetime | None]]:
        """The version, beginning and end of each stretch of the badge."""
        rule = self.catalogue.rules_by_node["badge", "badge"]
        return [(span.version, span.since, span.until) for span in rule.spans]


def test_a_first_version_to_the_past_is_about_all_that_ever_happened():
    story = Story()
    story.badge(SPRING, count(), to_the_past=True)

    assert story.spans == [(1, None, None)]


def test_a_first_version_from_now_is_about_what_happens_from_then_on():
    story = Story()
    story.badge(SPRING, count())

    assert story.spans == [(1, SPRING, None)]


def test_another_version_from_now_leaves_the_earlier_one_what_came_before():
    story = Story()
    story.badge(SPRING, count(at_least=1), to_the_past=True)
    story.badge(SUMMER, count(at_least=2))
    story.badge(AUTUMN, count(at_least=3))

    assert story.spans == [(1, None, SUMMER), (2, SUMMER, AUTUMN), (3, AUTUMN, None)]


def test_another_version_to_the_past_takes_the_place_of_all_earlier_ones():
    story = Story()
    story.badge(SPRING, count(at_least=1), to_the_past=True)
    story.badge(SUMMER, count(at_least=2))
    story.badge(AUTUMN, count(at_least=3), to_the_past=True)

    assert story.spans == [(3, None, None)]


@pytest.mark.parametrize("to_the_past", [True, False])
def test_other_words_leave_criteria_as_they_are(to_the_past):
    story = Story()
    story.badge(SPRING, count(), to_the_past=True)

    assert story.badge(SUMMER, count(), secret=True, to_the_past=to_the_past) == ["badge badge 2"]
    assert story.spans == [(1, None, None)]
    assert story.catalogue.badges[0].secret


def test_other_words_leave_criteria_that_are_not_about_the_past_as_they_are():
    story = Story()
    story.badge(SPRING, count(at_least=1), to_the_past=True)
    story.badge(SUMMER, count(at_least=2))
    story.badge(AUTUMN, count(at_least=2), secret=True)

    assert story.spans == [(1, None, SUMMER), (2, SUMMER, None)]


def test_the_same_again_is_no_version():
    story = Story()
    whole = file(badge=[badge()], tier=[tier()], board=[board()])
    first = story.publish(SPRING, whole)

    assert len(first) == 5
    assert story.publish(SUMMER, whole) == []


def test_the_same_again_to_the_past_is_a_version_of_what_was_not_about_it():
    story = Story()
    story.badge(SPRING, count())

    assert story.badge(SUMMER, count(), to_the_past=True) == ["badge badge 2"]
    assert story.spans == [(2, None, None)]
    assert story.badge(AUTUMN, count(), to_the_past=True) == []


def test_one_and_true_are_different_criteria():
    story = Story()
    story.badge(SPRING, count(where={"mine": 1}), to_the_past=True)
    story.badge(SUMMER, count(where={"mine": True}))

    assert [version for version, _, _ in story.spans] == [1, 2]


def test_the_order_of_keys_makes_no_version():
    story = Story()
    story.badge(SPRING, count(where={"a": 1, "b": 2}))

    assert story.badge(SUMMER, count(where={"b": 2, "a": 1})) == []


def test_retiring_ends_what_can_be_earned():
    story = Story()
    story.badge(SPRING, count(), to_the_past=True)
    story.retire(SUMMER)

    assert story.spans == [(1, None, SUMMER)]
    assert story.catalogue.badges == ()
    assert story.catalogue.rules[0].retired


def test_what_was_retired_comes_back_as_a_new_version():
    story = Story()
    story.badge(SPRING, count(), to_the_past=True)
    story.retire(SUMMER)

    assert story.badge(AUTUMN, count()) == ["badge badge 3"]
    assert story.spans == [(1, None, SUMMER), (3, AUTUMN, None)]
    assert len(story.catalogue.badges) == 1


def kind(points: int, **more) -> CatalogueFile:
    return msgspec.convert(
        {"kind": [{"slug": "post", "name": {"fr": "a", "en": "b"}, "points": points, **more}]},
        CatalogueFile,
    )


def test_other_points_count_from_the_first_day_that_has_begun_nowhere():
    story = Story()
    story.publish(SPRING, kind(5), to_the_past=True)
    story.publish(SUMMER, kind(7), to_the_past=True)
    post = story.catalogue.kinds["post"]

    assert [post.terms_on(date(2026, 6, day)).points for day in (1, 2, 3)] == [5, 5, 7]
    assert post.terms_on(date(1999, 1, 1)).points == 5
    assert post.definition.points == 7


def test_another_name_leaves_points_as_they_are():
    story = Story()
    story.publish(SPRING, kind(5))
    story.publish(SUMMER, kind(7))
    story.publish(AUTUMN, kind(7, received=True))

    assert len(story.catalogue.kinds["post"].terms_from) == 2


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 6, 1, 9, 54, tzinfo=UTC), date(2026, 6, 2)),
        # On Kiritimati the second of June begins at ten in the morning of the first, in UTC.
        (datetime(2026, 6, 1, 10, 0, tzinfo=UTC), date(2026, 6, 3)),
        (datetime(2026, 6, 1, 23, 59, tzinfo=UTC), date(2026, 6, 3)),
    ],
)
def test_the_first_day_that_has_begun_nowhere(now, day):
    assert first_day_nowhere_begun(now) == day
    assert first_day_nowhere_begun(now) - now.date() <= timedelta(days=2)


def test_only_what_decides_otherwise_is_decided_again_with_all_that_looks_at_it():
    story = Story()
    holds = {"term": "holds", "badge": "badge"}
    looks = [badge(holds, slug="b"), badge({"term": "holds", "badge": "b"}, slug="c")]
    story.publish(SPRING, file(badge=[badge(), *looks, badge(slug="z")], tier=[tier()]))
    before = story.catalogue
    story.badge(SUMMER, count(at_least=2))

    assert to_decide_again(before, story.catalogue) == {
        ("badge", "badge"),
        ("badge", "b"),
        ("badge", "c"),
    }


def test_other_words_decide_nothing_again():
    story = Story()
    story.publish(SPRING, file(badge=[badge()], tier=[tier()]))
    before = story.catalogue
    story.publish(SUMMER, file(badge=[badge(secret=True)], tier=[tier(rank=2)]))

    assert to_decide_again(before, story.catalogue) == frozenset()


@pytest.mark.parametrize(
    ("changed", "node"),
    [
        ({"badge": [badge(kept=False)]}, ("badge", "badge")),
        ({"tier": [tier(grace_days=1)]}, ("tier", "tier")),
        ({"tier": [tier(stays_while=count(at_least=1, kind="vote"))]}, ("tier", "tier")),
    ],
)
def test_keeping_and_losing_are_decided_again(changed, node):
    story = Story()
    story.publish(SPRING, file(badge=[badge()], tier=[tier()]))
    before = story.catalogue
    story.publish(SUMMER, file(**changed))

    assert to_decide_again(before, story.catalogue) == {node}
