"""Campaigns: what a manager writes to many, and that nobody is pestered by it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from community.campaigns import sending as campaigns
from ground import clock
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from notifications.attention import service as attention
from notifications.campaigns import limits, withdrawing
from notifications.campaigns import sending as pages
from notifications.outbox import service as outbox
from notifications.push import deliveries, wanted
from notifications.push.outgoing import hand_on
from tests.community.campaigns import ASKING, CAMPAIGN, HOUR, MINUTE, NOON, crowd, phone, told

pytestmark = pytest.mark.usefixtures("catalogue")
CAMPAIGNS = "/manage/campaigns"


@pytest.fixture(autouse=True)
def noon():
    limits.keep_to(limits.Limits(alone=20, broadcasts=2, image_hosts=frozenset({"img.example"})))
    with clock.frozen(NOON):
        yield
    limits.keep_to(limits.Limits())


@pytest.fixture
async def mia(member):
    """Another manager."""
    return await member("Mia", Role.MANAGER)


@pytest.fixture
def draft(ask, max_):
    async def written(**changes):
        made = await ask("POST", CAMPAIGNS, max_, **CAMPAIGN | changes)
        assert made.status_code == 201, made.text
        return f"{CAMPAIGNS}/{made.json()['id']}", {"If-Match": made.headers["etag"]}

    return written


@pytest.fixture
def scheduled(ask, max_, draft):
    """A campaign that goes out. Gives its path."""

    async def going(at=None, **changes):
        path, seen = await draft(**changes)
        body = {} if at is None else {"at": at.isoformat()}
        answer = await ask("PUT", f"{path}/schedule", max_, headers=seen, **body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "scheduled"
        return path

    return going


def id_of(path):
    return path.rpartition("/")[2]


async def test_max_writes_a_draft_changes_it_and_sends_it_to_everybody(ask, max_, draft, alice):
    people = [alice.id, max_.id, *await crowd(3)]
    path, seen = await draft()
    unseen = await ask("PUT", path, max_, **CAMPAIGN)
    assert (unseen.status_code, unseen.json()["code"]) == (428, "precondition_missing")
    stale = await ask("PUT", path, max_, headers={"If-Match": '"9"'}, **CAMPAIGN)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    changed = await ask("PUT", path, max_, headers=seen, **CAMPAIGN | {"link": "/boards"})
    assert changed.json()["definition"]["link"] == "/boards"

    seen = {"If-Match": changed.headers["etag"]}
    going = (await ask("PUT", f"{path}/schedule", max_, headers=seen)).json()
    assert (going["state"], going["members"]) == ("scheduled", 5)
    await campaigns.by_the_clock()
    sent = (await ask("GET", path, max_)).json()
    assert (sent["state"], sent["told"], sent["gone_through"]) == ("sent", 5, 5)
    assert await told(id_of(path)) == sorted(people)
    [message] = (await ask("GET", "/me/notifications", alice)).json()["items"]
    assert (message["kind"], message["link"]) == ("news", "/boards")
    trail = await fetch("SELECT action FROM audit_entry WHERE action LIKE 'campaigns%' ORDER BY id")
    assert [row["action"] for row in trail] == [
        "campaigns.created",
        "campaigns.changed",
        "campaigns.scheduled",
    ]
    listed = (await ask("GET", CAMPAIGNS, max_)).json()["items"]
    assert [each["id"] for each in listed] == [id_of(path)]


async def test_what_cant_be_sent_is_refused_with_its_place(ask, max_):
    wrong = CAMPAIGN | {"segment": "nobody"}
    pressing = CAMPAIGN | {"body": {"fr": "Vite !", "en": "Hello."}}
    for body, code, pointer in (
        (wrong, "campaign_invalid", "/segment"),
        (pressing, "wording_refused", "/body/fr"),
        (CAMPAIGN | {"link": "//evil.example"}, "invalid", "/link"),
    ):
        refused = await ask("POST", CAMPAIGNS, max_, **body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_many_are_written_to_with_a_second_managers_word_alone(ask, max_, mia, draft):
    """T29."""
    await crowd(25)
    path, seen = await draft()
    wanted_ = await ask("PUT", f"{path}/schedule", max_, headers=seen)
    assert wanted_.json()["state"] == "proposed"
    await campaigns.by_the_clock()
    assert await told(id_of(path)) == []

    now = {"If-Match": wanted_.headers["etag"]}
    own = await ask("PUT", f"{path}/approval", max_, headers=now)
    assert (own.status_code, own.json()["code"]) == (403, "own_campaign")
    blind = await ask("PUT", f"{path}/approval", mia)
    assert blind.status_code == 428
    # What is approved is what was seen: a draft in between makes it another.
    again = await ask("DELETE", f"{path}/schedule", max_)
    changed = await ask("PUT", path, max_, headers={"If-Match": again.headers["etag"]}, **CAMPAIGN)
    seen = {"If-Match": changed.headers["etag"]}
    wanted_ = await ask("PUT", f"{path}/schedule", max_, headers=seen)
    stale = await ask("PUT", f"{path}/approval", mia, headers=now)
    assert stale.status_code == 412
    approved = await ask(
        "PUT", f"{path}/approval", mia, headers={"If-Match": wanted_.headers["etag"]}
    )
    assert (approved.json()["state"], approved.json()["approved_by"]) == ("scheduled", str(mia.id))
    await campaigns.by_the_clock()
    assert len(await told(id_of(path))) == 27


async def test_many_small_campaigns_are_a_great_one(ask, max_, scheduled, draft):
    """T29."""
    await crowd(12)
    await scheduled()
    path, seen = await draft()
    second = await ask("PUT", f"{path}/schedule", max_, headers=seen)
    assert second.json()["state"] == "proposed"
    await ask("PUT", f"{path}/refusal", max_)
    with clock.frozen(NOON + timedelta(hours=25)):
        path = await scheduled()
        assert (await ask("GET", path, max_)).json()["wanted_by"] == str(max_.id)


async def test_everybody_is_written_to_only_so_often_and_by_managers_who_still_are(
    ask, max_, mia, draft
):
    """T29."""
    await crowd(25)

    async def proposed():
        path, seen = await draft()
        answer = await ask("PUT", f"{path}/schedule", max_, headers=seen)
        return f"{path}/approval", {"If-Match": answer.headers["etag"]}

    for _ in range(2):
        path, seen = await proposed()
        assert (await ask("PUT", path, mia, headers=seen)).status_code == 200
    path, seen = await proposed()
    third = await ask("PUT", path, mia, headers=seen)
    assert (third.status_code, third.json()["code"]) == (409, "too_many_broadcasts")
    with clock.frozen(NOON + timedelta(hours=25)):
        await execute("UPDATE member SET role = 'ambassador' WHERE id = $1", max_.id)
        gone = await ask("PUT", path, mia, headers=seen)
        assert (gone.status_code, gone.json()["code"]) == (409, "sender_gone")


async def test_a_segment_that_grew_since_waits_for_a_second_word(ask, max_, scheduled):
    """T29."""
    path = await scheduled(at=NOON + HOUR)
    await crowd(30)
    with clock.frozen(NOON + HOUR):
        await campaigns.by_the_clock()
        grown = (await ask("GET", path, max_)).json()
    assert (grown["state"], grown["members"]) == ("proposed", 31)
    assert await told(id_of(path)) == []


async def test_it_goes_out_gently_and_at_its_moment(ask, max_, scheduled):
    await crowd(19)
    ramp = {"ramp": "steps", "percents": [1, 50], "every_minutes": 10}
    path = await scheduled(at=NOON + HOUR, ramp=ramp)
    reached = []
    for minutes in (59, 60, 61, 70, 79, 80):
        with clock.frozen(NOON + minutes * MINUTE):
            await campaigns.by_the_clock()
            reached.append(len(await told(id_of(path))))
    assert reached == [0, 1, 1, 10, 10, 20]
    assert (await ask("GET", path, max_)).json()["state"] == "sent"


async def test_a_pace_is_kept_and_a_late_worker_catches_up(scheduled):
    await crowd(9)
    path = await scheduled(ramp={"ramp": "pace", "per_minute": 3})
    reached = []
    for minutes in (0, 1, 5):
        with clock.frozen(NOON + minutes * MINUTE):
            await campaigns.by_the_clock()
            reached.append(len(await told(id_of(path))))
    assert reached == [3, 6, 10]


async def test_workers_that_die_and_work_at_once_write_to_each_once(scheduled, monkeypatch):
    """I14."""
    people = await crowd(19)
    path = await scheduled()
    monkeypatch.setattr(pages, "PAGE", 4)
    monkeypatch.setattr(pages, "BETWEEN_PAGES", 0)
    monkeypatch.setattr(campaigns, "LOOKED_FOR", 6)
    write, pages_written = pages.execute, []

    async def dying(*args):
        await write(*args)
        pages_written.append(args)
        if len(pages_written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(pages, "execute", dying)
    with pytest.raises(KeyboardInterrupt):
        await campaigns.by_the_clock()
    monkeypatch.setattr(pages, "execute", write)
    assert len(await told(id_of(path))) == 4
    await asyncio.gather(*(campaigns.by_the_clock() for _ in range(3)))
    await campaigns.by_the_clock()
    assert (await told(id_of(path)))[:19] == people
    assert len(await told(id_of(path))) == 20
    assert await fetchval("SELECT seen FROM campaign") == 20


async def test_who_left_meanwhile_is_not_written_to(scheduled, alice, bob, max_):
    path = await scheduled(at=NOON + HOUR)

    await execute("DELETE FROM preferences WHERE member_id = $1", alice.id)
    with clock.frozen(NOON + HOUR):
        await campaigns.by_the_clock()
    assert alice.id not in await told(id_of(path))
    assert max_.id in await told(id_of(path))


@pytest.mark.parametrize("kind", ["news", "solicitation"])
async def test_a_stopped_campaign_leaves_no_more_from_anywhere(ask, max_, scheduled, kind):
    """I32, T29."""
    people = await crowd(6)
    for each in people:
        await phone(each)
    path = await scheduled(kind=kind, ramp={"ramp": "pace", "per_minute": 4})
    await campaigns.by_the_clock()
    held = await outbox.claim(2)
    await hand_on()
    assert (await fetchval("SELECT count(*) FROM push_delivery")) == 2
    claimed = await deliveries.claim(UUID(int=1), 1)

    stopped = await ask("PUT", f"{path}/stopped", max_)
    assert stopped.json()["state"] == "stopped"
    # What a worker has in its hands this moment is asked about before it leaves.
    unwanted = await wanted.not_now(claimed.held)
    assert [(each.state, each.fault) for each in unwanted] == [("dropped", "stopped")]
    assert await deliveries.settle(UUID(int=1), unwanted) == 1
    assert await outbox.decide(held) == []
    await withdrawing.withdraw(UUID(id_of(path)))
    with clock.frozen(NOON + 5 * MINUTE):
        await campaigns.by_the_clock()
        assert await outbox.claim(100) == []
        assert (await deliveries.claim(UUID(int=2), 100)).held == []
    assert len(await told(id_of(path))) == 4
    lines = await fetch("SELECT DISTINCT why FROM delivery_line WHERE outcome <> 'sent'")
    assert [row["why"] for row in lines] == ["stopped"]
    untold = "SELECT count(*) FROM delivery_line WHERE why = 'stopped'"
    # One of the four is in the hands of a worker, who notes it.
    assert await fetchval(untold) == 3
    again = await ask("PUT", f"{path}/stopped", max_)
    assert again.json()["etag"] == stopped.json()["etag"]


async def test_what_asks_waits_for_its_turn_in_the_budget(ask, alice, scheduled):
    """I16."""
    for number in range(3):
        await scheduled(kind="solicitation", link=f"/{number}")
    await campaigns.by_the_clock()
    await hand_on()
    shown = (await ask("GET", "/me/notifications", alice)).json()["items"]
    held = (await ask("GET", "/me/notifications/held-back", alice)).json()["items"]
    assert (len(shown), [each["why"] for each in held]) == (2, ["budget"])


async def test_max_sees_who_gets_it_who_doesnt_and_why(ask, max_, draft, statements):
    people = await crowd(9)
    for each in people[:8]:
        await phone(each)
    await execute(
        """
        UPDATE preferences SET choices = '{"campaign.ask": {"push": false, "inbox": false}}'
        WHERE member_id = $1
        """,
        people[0],
    )
    wish = "UPDATE preferences SET {} WHERE member_id = $1"
    await execute(wish.format("paused_until = '2027-01-01'"), people[1])
    await attention.rest(people[2], NOON + HOUR, "moderation")
    await attention.said_no(people[3], "campaign.ask")
    await execute(wish.format("asks = 0"), people[4])
    await execute(wish.format("asks = 1"), people[5])
    await attention.spend([(people[5], 1, "x")], NOON)
    await execute(wish.format("time_zone = 'Asia/Tokyo'"), people[6])
    path, _ = await draft(**ASKING)
    with statements() as heard:
        seen = (await ask("GET", f"{path}/audience", max_)).json()
    assert len(heard) <= 6
    assert (seen["members"], seen["on_a_phone"], seen["in_the_inbox"]) == (10, 1, 3)
    assert {each["why"]: each["members"] for each in seen["reasons"]} == {
        "switched_off": 1,
        "paused": 1,
        "resting": 1,
        "said_no": 1,
        "no_asking": 1,
        "budget": 1,
        "quiet": 1,
        "no_device": 2,
    }
    assert all(each["says"] for each in seen["reasons"])
    news, _ = await draft()
    seen = (await ask("GET", f"{news}/audience", max_)).json()
    assert (seen["on_a_phone"], seen["in_the_inbox"]) == (6, 10)


async def test_max_sees_it_on_phones_in_both_languages_and_sends_it_to_himself(
    ask, max_, alice, draft
):
    await phone(max_.id)
    long = "Un <b>mot</b> " * 30
    path, _ = await draft(
        body={"fr": long, "en": "Short."}, image_url="https://img.example/a.png?b=1&c"
    )
    phones = (await ask("GET", f"{path}/phones", max_)).json()["phones"]
    assert len(phones) == 6
    for each in phones:
        assert each["is_cut"] is (each["language"] == "fr")
        assert len(each["body"]) <= 240
        assert len(each["folded_body"]) <= len(each["body"])
    page = await ask("GET", f"{path}/preview", max_)
    assert page.headers["content-type"].startswith("text/html")
    assert "img-src https://img.example;" in page.headers["content-security-policy"]
    assert "<b>" not in page.text
    assert 'src="https://img.example/a.png?b=1&amp;c"' in page.text
    assert page.text.count("<li") == 6

    assert (await ask("POST", f"{path}/test", max_)).status_code == 202
    await hand_on()
    mine = (await ask("GET", "/me/notifications", max_)).json()["items"]
    assert [each["kind"] for each in mine] == ["service", "service"]
    assert await fetchval("SELECT count(*) FROM push_delivery") == 2
    assert (await ask("GET", "/me/notifications", alice)).json()["items"] == []


async def test_max_reads_what_became_of_it(ask, max_, alice, bob, scheduled):
    for each in (alice, bob):
        await phone(each.id)
    path = await scheduled()
    await campaigns.by_the_clock()
    await hand_on()
    page = await deliveries.claim(UUID(int=1), 100)
    states = [deliveries.PushState.SENT, deliveries.PushState.FAILED]
    await deliveries.settle(
        UUID(int=1),
        [
            deliveries.Settled(id=each.id, state=state)
            for each, state in zip(page.held, states, strict=True)
        ],
    )
    [message] = (await ask("GET", "/me/notifications", alice)).json()["items"]
    for _ in range(2):
        opened = await ask("POST", f"/me/notifications/{message['id']}/opened", alice)
        assert opened.status_code == 204
    assert (await ask("POST", f"/me/notifications/{message['id']}/opened", bob)).status_code == 404
    off = """UPDATE preferences SET choices = '{"campaign.news": {"push": false}}'"""
    await execute(f"{off} WHERE member_id = $1", bob.id)

    found = (await ask("GET", f"{path}/results", max_)).json()
    reasons = found.pop("not_pushed")
    assert found == {
        "told": 3,
        "waiting": 0,
        "sent": 2,
        "accepted": 1,
        "failed": 1,
        "opened": 1,
        "declined": 0,
        "muted_afterwards": 1,
    }
    assert [(each["why"], each["members"]) for each in reasons] == [("no_device", 1)]


OUT_OF_TURN = {
    "draft": ["approval", "refusal", "stopped"],
    "proposed": ["PUT", "DELETE", "schedule"],
    "scheduled": ["PUT", "DELETE", "schedule", "approval", "refusal"],
    "sending": ["PUT", "DELETE", "schedule", "approval", "refusal", "unscheduled"],
    "sent": ["PUT", "DELETE", "schedule", "approval", "refusal", "unscheduled"],
    "stopped": ["PUT", "DELETE", "schedule", "approval", "refusal", "unscheduled"],
}


async def test_nothing_happens_out_of_turn(ask, max_, draft):
    path, seen = await draft()
    for state, refused in OUT_OF_TURN.items():
        await execute("UPDATE campaign SET state = $1", state)
        for what in refused:
            method, below = {
                "PUT": ("PUT", path),
                "DELETE": ("DELETE", path),
                "unscheduled": ("DELETE", f"{path}/schedule"),
            }.get(what, ("PUT", f"{path}/{what}"))
            body = CAMPAIGN if what == "PUT" else {}
            answer = await ask(method, below, max_, headers=seen, **body)
            assert (answer.status_code, answer.json()["code"]) == (409, "campaign_state"), what


async def test_what_isnt_there_is_said_to_be_so(ask, max_):
    path = f"{CAMPAIGNS}/{UUID(int=7)}"
    for below in ("", "/audience", "/phones", "/preview", "/results"):
        answer = await ask("GET", f"{path}{below}", max_)
        assert (answer.status_code, answer.json()["code"]) == (404, "campaign_not_found")
    assert (await ask("POST", "/me/notifications/7/opened", max_)).status_code == 404


async def test_a_moment_long_ago_or_far_away_is_refused(ask, max_, draft):
    path, seen = await draft()
    for at in ("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"):
        answer = await ask("PUT", f"{path}/schedule", max_, headers=seen, at=at)
        assert answer.status_code == 409
    bare = await ask("PUT", f"{path}/schedule", max_, headers=seen, at="2026-12-01T00:00:00")
    assert bare.status_code == 422
