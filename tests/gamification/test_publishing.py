"""Publishing: versions take over from one another, and what can't be published changes nothing."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from gamification.catalogue import service
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.errors import CatalogueInvalid, CriteriaCycle, NotInCatalogue
from gamification.catalogue.prefixed import prefixed
from gamification.catalogue.publishing import Published, load_default_if_empty, publish, retire
from gamification.credit import credit
from gamification.recognition import replay
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import fetch, fetchval
from ground.unit_of_work import unit_of_work
from tests.gamification.drafts import badge, board, count, file, tier
from tests.gamification.fortnight import START, happened, only
from tests.gamification.programme import (
    ALICE,
    BOB,
    CHIARA,
    ZONES,
    activity,
    badges_of,
    catalogue,
    points_of,
    take_part,
)

pytestmark = pytest.mark.usefixtures("database")

LATER = datetime(2026, 11, 1, 12, tzinfo=UTC)
OPERATOR = Caller(kind=CallerKind.OPERATOR, name="tests")


async def now_in_force() -> Catalogue:
    return await service.current()


async def test_criteria_from_now_on_are_about_nothing_earlier():
    await publish(only("kind"))
    await happened()
    with clock.frozen(LATER):
        await publish(CatalogueFile(badge=file(badge=[badge(count(at_least=2))]).badge))
        assert await badges_of(ALICE) == {}

        await credit(activity("post", "new1", LATER, subject="q8"))
        assert await badges_of(ALICE) == {}

        await credit(activity("post", "new2", LATER, subject="q9"))
        assert await badges_of(ALICE) == {"badge": LATER}
        assert await replay.check() == []


async def test_what_was_earned_under_an_earlier_version_stays_and_says_so():
    await publish(file(badge=[badge(count(at_least=1))]), to_the_past=True)
    await take_part(ZONES)
    await credit(activity("post", "p1", START))
    await publish(file(badge=[badge(count(at_least=5))]))
    await credit(activity("post", "p2", clock.now(), member_id=BOB))

    assert await badges_of(ALICE) == {"badge": START}
    assert await badges_of(BOB) == {}
    assert await fetchval("SELECT version FROM award WHERE taken_back_at IS NULL") == 1
    assert await replay.check() == []


async def test_a_version_to_the_past_takes_back_what_it_does_not_give():
    await publish(file(badge=[badge(count(at_least=1))]), to_the_past=True)
    await take_part(ZONES)
    await credit(activity("post", "p1", START))
    published = await publish(file(badge=[badge(count(at_least=2))]), to_the_past=True)

    assert await badges_of(ALICE) == {}
    assert published.decided == 1
    assert await replay.check() == []


async def test_what_looks_at_a_changed_badge_is_decided_again_too():
    holds = {"term": "holds", "badge": "badge"}
    whole = file(badge=[badge(count(at_least=9)), badge(holds, slug="b")], tier=[tier(holds)])
    await publish(whole, to_the_past=True)
    await take_part(ZONES)
    await credit(activity("post", "p1", START))
    await publish(file(badge=[badge(count(at_least=1))]), to_the_past=True)

    assert await badges_of(ALICE) == {"badge": START, "b": START}
    assert await fetchval("SELECT tier FROM tier_held WHERE member_id = $1", ALICE) == "tier"


async def test_what_is_retired_stays_with_who_has_it_and_is_earned_no_more():
    await publish(file(badge=[badge()]), to_the_past=True)
    await take_part(ZONES)
    await credit(activity("post", "p1", START))
    await retire("badge", "badge", by=OPERATOR)
    await credit(activity("post", "p2", clock.now(), member_id=BOB))
    # One that is late, but was in time for the badge.
    await credit(activity("post", "p3", START, member_id=CHIARA))

    assert await badges_of(ALICE) == {"badge": START}
    assert await badges_of(BOB) == {}
    assert await badges_of(CHIARA) == {"badge": START}
    assert (await now_in_force()).badges == ()
    assert await replay.check() == []


async def test_a_retired_kind_is_recorded_no_more():
    await publish(file())
    await take_part(ZONES)
    await retire("kind", "post", by=OPERATOR)

    assert (await credit(activity("post", "p1", START))).code == "unknown_kind"


async def test_what_is_not_there_cannot_be_retired():
    await publish(file(badge=[badge()]))
    await retire("badge", "badge", by=OPERATOR)

    for slug in ("badge", "nothing"):
        with pytest.raises(NotInCatalogue):
            await retire("badge", slug, by=OPERATOR)


async def test_other_points_leave_the_days_alone_that_have_begun_somewhere():
    kind = catalogue().kind[2]
    assert (kind.slug, kind.points) == ("vote", 1)
    with clock.frozen(LATER):
        await publish(catalogue())
        await take_part(ZONES)
        await publish(CatalogueFile(kind=[msgspec.structs.replace(kind, points=4)]))
        first = await credit(activity("vote", "v1", LATER))
    with clock.frozen(LATER + timedelta(days=2)):
        second = await credit(activity("vote", "v2", date(2026, 11, 2)))
        third = await credit(activity("vote", "v3", date(2026, 11, 3)))

        assert [each.points for each in (first, second, third)] == [1, 1, 4]
        assert await points_of(ALICE) == 6
        assert await replay.check() == []


async def test_the_same_file_again_publishes_nothing():
    first = await publish(catalogue(), to_the_past=True)
    again = await publish(catalogue(), to_the_past=True)

    assert len(first.changes) == len(catalogue().kind) + len(catalogue().badge) + 2 + 3
    assert again == Published(revision=first.revision)


async def test_two_catalogues_live_side_by_side_under_their_prefixes():
    await publish(catalogue(), to_the_past=True)
    await publish(catalogue(), to_the_past=True, prefix="site")
    await take_part(ZONES)
    await credit(activity("site:post", "p1", START))

    assert await badges_of(ALICE) == {"site:first-post": START, "site:unblemished": START}
    assert len((await now_in_force()).kinds) == 2 * len(catalogue().kind)
    assert await replay.check() == []


async def revisions_after(*attempts: CatalogueFile) -> list[int]:
    revisions = [await service.latest_revision()]
    for attempt in attempts:
        with pytest.raises((CatalogueInvalid, CriteriaCycle)):
            await publish(attempt, to_the_past=True)
        revisions.append(await service.latest_revision())
    return revisions


def holds(other: str) -> dict[str, str]:
    return {"term": "holds", "badge": other}


async def test_what_cannot_be_published_changes_nothing():
    await publish(file(badge=[badge()]), to_the_past=True)
    known = CatalogueFile(badge=file(badge=[badge(count("vote"))]).badge)
    in_a_circle = file(badge=[badge(holds("b"), slug="a"), badge(holds("a"), slug="b")])
    unknown = CatalogueFile(badge=file(badge=[badge(count("like"), slug="c")]).badge)

    revisions = await revisions_after(
        msgspec.structs.replace(known, board=file(board=[board(kinds=["like"])]).board),
        in_a_circle,
        unknown,
    )

    assert len(set(revisions)) == 1
    assert await fetchval("SELECT count(*) FROM flow") == 1


async def test_a_circle_through_an_earlier_version_is_refused():
    await publish(file(badge=[badge(slug="b"), badge(holds("b"), slug="a")]), to_the_past=True)
    await publish(file(badge=[badge(slug="a")]))
    closing = file(badge=[badge(holds("a"), slug="b")])

    await revisions_after(closing)
    # Said about the past too, the earlier version of `a` is about nothing any more.
    await publish(file(badge=[badge(slug="a")]), to_the_past=True)
    assert (await publish(closing, to_the_past=True)).changes[0].version == 2


@pytest.mark.parametrize(
    ("first", "then", "pointer"),
    [
        (
            file(),
            CatalogueFile(kind=[msgspec.structs.replace(file().kind[0], opens_subject=False)]),
            "/kind/0/opens_subject",
        ),
        (
            file(badge=[badge(count("vote", per_subject=True))]),
            file(badge=[badge(count("vote", per_subject=True), earned="per_subject")]),
            "/badge/0/earned",
        ),
        (file(tier=[tier()]), file(tier=[tier(slug="other")]), "/tier/0/rank"),
    ],
)
async def test_what_would_contradict_the_ledger_is_refused(first, then, pointer):
    await publish(first)
    with pytest.raises(CatalogueInvalid) as refusal:
        await publish(then)

    assert [error.pointer for error in refusal.value.errors] == [pointer]


async def test_a_publication_that_is_rolled_back_leaves_what_was_in_force():
    await publish(file(badge=[badge()]))
    before = await now_in_force()

    async def publish_and_fail() -> None:
        async with unit_of_work():
            await publish(file(badge=[badge(slug="other")]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await publish_and_fail()

    assert await now_in_force() is before
    await publish(file(badge=[badge(slug="third")]))
    assert {each.slug for each in (await now_in_force()).badges} == {"badge", "third"}


async def test_two_publications_at_the_same_time_take_turns():
    one, other = file(badge=[badge()]), file(badge=[badge(), badge(slug="other")])
    published = await asyncio.gather(publish(one), publish(other), publish(one))

    changes = [(change.what, change.slug) for each in published for change in each.changes]
    assert sorted(changes) == [
        ("badge", "badge"),
        ("badge", "other"),
        ("kind", "post"),
        ("kind", "vote"),
    ]


async def test_the_shipped_catalogue_is_loaded_once_and_only_where_nothing_is():
    loaded = await asyncio.gather(load_default_if_empty(), load_default_if_empty())

    assert sorted(loaded) == [False, True]
    assert await load_default_if_empty() is False
    assert len((await now_in_force()).badges) == 18
    await publish(file())
    assert await load_default_if_empty() is False


async def test_the_catalogue_in_force_is_read_once(statements):
    await publish(catalogue())
    revision = await service.latest_revision()
    service.forget()
    with statements() as first:
        await service.in_force(revision)
    with statements() as second:
        await service.in_force(revision)

    assert len(first) == 2
    assert second == []


async def test_an_earlier_revision_can_still_be_read():
    first = await publish(file(badge=[badge()]))
    await publish(file(badge=[badge(slug="other")]))

    assert [each.slug for each in (await service.in_force(first.revision)).badges] == ["badge"]


async def test_who_publishes_is_written_down():
    published = await publish(file(), by=OPERATOR)
    await retire("kind", "vote", by=OPERATOR)
    await publish(prefixed(file(), "site"))

    rows = await fetch("SELECT actor, action, subject FROM audit_entry ORDER BY id")
    assert [row["action"] for row in rows] == ["catalogue.published"] * 2
    assert rows[0]["subject"] == f"catalogue:{published.revision}"
