"""Digests: what they gather, for whom, and how often."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from community.digests.running import by_the_clock
from gamification.challenges.challenge import EVERYBODY
from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import unit_of_work
from notifications import forgetting
from notifications.digests import service
from notifications.notify import notify
from notifications.preferences import wishes
from notifications.preferences.views import WishesChange
from notifications.wording.category import Channel
from tests.notifications.told import ALICE, BOB, FIRST, ask, earn, somebody

# A Monday, a minute past nine in Paris.
MONDAY = datetime(2026, 11, 30, 8, 1, tzinfo=UTC)
DAY = timedelta(days=1)
COUNTS = {"kind": "sum", "of": "activities", "at_least": 100}


async def challenge(title="Cent critiques", *, starts=-5 * DAY, ends=20 * DAY, **more):
    """A challenge of everybody's, in days from Monday."""
    challenge_id = uuid4()
    words = {"title": {"fr": title, "en": title}, "description": {"fr": "d", "en": "d"}}
    await execute(
        """
        INSERT INTO challenge (id, words, team, counts, goal, milestones, starts_at, ends_at,
            pauses, counts_since_start, shows_ranking, segment, state, revision, made_by, made_at,
            published_at)
        VALUES ($1, $2::jsonb, 'community', '{}', 100, '{50,100}', $3, $4, '{}', true, false, $5,
            $6, 1, 'x', $3, $7)
        """,
        challenge_id,
        json.dumps(words),
        MONDAY + starts,
        MONDAY + ends,
        more.get("segment"),
        more.get("state", "running"),
        None if more.get("state") == "draft" else MONDAY - 30 * DAY,
    )
    return challenge_id


async def milestone(challenge_id, percent, *, ago=DAY, team=EVERYBODY):
    await execute(
        """
        INSERT INTO challenge_milestone (challenge, team, percent, stretch, reached_at)
        VALUES ($1, $2, $3, false, $4)
        """,
        challenge_id,
        team,
        percent,
        MONDAY - ago,
    )


async def due(*member_ids):
    """Members whose digest was due a minute ago."""
    await somebody(*member_ids)
    await execute("UPDATE preferences SET digest_at = $1", MONDAY - timedelta(minutes=1))


async def run(at=MONDAY):
    with clock.frozen(at):
        await by_the_clock()


async def digests():
    rows = await fetch("SELECT * FROM digest ORDER BY id")
    return [dict(row) | {"content": json.loads(row["content"])} for row in rows]


async def told():
    rows = await fetch("SELECT facts FROM notification WHERE category = 'digest.ready'")
    return [json.loads(row["facts"]) for row in rows]


async def test_what_all_achieved_what_is_mine_and_what_is_coming_stand_in_the_inbox(database):
    await due(ALICE)
    done = await challenge("Cent critiques")
    await milestone(done, 50)
    await milestone(done, 100)
    soon = await challenge("Mille pas", starts=3 * DAY)
    with clock.frozen(MONDAY - DAY):
        await earn(ALICE)
    await run()

    [digest] = await digests()
    [reached], [begins] = digest["content"]["together"], digest["content"]["coming"]
    assert (reached["what"], reached["link"]) == ("reached", f"/challenges/{done}")
    assert (begins["what"], begins["link"]) == ("begins", f"/challenges/{soon}")
    assert len(digest["content"]["messages"]) == 1
    assert digest["period"] == "2026-W49"
    [facts] = await told()
    assert facts["title"] == {"fr": "La semaine, ensemble", "en": "The week, together"}
    assert facts["summary"]["en"] == (
        "1 thing achieved together · 1 message for you · 1 date ahead"
    )
    assert facts["summary"]["fr"] == "1 réussite commune · 1 message pour vous · 1 date à venir"


async def test_what_all_achieved_is_not_said_once_more_as_mine(database):
    await due(ALICE)
    done, other = await challenge("Cent critiques"), uuid4()
    await milestone(done, 50)
    with clock.frozen(MONDAY - DAY):
        async with unit_of_work():
            for each in (done, other):
                facts = {"challenge": str(each), "name": FIRST, "percent": 50}
                await notify(ALICE, "challenge.milestone", **facts)
    await run()
    [digest] = await digests()
    of_other = await fetchval(
        "SELECT id FROM notification WHERE facts ->> 'challenge' = $1", str(other)
    )
    assert digest["content"]["messages"] == [of_other]


async def test_with_nothing_to_say_nothing_is_said(database):
    await due(ALICE)
    await milestone(await challenge(state="draft"), 50)
    await milestone(await challenge(), 50, ago=20 * DAY)
    await milestone(await challenge(), 50, team=uuid4())
    with clock.frozen(MONDAY - DAY):
        await ask(ALICE)
        await earn(ALICE)
    await execute("UPDATE notification SET read_at = now()")
    await run()
    assert await digests() == []
    assert await fetchval("SELECT digest_at FROM preferences") == MONDAY - timedelta(
        minutes=1
    ) + timedelta(days=7)


async def test_once_a_period_however_many_workers_and_crashes(database):
    """I14."""
    await due(ALICE, BOB)
    await milestone(await challenge(), 100)
    with clock.frozen(MONDAY):
        await asyncio.gather(*(by_the_clock() for _ in range(4)))
    # As after a restore that forgot when the next one is.
    await execute("UPDATE preferences SET digest_at = $1", MONDAY)
    await milestone(await challenge(), 100, ago=-timedelta(minutes=30))
    await run(MONDAY + timedelta(hours=1))
    assert sorted(each["member_id"] for each in await digests()) == [ALICE, BOB]
    assert len(await told()) == 2


async def test_nothing_comes_twice_and_what_wasnt_read_makes_way(database):
    await due(ALICE)
    await milestone(await challenge("Une"), 50)
    await run()
    await milestone(await challenge("Deux"), 50, ago=-2 * DAY)
    await run(MONDAY + 7 * DAY)
    first, second = await digests()
    assert [each["name"]["fr"] for each in second["content"]["together"]] == ["Deux"]
    assert first["until"] == second["since"]
    assert [each["digest"] for each in await told()] == [str(second["id"])]


async def test_a_crash_in_a_page_leaves_all_for_the_next(database, monkeypatch):
    await due(ALICE)
    await milestone(await challenge(), 50)

    async def crash(*_):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(service, "notify_many", crash)
        with pytest.raises(ConnectionError):
            await run()
    assert await digests() == []
    await run()
    assert len(await digests()) == 1


async def test_who_said_never_who_said_no_and_who_has_not_come_hear_nothing(database):
    await due(ALICE, BOB)
    declined = await challenge(starts=2 * DAY)
    await execute(
        "INSERT INTO challenge_declined (challenge, member_id, said_at) VALUES ($1, $2, now())",
        declined,
        BOB,
    )
    with clock.frozen(MONDAY - DAY):
        await wishes.change(ALICE, WishesChange(digest="never"))
    await execute(
        "INSERT INTO preferences (member_id, locale, time_zone, expected) VALUES"
        " ($1, 'fr', 'Europe/Paris', true)",
        UUID(int=9),
    )
    await run()
    assert await digests() == []


async def test_a_challenge_of_a_segment_is_for_who_is_in_it(database):
    await due(ALICE)
    await milestone(await challenge(segment="no-such-segment"), 100)
    await run()
    assert await digests() == []


async def test_who_switched_a_kind_off_for_digests_doesnt_find_it_there(database):
    await due(ALICE)
    await wishes.change(ALICE, WishesChange(categories={"badge.earned": {Channel.DIGEST: False}}))
    with clock.frozen(MONDAY - DAY):
        await earn(ALICE)
    await run()
    assert await digests() == []


async def test_a_change_of_wishes_is_planned_anew(database):
    await due(ALICE)
    with clock.frozen(MONDAY - 3 * DAY):
        await wishes.change(ALICE, WishesChange(digest="daily"))
        await by_the_clock()
    planned = await fetchval("SELECT digest_at FROM preferences")
    assert planned == (MONDAY - 2 * DAY).replace(minute=0)


async def test_pages_cost_the_same_whatever_their_size(database, statements):
    await due(*(UUID(int=number) for number in range(1, 4)))
    await milestone(await challenge(), 50)
    with statements() as few:
        await run()
    await execute("DELETE FROM digest")
    await due(*(UUID(int=number) for number in range(1, 41)))
    with statements() as many:
        await run()
    assert len(await digests()) == 40
    assert len(many) == len(few)


async def test_a_digest_is_read_in_the_app_by_its_member_only(client, sign_in, join):
    alice, _ = await join("alice", "Alice"), await join("bob", "Bob")
    await execute("UPDATE preferences SET digest_at = $1 WHERE member_id = $2", MONDAY, alice)
    await milestone(await challenge("Cent critiques"), 50)
    await challenge("Mille pas", ends=3 * DAY)
    with clock.frozen(MONDAY - DAY):
        async with unit_of_work():
            await notify(alice, "badge.earned", badge="first", name=FIRST)
    await run()
    [digest] = await digests()
    headers = sign_in("alice") | {"Accept-Language": "fr"}
    answer = await client.get(f"/v1/me/digests/{digest['id']}", headers=headers)
    assert answer.status_code == 200
    said = {
        each["part"]: [line["text"] for line in each["lines"]] for each in answer.json()["parts"]
    }
    assert said == {
        "together": ["Cent critiques : 50 % du chemin"],
        "mine": ["Nouveau badge : Première critique"],
        "coming": ["Mille pas se termine le jeudi 3 décembre"],
    }
    for uid, name in (("bob", digest["id"]), ("alice", 4711), ("alice", 2**70)):
        answer = await client.get(f"/v1/me/digests/{name}", headers=sign_in(uid))
        assert (answer.status_code, answer.json()["code"]) in {
            (404, "digest_not_found"),
            (404, "not_found"),
            (422, "invalid"),
        }


async def test_who_leaves_leaves_no_digest(database):
    await due(ALICE)
    await milestone(await challenge(), 50)
    await run()
    async with unit_of_work():
        await forgetting.forget(ALICE)
    assert await digests() == []


async def test_digests_are_kept_for_a_year(database):
    await due(ALICE)
    await milestone(await challenge(), 50)
    await run()
    with clock.frozen(MONDAY + 364 * DAY):
        assert await service.purge() == 0
    with clock.frozen(MONDAY + 366 * DAY):
        assert await service.purge() == 1
