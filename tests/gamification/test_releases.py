"""Publications come into force in steps and can be rolled back; crediting goes on meanwhile."""

import asyncio
import contextvars
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from gamification.catalogue import members, service
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.errors import CatalogueInvalid, CriteriaCycle
from gamification.catalogue.publishing import publish, retire
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases import running, steps
from gamification.catalogue.releases import service as asking
from gamification.catalogue.releases.errors import (
    NothingToPublish,
    NotToBeRolledBack,
    PublicationAtWork,
    PublicationNotFound,
)
from gamification.catalogue.releases.running import run, run_due
from gamification.catalogue.releases.steps import step
from gamification.credit import credit, credit_many
from gamification.ledger import intake
from gamification.recognition import replay
from ground import clock
from ground.engine import fetch, fetchval
from ground.unit_of_work import unit_of_work
from tests.gamification.drafts import badge, board, count, file, tier
from tests.gamification.fortnight import START, a_history, happened, only
from tests.gamification.programme import (
    ALICE,
    BOB,
    CHIARA,
    ZONES,
    activity,
    badges_of,
    points_of,
    take_part,
)
from tests.gamification.steering import MAX, asked, held, published, rolled_back, until

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def one_member_a_page(monkeypatch):
    monkeypatch.setattr(members, "MOST_MEMBERS", 1)


def of_badges(*badges) -> CatalogueFile:
    return CatalogueFile(badge=file(badge=list(badges)).badge)


async def in_order():
    assert await replay.check() == []


async def test_a_publication_to_the_past_gives_what_the_past_earned():
    await publish(only("kind"))
    await happened()
    release = await published(of_badges(badge(count("comment", at_least=4))))

    assert (release.state, release.phase, release.members_done) == ("done", None, 3)
    assert {who for _, who, _ in await held()} == {ALICE, BOB, CHIARA}
    await in_order()


async def test_it_comes_to_the_same_as_publishing_in_one_go():
    await publish(only("kind"))
    await happened()
    await published(only("badge", "tier", "board"))
    in_steps = await held()
    await in_order()
    await publish(only("badge", "tier", "board"), to_the_past=True)

    assert await held() == in_steps
    assert len(in_steps) > 20


async def test_what_was_in_force_stays_until_the_past_is_counted():
    await publish(only("kind"))
    await happened()
    release = await until(await asked(of_badges(badge(count("comment")))), "counting")

    assert (await service.current()).badges == ()
    assert await held() == set()
    release = await until(release, "deciding")
    assert [each.slug for each in (await service.current()).badges] == ["badge"]
    assert release.in_force_at is not None


async def test_who_did_something_while_the_past_was_counted_is_counted_once():
    await publish(only("kind"))
    await happened()
    release = await until(
        await asked(
            CatalogueFile(
                badge=file(badge=[badge(count("comment", at_least=22, within_days=30))]).badge,
                board=file(board=[board(kinds=["comment"])]).board,
            )
        ),
        "counting",
    )
    keys = 0
    while (release := await step(release.id)).at_work:
        for who in (ALICE, BOB, CHIARA):
            keys += 1
            await credit(activity("comment", f"new{keys}", START, member_id=who))

    assert {slug for slug, _, _ in await held()} == {"badge"}
    await in_order()


async def test_crediting_goes_on_while_it_runs_and_comes_to_the_same():
    await publish(only("kind"))
    await take_part(ZONES)
    history = a_history()
    await credit_many(history[:100])
    release = await asked(only("badge", "tier", "board"))

    async def credit_the_rest(part):
        for each in history[100 + part :: 3]:
            await credit(each)

    async with asyncio.TaskGroup() as together:
        together.create_task(run(release.id))
        for part in range(3):
            together.create_task(credit_the_rest(part))

    assert await fetchval("SELECT count(*) FROM ledger_entry") == len(history)
    assert (await releases.read(release.id)).state == "done"
    await in_order()
    in_steps = await held()
    await publish(only("badge", "tier", "board"), to_the_past=True)
    assert await held() == in_steps


@pytest.mark.parametrize("phase", ["counting", "deciding"])
async def test_one_whose_worker_died_goes_on_where_it_was(monkeypatch, phase):
    await publish(only("kind"))
    await happened()
    release = await until(await asked(only("badge", "board")), phase)
    await step(release.id)
    before = await releases.read(release.id)

    async def die(*_):
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(steps.releases, "advance", die)
        with pytest.raises(ConnectionResetError):
            await run(release.id)
    assert await releases.read(release.id) == before
    assert before.members_done == 1

    with clock.frozen(clock.now() + timedelta(seconds=61)):
        await run_due()
    assert (await releases.read(release.id)).state == "done"
    await in_order()


async def test_two_workers_at_the_same_publication_take_turns():
    await publish(only("kind"))
    await happened()
    release = await asked(only("badge", "tier"))

    first, second = await asyncio.gather(run(release.id), run(release.id))

    assert (first.state, second.state) == ("done", "done")
    assert first.members_done == 3
    await in_order()


async def test_one_waits_for_its_moment_and_its_criteria_count_from_then():
    with clock.frozen(NOW):
        await publish(only("kind"))
        await take_part(ZONES)
        moment = NOW + timedelta(hours=1)
        release = await asked(of_badges(badge(count("comment"))), to_the_past=False, at=moment)
        await run_due()
        assert (await releases.read(release.id)).state == "waiting"
    with clock.frozen(moment + timedelta(minutes=5)):
        await credit(activity("comment", "early", moment - timedelta(minutes=1)))
        await credit(activity("comment", "late", moment + timedelta(minutes=1), member_id=BOB))
        await run_due()

        assert (await releases.read(release.id)).state == "done"
        assert {who for _, who, _ in await held()} == {BOB}
        await in_order()


async def test_at_its_moment_a_publication_that_cannot_come_into_force_says_why():
    with clock.frozen(NOW):
        await publish(file(badge=[badge(slug="b")]))
        wanted = of_badges(badge({"term": "holds", "badge": "b"}, slug="a"))
        release = await asked(wanted, at=NOW + timedelta(hours=1))
        await retire("badge", "b", by=MAX)
        revision = await service.latest_revision()
    with clock.frozen(NOW + timedelta(hours=1)):
        failed = await run(release.id)

        assert failed.state == "failed"
        assert failed.problem.code == "catalogue_invalid"
        assert failed.problem.errors[0].pointer == "/badge/0/criteria/badge"
        assert await service.latest_revision() == revision
        with pytest.raises(NotToBeRolledBack):
            await asking.roll_back(release.id, by=MAX)


async def test_there_is_one_at_a_time():
    await publish(only("kind"))
    await happened()
    release = await asked(only("badge"))

    with pytest.raises(PublicationAtWork):
        await asked(only("tier"))
    with pytest.raises(PublicationAtWork):
        await publish(only("board"))
    with clock.frozen(clock.now() + timedelta(hours=1)):
        later = await asked(only("tier"), at=clock.now() + timedelta(hours=1))
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert (await run(later.id)).state == "waiting"
        await run(release.id)
        await run_due()
        assert (await releases.read(later.id)).state == "done"


async def test_what_is_wrong_is_told_when_it_is_asked_for():
    await publish(file(badge=[badge(slug="b")]))

    def holds(slug):
        return {"term": "holds", "badge": slug}

    with pytest.raises(CriteriaCycle) as circle:
        await asked(of_badges(badge(holds("b"), slug="a"), badge(holds("a"), slug="b")))
    assert circle.value.path[0] == circle.value.path[-1]
    assert set(circle.value.path) == {"badge a", "badge b"}
    with pytest.raises(CatalogueInvalid) as invalid:
        await asked(of_badges(badge(count("like"))))
    assert invalid.value.errors[0].pointer == "/badge/0/criteria/kind"
    with pytest.raises(NothingToPublish):
        await asked(of_badges(badge(slug="b")), to_the_past=False)
    with pytest.raises(PublicationNotFound):
        await asking.roll_back(4711, by=MAX)
    assert await fetchval("SELECT count(*) FROM catalogue_release WHERE state <> 'done'") == 0


async def test_behind_a_long_import_it_steps_aside_and_comes_back(monkeypatch):
    monkeypatch.setattr(running, "PAUSE_SECONDS", 0.1)
    await publish(only("kind"))
    release = await asked(only("badge"))
    async with asyncio.TaskGroup() as together, unit_of_work():
        await intake.catalogue_revision()
        at_it = together.create_task(run(release.id), context=contextvars.Context())
        await asyncio.sleep(2.2)
        assert (await releases.read(release.id)).phase == "beginning"
    assert at_it.result().state == "done"


# Rolling back


async def test_rolled_back_everything_is_as_before():
    await publish(only("kind", "badge"), to_the_past=True)
    await happened()
    before, catalogue = await held(), await service.current()
    harder = [
        msgspec.structs.replace(
            each, criteria=file(badge=[badge(count(at_least=99))]).badge[0].criteria
        )
        for each in only("badge").badge[:2]
    ]
    release = await published(
        CatalogueFile(badge=harder, tier=only("tier").tier, board=only("board").board)
    )
    assert await held() != before

    release = await rolled_back(release)

    assert (release.state, release.rolled_back_by) == ("rolled_back", MAX.actor)
    assert await held() == before
    now = await service.current()
    assert (now.badges, now.tiers, now.boards) == (catalogue.badges, (), ())
    await in_order()


@pytest.mark.parametrize("phase", ["beginning", "counting", "switching", "deciding"])
async def test_one_that_still_runs_is_rolled_back_from_wherever_it_is(phase):
    await publish(only("kind", "badge"), to_the_past=True)
    await happened()
    before, badges = await held(), (await service.current()).badges
    gone = CatalogueFile(
        badge=file(badge=[badge(count(at_least=99), slug="first-post")]).badge,
        tier=only("tier").tier,
        board=only("board").board,
    )
    release = await until(await asked(gone), phase)
    if phase in {"counting", "deciding"}:
        await step(release.id)
    await credit(activity("post", "meanwhile", START, member_id=CHIARA, subject="q77"))

    assert (await rolled_back(release)).state == "rolled_back"
    assert (await service.current()).badges == badges
    assert before <= await held()
    await in_order()


async def test_one_that_waits_never_begins():
    await publish(only("kind"))
    release = await asked(only("badge"), at=clock.now() + timedelta(hours=1))

    assert (await rolled_back(release)).state == "rolled_back"
    with clock.frozen(clock.now() + timedelta(hours=2)):
        await run_due()
        assert (await service.current()).badges == ()


async def test_rolling_back_again_changes_nothing():
    await publish(only("kind"))
    release = await published(only("badge"))
    await rolled_back(release)
    revision = await service.latest_revision()

    assert (await rolled_back(release)).state == "rolled_back"
    assert await service.latest_revision() == revision


async def test_it_is_refused_when_something_later_builds_on_it():
    await publish(file())
    first = await published(of_badges(badge(slug="b")))
    later = await published(of_badges(badge({"term": "holds", "badge": "b"}, slug="a")))

    with pytest.raises(NotToBeRolledBack, match=r"badge a: There is no badge 'b'"):
        await asking.roll_back(first.id, by=MAX)
    again = await published(of_badges(badge(count(at_least=7), slug="a")))
    with pytest.raises(NotToBeRolledBack, match=rf"roll back publication {again.id} first"):
        await asking.roll_back(later.id, by=MAX)

    for release in (again, later, first):
        assert (await rolled_back(release)).state == "rolled_back"
    assert (await service.current()).badges == ()


async def test_versions_that_were_undone_keep_their_numbers():
    await publish(file(badge=[badge()]))
    await rolled_back(await published(of_badges(badge(count(at_least=2)))))
    await published(of_badges(badge(count(at_least=3))))

    rows = await fetch("SELECT version FROM publication WHERE what = 'badge' ORDER BY id")
    assert [row["version"] for row in rows] == [1, 2, 3]
    assert (await service.current()).badges[0].criteria.at_least == 3


async def test_a_kind_is_retired_instead_since_activities_have_it():
    await publish(file())
    await take_part(ZONES)
    release = await published(only("kind"))
    await credit(activity("comment", "c1", START))
    await rolled_back(release)

    assert (await credit(activity("comment", "c2", START))).code == "unknown_kind"
    assert await points_of(ALICE) == 2
    await in_order()


async def test_points_are_as_before_from_a_day_that_has_begun_nowhere():
    with clock.frozen(NOW):
        await publish(only("kind"))
        await take_part(ZONES)
        vote = msgspec.structs.replace(only("kind").kind[2], points=4)
        release = await published(CatalogueFile(kind=[vote]))
    with clock.frozen(NOW + timedelta(days=3)):
        assert (await credit(activity("vote", "v1", clock.now()))).points == 4
        await rolled_back(release)
        assert (await credit(activity("vote", "v2", clock.now()))).points == 4
    with clock.frozen(NOW + timedelta(days=6)):
        assert (await credit(activity("vote", "v3", clock.now()))).points == 1
        await in_order()


async def test_what_was_published_in_one_go_can_be_rolled_back_too():
    await publish(file())
    await take_part(ZONES)
    await credit(activity("post", "p1", START))
    done = await publish(of_badges(badge()), to_the_past=True)
    assert await badges_of(ALICE) == {"badge": START}

    await asking.roll_back(done.publication, by=MAX)
    await run(done.publication)

    assert await badges_of(ALICE) == {}
    await in_order()


async def test_who_published_and_who_rolled_back_is_in_the_audit_trail():
    await publish(file())
    release = await published(of_badges(badge()))
    await rolled_back(release)

    rows = await fetch("SELECT actor, role, action, details FROM audit_entry ORDER BY id")
    assert [row["action"] for row in rows] == [
        "catalogue.publication_asked",
        "catalogue.published",
        "catalogue.rollback_asked",
        "catalogue.rolled_back",
    ]
    assert {(row["actor"], row["role"]) for row in rows} == {(MAX.actor, "manager")}
    assert f'"publication": {release.id}' in rows[1]["details"]


async def test_a_tier_that_is_rolled_back_is_held_by_nobody():
    await publish(file())
    await take_part(ZONES)
    await credit(activity("post", "p1", START))
    release = await published(CatalogueFile(tier=file(tier=[tier()]).tier))
    assert await held() == {("tier", ALICE, "")}
    await rolled_back(release)

    assert await held() == set()
    await in_order()
