"""What members are told of their recognition: once, when it is news, in the same transaction."""

import json
from datetime import timedelta

import pytest

from gamification.by_hand import service as by_hand
from gamification.by_hand.act import Wanted
from gamification.by_hand.reason import Reason
from gamification.by_hand.tables import Does
from gamification.catalogue.definitions import Words
from gamification.catalogue.publishing import publish
from gamification.challenges import managing, taking_part
from gamification.challenges.asking import ask_all
from gamification.challenges.celebrating import celebrate_with_all
from gamification.challenges.deciding import decide
from gamification.challenges.notifying import notify_participants
from gamification.credit import credit, credit_many
from gamification.holds import service as holds
from ground import clock
from ground.engine import fetch
from ground.languages import Language
from notifications.wording.rendering import render
from tests.gamification.challenges import MAYA, STARTS, published
from tests.gamification.programme import ALICE, BOB, CHIARA, SEASONS, activity, catalogue, set_up
from tests.gamification.steering import MAX

REASON = Reason(fr="Merci pour la fête.", en="Thanks for the party.")
AN_HOUR = timedelta(hours=1)
A_WORD = Words(fr="Une pause pour tout le monde.", en="A break for everybody.")
ANOTHER = Words(fr="Une heure de plus.", en="An hour more.")


@pytest.fixture
async def programme(database):
    await set_up()


pytestmark = pytest.mark.usefixtures("programme")


async def told(member_id=ALICE):
    """What a member reads, oldest first."""
    rows = await fetch(
        "SELECT category, facts::text, likes FROM notification WHERE member_id = $1 ORDER BY id",
        member_id,
    )
    return [
        (category, render(category, json.loads(facts), Language.ENGLISH, likes=likes).title)
        for category, facts, likes in rows
    ]


async def categories(member_id=ALICE):
    return [category for category, _ in await told(member_id)]


async def test_a_badge_is_told_once_with_its_like():
    """I5."""
    with clock.frozen(STARTS):
        first = activity("post", "1", STARTS - AN_HOUR)
        await credit(first)
        await credit(first)
    [(category, title)] = await told()
    assert (category, title) == ("badge.earned", "A name and 1 more badge")
    rows = await fetch("SELECT likes FROM notification")
    assert [row["likes"] for row in rows] == [2]


async def test_what_an_import_finds_is_no_news():
    with clock.frozen(STARTS):
        await credit_many([activity("post", "1", STARTS - timedelta(days=8))])
    assert await told() == []


async def test_what_staff_does_by_hand_is_told_with_the_reason():
    wanted = {"slug": "first-post", "members": (ALICE,), "reason": REASON}
    for does in (Does.GIVE, Does.GIVE, Does.TAKE):
        await by_hand.act(Wanted(does=does, **wanted), by=MAX)
    assert await categories() == ["badge.given", "badge.taken"]
    await by_hand.act(Wanted(does=Does.CREDIT, slug="post", members=(BOB,), reason=REASON), by=MAX)
    assert "points.given" in await categories(BOB)


async def test_what_is_held_released_and_taken_back_is_told():
    made = await credit(activity("comment", "1", clock.now() - 30 * 24 * AN_HOUR))
    await holds.hold(made.entry_id, REASON, by=MAX)
    await holds.hold(made.entry_id, REASON, by=MAX)
    await holds.release(made.entry_id, by=MAX)
    await holds.reverse(made.entry_id, REASON, by=MAX)
    assert await categories() == ["activity.held", "activity.released", "activity.reversed"]


async def test_who_takes_part_is_told_of_the_greatest_milestone_and_of_the_end_once():
    """I14."""
    with clock.frozen(STARTS - AN_HOUR):
        challenge = await published()
        for member_id in (ALICE, BOB):
            await taking_part.join(challenge.id, member_id)
    with clock.frozen(STARTS + AN_HOUR):
        await credit_many([activity("post", str(n), STARTS) for n in range(3)])
        await decide(challenge.id)
        await managing.pause(challenge.id, A_WORD, by=MAYA)
        await managing.resume(challenge.id, None, by=MAYA)
        await managing.extend(challenge.id, challenge.ends_at + AN_HOUR, ANOTHER, by=MAYA)
        await managing.cancel(challenge.id, None, by=MAYA)
    jobs = await fetch(
        "SELECT args FROM procrastinate_jobs WHERE task_name = 'challenges.notify' ORDER BY id"
    )
    for args in [json.loads(job["args"]) for job in jobs] * 2:
        await notify_participants(**args)
    said = [each for each in await told() if each[0].startswith("challenge.")]
    all_of_it = ["challenge.milestone", *["challenge.word"] * 2, "challenge.cancelled"]
    assert [category for category, _ in said] == all_of_it
    assert await categories(BOB) == all_of_it
    words = await fetch(
        "SELECT facts->'word'->>'en' FROM notification"
        " WHERE member_id = $1 AND category = 'challenge.word' ORDER BY id",
        BOB,
    )
    assert [word for (word,) in words] == [A_WORD.en, ANOTHER.en]
    assert await categories(CHIARA) == []


async def test_whom_a_challenge_is_for_is_asked_once_and_nobody_after_an_answer():
    """I14: whatever waits to be asked is taken back by a yes, by a no and by the end of it."""
    with clock.frozen(STARTS - AN_HOUR):
        challenge = await published()
        await taking_part.decline(challenge.id, CHIARA)
        jobs = await fetch("SELECT args FROM procrastinate_jobs WHERE task_name = 'challenges.ask'")
        [args] = [json.loads(job["args"]) for job in jobs]
        for _ in range(2):
            await ask_all(**args)
        assert await categories(ALICE) == await categories(BOB) == ["challenge.opened"]
        assert await categories(CHIARA) == []
        assert await waiting() == {ALICE, BOB}
        await taking_part.decline(challenge.id, ALICE)
        assert await waiting() == {BOB}
        await taking_part.join(challenge.id, BOB)
        assert await waiting() == set()
        other = await published()
        await ask_all(str(other.id))
        assert await waiting() == {ALICE, BOB, CHIARA}
        await managing.cancel(other.id, None, by=MAYA)
        await notify_participants(str(other.id), "cancelled", 100, [])
        assert await waiting() == set()
        assert await ask_all(str(other.id)) == 0


async def waiting():
    """Who is asked something as soon as it is a moment for it."""
    rows = await fetch(
        "SELECT member_id FROM notification WHERE shown_at IS NULL AND archived_at IS NULL"
    )
    return {row["member_id"] for row in rows}


async def test_a_season_is_in_the_inboxes_of_who_helped_once():
    """I14."""
    with clock.frozen(STARTS - AN_HOUR):
        await publish(catalogue(SEASONS))
        challenge = await published(season="first")
        await taking_part.join(challenge.id, ALICE)
        await taking_part.join(challenge.id, BOB)
    with clock.frozen(STARTS + AN_HOUR):
        await credit(activity("post", "1", STARTS))
        await celebrate_with_all("first")
        await celebrate_with_all("first")
    assert (await categories()).count("season.celebrated") == 1
    assert await categories(BOB) == []
