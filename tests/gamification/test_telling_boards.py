"""What everybody hears on a board's channel: places as they change, and nothing that is hidden."""

import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
import pytest

from gamification.boards.reading import Line
from gamification.boards.teller import visible
from gamification.credit import credit_many, reverse
from gamification.ledger.activity import Activity
from ground import clock, valkey
from ground.engine import fetch
from notifications.announcements import history, ticker
from notifications.announcements.ticker import MARKED, mark, tick
from server.worker.tellers import TELLERS
from tests.community.people import joined
from tests.gamification.boards import publish_boards
from tests.verified import verifies

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CHANNEL = "board:month"
NAMES = ["Alice", "Bob", "Chiara", "Dora", "Emil", "Fanny", "Gaston", "Hélène"]


class Person(NamedTuple):
    """A member with the app."""

    id: UUID
    headers: dict[str, str]


@pytest.fixture
async def people(client, sign_in):
    """Some who appear, and who have points already."""
    with clock.frozen(NOON):
        await publish_boards()
        people = [Person(await joined(name.lower(), name), sign_in(name.lower())) for name in NAMES]
        for each in people:
            await client.patch("/v1/me", json={"visibility": "name"}, headers=each.headers)
        await earn(*[(each, n + 1) for n, each in enumerate(people)])
        yield people


async def earn(*gains):
    """Let people earn points; give the entries."""
    told = [
        Activity(
            member_id=member.id,
            kind="thanks",
            source="test",
            key=f"{random.random()}",
            occurred_at=clock.now(),
            quantity=points,
        )
        for member, points in gains
    ]
    return [each.entry_id for each in await credit_many(told)]


class Screen:
    """A board on a screen: the page was read once, then it is kept right by what is heard."""

    def __init__(self, client, reader, channel=CHANNEL):
        self.client, self.headers, self.channel = client, reader.headers, channel
        self.slug = channel.partition(":")[2]

    async def fresh(self):
        query = {"limit": 100}
        answer = await self.client.get(
            f"/v1/boards/{self.slug}", params=query, headers=self.headers
        )
        page = answer.json()
        assert answer.status_code == 200, page
        lines = [(line["place"], line["name"], line["points"]) for line in page["items"]]
        return page["period"], lines

    async def read(self):
        self.position = (await history.read(self.channel, None, 1)).position
        self.period, self.lines = await self.fresh()
        return self

    async def hear(self):
        found = await history.read(self.channel, self.position, 1000)
        heard = [msgspec.json.decode(said.data) for said in found.said]
        for data in heard:
            self.apply(data)
        self.position = found.position
        return heard

    def apply(self, data):
        if data["period"] != self.period:
            self.period, self.lines = data["period"], []
        for line in data["lines"]:
            told = (line["place"], line["name"], line["points"])
            self.lines[line["index"] : line["index"] + 1] = [told]
        del self.lines[data["listed"] :]

    async def is_right(self):
        period, lines = await self.fresh()
        beyond = len(lines) - len(self.lines)
        return (self.period, self.lines) == (period, lines[: len(self.lines)]) and beyond < 5


@verifies("places_changed")
async def test_a_board_on_a_screen_shows_what_a_fresh_read_would(client, people):
    """I22: whatever happens, whenever the page was read, and whoever reads it."""
    chance = random.Random(4)
    first, last = people[0], people[-1]
    screens = [await Screen(client, each).read() for each in (first, last)]
    await tick(TELLERS)
    entries = []
    for step in range(12):
        match step % 4:
            case 3 if step == 7:
                choice = {"visibility": "hidden"}
                await client.patch("/v1/me", json=choice, headers=people[4].headers)
            case 3 if entries:
                await reverse(entries[-1:], reason="refund")
            case _:
                entries += await earn(*((chance.choice(people), 3) for _ in range(2)))
        if step % 2:
            screens.append(await Screen(client, chance.choice(people)).read())
        await tick(TELLERS)
        for screen in screens:
            await screen.hear()
            assert await screen.is_right(), step


async def test_who_read_between_there_and_back_is_told_as_well(client, people):
    """I21: points that came and went between two ticks were on a page in the meantime."""
    early = await Screen(client, people[0]).read()
    await tick(TELLERS)
    await early.hear()
    entries = await earn((people[0], 100))
    late = await Screen(client, people[1]).read()
    assert late.lines[0][1] == "Alice"
    await reverse(entries, reason="refund")
    await tick(TELLERS)
    for screen in (early, late):
        await screen.hear()
        assert await screen.is_right()


async def test_only_what_changed_is_said(client, people):
    screen = await Screen(client, people[0]).read()
    await tick(TELLERS)
    await screen.hear()
    await earn((people[-1], 5))
    assert await tick(TELLERS) == 1
    [event] = await screen.hear()
    assert event["lines"] == [{"index": 0, "place": 1, "name": "Hélène", "points": 13}]
    # Its score is told to the copy again, and says nothing new.
    await mark([CHANNEL])
    assert await tick(TELLERS) == 0
    assert await screen.hear() == []


async def test_a_new_month_is_told_without_anybody_doing_anything(client, people):
    screen = await Screen(client, people[0]).read()
    await tick(TELLERS)
    with clock.frozen(NOON + timedelta(days=20)):
        await tick(TELLERS, sweep=True)
        await screen.hear()
        assert (screen.period, screen.lines) == ("2026-12", [])
        assert await screen.is_right()


async def test_who_is_hidden_or_last_is_not_told(client, people):
    """I25: the channel is for everybody, so it holds what everybody may see."""
    hidden = people[6]
    await client.patch("/v1/me", json={"visibility": "hidden"}, headers=hidden.headers)
    screen = await Screen(client, people[0]).read()
    await tick(TELLERS)
    told = await screen.hear()
    [names] = [[line["name"] for line in data["lines"]] for data in told]
    # Seven appear; below each that is told are enough others.
    assert names == ["Hélène", "Fanny", "Emil"]


async def test_nothing_is_worked_out_for_a_board_that_nobody_opened(client, people):
    await tick(TELLERS, sweep=True)
    assert await fetch("SELECT FROM announcement WHERE channel LIKE '%board:%'") == []


@verifies("board_moved")
async def test_sites_hear_that_they_should_read_again_and_no_names(client, people):
    """I22, I25: what a site may show is in its own reading, and only the wish to read is said."""
    heard = await history.read("site_board:month", None, 1)
    assert await tick(TELLERS, sweep=True) == 1
    await earn((people[0], 50))
    assert await tick(TELLERS) == 0, "she doesn't appear on sites"
    choice = {"visibility": "name", "public_visibility": True}
    await client.patch("/v1/me", json=choice, headers=people[0].headers)
    assert await tick(TELLERS) == 1
    await earn((people[0], 50))
    assert await tick(TELLERS) == 1

    said = (await history.read("site_board:month", heard.position, 10)).said
    assert {bytes(each.data) for each in said} == {b'{"board":"month","period":"2026-11"}'}
    assert {each.type for each in said} == {"board_moved"}


def standing(*points):
    return [Line(0, UUID(int=n), each) for n, each in enumerate(points)]


@pytest.mark.parametrize(
    ("points", "told"),
    [
        pytest.param([], 0, id="nobody"),
        pytest.param([9, 8, 7, 6], 0, id="too few for anybody to be told"),
        pytest.param([9, 8, 7, 6, 5], 1, id="five from the first on"),
        pytest.param([9, 8, 7, 7, 7, 7, 7], 7, id="the last are five"),
        pytest.param([9, 8, 8, 7, 7, 7, 7], 3, id="the last are four"),
        pytest.param(range(200, 96, -1), 100, id="a hundred at most"),
    ],
)
def test_which_lines_everybody_may_see(points, told):
    assert len(visible(standing(*points))) == told


async def test_a_tick_that_fails_takes_the_marks_back(client, people, monkeypatch):
    await history.read(CHANNEL, None, 1)
    await valkey.client().delete(MARKED)
    await earn((people[0], 5))

    async def fail(_):
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(ticker, "_keep", fail)
        with pytest.raises(ConnectionError):
            await tick(TELLERS)
    assert await tick(TELLERS) == 1


async def test_tickers_take_turns_and_are_never_too_fast(client, people):
    """However many there are: a few times a second a board, whatever happens."""
    turns = [(await valkey.ask(ticker._turn))[0] for _ in range(5)]
    assert turns == [True, False, False, False, False]
    assert 1000 / ticker.TICKED_MS < 3
