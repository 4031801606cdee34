"""What one hears of one's inbox keeps what was read of it right (I22)."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from ground import clock
from ground.engine import execute
from ground.unit_of_work import unit_of_work
from notifications.announcements import history
from notifications.campaigns import opening
from notifications.inbox import service as inbox
from notifications.inbox.events import InboxChanged
from notifications.notify import notify, notify_many, telling
from notifications.preferences import wishes
from tests.notifications.told import ALICE, BOB, FIRST, NOON, ask, earn, rows, sent, somebody
from tests.verified import verifies

CHANNEL = f"member:{ALICE}"
SOON = NOON + timedelta(minutes=10)


class Screen:
    """The number beside the bell: read once, then kept right by what is heard."""

    @classmethod
    async def read(cls):
        screen = cls()
        screen.position = (await history.read(CHANNEL, None, 1)).position
        screen.unread = await inbox.unread(ALICE)
        return screen

    async def hear(self):
        """Apply what was said since, and say what it was."""
        found = await history.read(CHANNEL, self.position, 100)
        said = [msgspec.json.decode(each.data, type=InboxChanged).unread for each in found.said]
        self.position = found.position
        if said:
            self.unread = said[-1]
        return said


@pytest.fixture
async def screen(database):
    with clock.frozen(NOON):
        await somebody(ALICE, BOB)
        yield await Screen.read()


async def newest():
    return max(row["id"] for row in await rows() if row["member_id"] == ALICE)


async def held(activity):
    async with unit_of_work():
        await notify(ALICE, "activity.held", activity=activity, reason=FIRST)


async def many():
    async with unit_of_work():
        await notify_many(
            [
                telling(member_id, "activity.held", activity=activity, reason=FIRST)
                for member_id in (BOB, ALICE)
                for activity in ("8", "9")
            ]
        )
        await inbox.read(ALICE, await newest())


async def read_one():
    await inbox.read(ALICE, await newest())


async def put_one_away():
    await inbox.archive(ALICE, await newest())


async def open_one():
    await opening.opened(ALICE, await newest())


async def decline_what_is_asked():
    await ask(ALICE)
    await sent(SOON)
    await wishes.decline(ALICE, await newest())


async def be_asked():
    await ask(ALICE)
    await sent(SOON)


async def grow_old():
    await execute("UPDATE notification SET told_at = told_at - interval '366 days'")
    assert await inbox.purge() == 2


@verifies("inbox")
@pytest.mark.parametrize(
    ("act", "unread"),
    [
        (lambda: held("8"), 3),
        (lambda: earn(ALICE, "another, which is alike"), 2),
        (many, 3),
        (read_one, 1),
        (put_one_away, 1),
        (open_one, 1),
        (lambda: inbox.read_all(ALICE, None), 0),
        (be_asked, 3),
        (decline_what_is_asked, 2),
        (grow_old, 0),
    ],
)
async def test_what_is_heard_leads_to_what_is_read_anew(screen, act, unread):
    """I22."""
    await earn(ALICE)
    await held("7")
    assert await screen.hear() == [1, 2]
    await act()
    assert await screen.hear()
    assert screen.unread == unread == await inbox.unread(ALICE)


async def test_two_who_tell_at_once_count_each_other(screen):
    """I22: whoever speaks last has counted all that was committed before."""
    both_have_told = asyncio.Barrier(2)

    async def tell(category, **facts):
        async with unit_of_work():
            await notify(ALICE, category, **facts)
            async with asyncio.timeout(5):
                await both_have_told.wait()

    await asyncio.gather(
        tell("badge.earned", badge="first", name=FIRST),
        tell("activity.held", activity="7", reason=FIRST),
    )
    assert await screen.hear() == [1, 2]
    assert await inbox.unread(ALICE) == 2
