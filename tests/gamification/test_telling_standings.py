"""What members hear on their own channel about their recognition, as it changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gamification.by_hand import service as by_hand
from gamification.by_hand.act import Wanted
from gamification.by_hand.reason import Reason
from gamification.by_hand.tables import Does
from gamification.catalogue.publishing import publish
from gamification.credit import credit_many, reverse
from gamification.holds import service as holds
from gamification.recognition import replay
from gamification.standings.events import StandingChanged
from gamification.streaks.streak import UNITS, Run, last_day_to_go_on, period_number
from ground import clock
from ground.engine import execute, fetchval
from ground.unit_of_work import unit_of_work
from notifications.announcements import history
from tests.gamification.drafts import badge, file
from tests.gamification.programme import SEASONS, activity, catalogue
from tests.gamification.test_hands_confluence import MONA
from tests.verified import verifies

# In a season.
NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
async def alice(client, join):
    """Alice, with the app open."""
    await publish(catalogue(), to_the_past=True)
    await publish(catalogue(SEASONS), to_the_past=True)
    member_id = await join("alice", "Alice")
    await history.read(f"member:{member_id}", None, 1)
    return member_id


class Screen:
    """What the app shows: read once, then kept right by what it hears (I22)."""

    def __init__(self, client, headers, alice):
        self.client, self.headers = client, headers
        self.channel = f"member:{alice}"

    async def read(self):
        """Subscribe first, then read: so nothing is missed, and some may be heard twice."""
        self.position = (await history.read(self.channel, None, 1)).position
        self.standing, self.badges = await self.fresh()
        return self

    async def fresh(self):
        standing = (await self.client.get("/v1/me/standing", headers=self.headers)).json()
        badges = (await self.client.get("/v1/me/badges?limit=100", headers=self.headers)).json()
        tier = standing["tier"]
        of_tier = tier and {key: tier[key] for key in ("slug", "reached_at", "lapses_at")}
        kept = ("points", "streaks", "last_active_on", "badges")
        return (
            {key: standing[key] for key in kept}
            | {"tier": of_tier}
            | {"seasons": {season["slug"]: season["points"] for season in standing["seasons"]}},
            {
                (each["slug"], each["subject"], (each["season"] or {"slug": ""})["slug"]): each[
                    "awarded_at"
                ]
                for each in badges["items"]
            },
        )

    async def hear(self):
        """Apply what was said since. Return it."""
        found = await history.read(self.channel, self.position, 1000)
        # What they are told besides is another matter.
        said = [each for each in found.said if each.type == StandingChanged.type]
        for each in said:
            self.apply(msgspec.json.decode(each.data))
        self.position = found.position
        return [msgspec.json.decode(each.data, type=StandingChanged) for each in said]

    def apply(self, data):
        today = clock.now().astimezone(PARIS).date().isoformat()
        streaks = {
            unit: {"current": each["length"] if (each["lasts_through"] or "") >= today else 0}
            | {"best": each["best"]}
            for unit, each in data["streaks"].items()
        }
        kept = ("points", "last_active_on", "badges", "tier", "seasons")
        self.standing = {key: data[key] for key in kept} | {"streaks": streaks}
        for each in data["held"]:
            self.badges[each["slug"], each["subject"], each["season"]] = each["awarded_at"]
        for each in data["gone"]:
            self.badges.pop((each["slug"], each["subject"], each["season"]), None)

    async def is_right(self):
        return (self.standing, self.badges) == await self.fresh()


def did(alice, kind, key, days_ago=0, **more):
    return activity(kind, key, NOW - timedelta(days=days_ago), member_id=alice, **more)


async def credit(*told):
    return [each.entry_id for each in await credit_many(told)]


def steps(alice):  # noqa: C901
    """Everything that changes somebody's recognition, in an order in which it happens."""
    entries = {}

    async def act(does, slug):
        wanted = Wanted(does=does, slug=slug, members=(alice,), reason=Reason(fr="Merci."))
        await by_hand.act(wanted, by=MONA)

    async def first():
        entries["post"], *_ = await credit(did(alice, "post", "p", subject="post:1"))

    async def more():
        told = [did(alice, "post", f"p{n}", days_ago=n, subject=f"s{n}") for n in range(1, 4)]
        entries["posts"] = await credit(*told, did(alice, "comment", "c"))

    async def votes():
        vote = did(alice, "vote", "v", subject="post:1", giver="b")
        entries["votes"] = await credit(vote, did(alice, "vote", "w", subject="post:1", giver="c"))

    async def nothing_new():
        await credit(did(alice, "post", "p", subject="post:1"))

    async def long_ago():
        await credit(did(alice, "comment", "old", days_ago=200))

    async def undone():
        await reverse(entries["votes"][:1], reason="refund")

    async def much_undone():
        await reverse(entries["posts"], reason="refund")

    async def held():
        await holds.hold(entries["post"], Reason(en="A look."), by=MONA)

    async def released():
        await holds.release(entries["post"], by=MONA)

    async def given():
        await act(Does.GIVE, "both")

    async def taken():
        await act(Does.TAKE, "both")

    async def left():
        await act(Does.LEAVE, "both")

    async def published():
        more = file(badge=[badge({"term": "count", "kind": "comment", "at_least": 1}, slug="new")])
        await publish(more, to_the_past=True)

    return [
        *(first, more, votes, nothing_new, long_ago, undone, given, taken, left, held, released),
        *(much_undone, published),
    ]


@verifies("standing_changed")
async def test_a_screen_that_listens_shows_what_a_fresh_read_would(client, sign_in, alice):
    """I22: after each thing that can happen, whenever the screen was opened."""
    with clock.frozen(NOW):
        screens = [await Screen(client, sign_in("alice"), alice).read()]
        for step in steps(alice):
            await step()
            fresh = await screens[0].fresh()
            for screen in screens:
                await screen.hear()
                assert (screen.standing, screen.badges) == fresh, step.__name__
            screens.append(await Screen(client, sign_in("alice"), alice).read())
        late = await Screen(client, sign_in("alice"), alice).read()
        late.position = 0
        assert len(await late.hear()) > 10
        assert await late.is_right(), "hearing it again changes nothing"


async def test_a_transaction_tells_a_member_once(client, sign_in, alice):
    with clock.frozen(NOW):
        screen = await Screen(client, sign_in("alice"), alice).read()
        async with unit_of_work():
            [entry] = await credit(did(alice, "post", "p"))
            await credit(did(alice, "comment", "c"))
            await reverse([entry], reason="refund")
            await credit(did(alice, "post", "q"))
        [event] = await screen.hear()
        assert await screen.is_right()

    assert (event.points, event.gained) == (7, 7)
    assert [(each.slug, each.is_new) for each in event.held] == [
        ("first-post", True),
        ("unblemished", True),
    ]
    assert event.gone == []
    assert event.seasons == {"second": 7}


async def test_who_never_listened_costs_a_look_and_nothing_else(client, alice, join, statements):
    """The number of statements doesn't depend on how many members there are, or listen."""
    others = [await join(f"m{n}", f"Member {n}") for n in range(5)]
    await credit(did(alice, "comment", "warm"), *(did(each, "comment", "warm") for each in others))
    sent = {}
    for name, members in {"nobody": others, "one": [alice], "all": [alice, *others]}.items():
        if name == "all":
            for each in others:
                await history.read(f"member:{each}", None, 1)
        with statements() as counted:
            await credit(*(did(each, "comment", name) for each in members))
        sent[name] = counted

    def about(name):
        return [sql for sql in sent[name] if "announcement" in sql or "LATERAL" in sql]

    assert len(about("nobody")) == 1
    assert len(about("one")) == len(about("all")) == 4
    assert await fetchval("SELECT count(*) FROM announcement WHERE channel LIKE 'member:%'") == 8


async def test_what_fails_tells_nobody(client, sign_in, alice):
    """I12: points that were rolled back were never announced."""
    screen = await Screen(client, sign_in("alice"), alice).read()

    async def fail():
        async with unit_of_work():
            await credit(did(alice, "comment", "c"))
            await execute("SELECT 1/0")

    with pytest.raises(Exception, match="division"):
        await fail()
    assert await screen.hear() == []


@pytest.mark.parametrize("unit", UNITS)
def test_a_streak_lasts_through_the_last_day_that_continues_it(unit):
    for n in range(0, 800, 7):
        day = date(2026, 1, 1) + timedelta(days=n)
        run = Run().extended_to(period_number(day, unit))
        last = last_day_to_go_on(run, unit)
        assert run.alive_in(period_number(last, unit))
        assert not run.alive_in(period_number(last + timedelta(days=1), unit))
    assert last_day_to_go_on(Run(), unit) is None


@pytest.mark.parametrize(
    ("damage", "held", "gone"),
    [
        pytest.param("UPDATE standing SET points = 99", [], [], id="wrong points"),
        pytest.param("DELETE FROM award", [("first-post", True)], [], id="a badge that got lost"),
        pytest.param(
            "UPDATE award SET badge = 'burst' WHERE badge = 'first-post'",
            [("first-post", True)],
            ["burst"],
            id="one that nobody earned",
        ),
        pytest.param("DELETE FROM tier_held", [], [], id="a tier that got lost"),
        pytest.param("UPDATE board_points SET points = 99", [], [], id="points of a season"),
    ],
)
async def test_what_a_replay_mends_is_told(client, sign_in, alice, damage, held, gone):
    with clock.frozen(NOW):
        told = [did(alice, "post", each) for each in "pq"]
        await credit(*told, did(alice, "comment", "c", days_ago=1))
        await execute(damage)
        screen = await Screen(client, sign_in("alice"), alice).read()

        await replay.rebuild(by=MONA)
        [told] = await screen.hear()

        assert await screen.is_right()
        assert {(each.slug, each.is_new) for each in told.held} >= set(held)
        assert [each.slug for each in told.gone] == gone
        assert await screen.hear() == []


async def test_what_members_dont_see_is_mended_without_a_word(client, sign_in, alice):
    with clock.frozen(NOW):
        await credit(did(alice, "post", "p"))
        await execute("UPDATE tally SET n = n + 1")
        screen = await Screen(client, sign_in("alice"), alice).read()

        assert await replay.rebuild(by=MONA) > 0
        assert await screen.hear() == []
