"""Clients of the live process that come back by themselves, and keep a log of what they heard."""

import asyncio
import json
import random
import re
import time
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar

import asyncpg
import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from ground.engine import fetchval
from ground.unit_of_work import unit_of_work
from notifications.announce import announce
from notifications.announcements.events import Event
from server.auth.emulator import emulator_token
from server.config import DEVELOPMENT_PROJECT
from server.errors import AWAY
from tests.community.people import joined
from tests.conftest import A_CENTURY, LONG_AGO

BOARD, FLOODED = "board:all", "board:talk"
EVENTS_A_SECOND = 50


class Follower:
    """One client, on some channels. `log` is what it heard of each, through all its sockets."""

    def __init__(self, api, headers, channels):
        self.api, self.headers = api, headers
        self.log = {channel: [] for channel in channels}
        self.at = dict.fromkeys(channels)
        self.epochs = dict.fromkeys(channels)
        self.tickets = []
        self.closings = []
        self.heard_at = {}
        self.since = None
        self.connection = None

    async def run(self):
        """Follow until cancelled."""
        while True:
            with suppress(WebSocketException, InvalidHandshake, httpx.HTTPError, OSError):
                await self._follow()
            self.since = None
            await asyncio.sleep(self._pause())

    def _pause(self):
        """Come back when told to, in a tenth of the time so that tests are short."""
        code, reason = self.closings[-1] if self.closings else (None, "")
        with suppress(ValueError, KeyError, TypeError):
            if code == 1012:
                return json.loads(reason)["retry_after"] / 10
        return random.uniform(0.05, 0.5)

    async def _follow(self):
        ticket = await self._ticket()
        if ticket is None:
            return
        self.tickets.append(ticket["ticket"])
        async with connect(ticket["url"], compression=None, open_timeout=5) as connection:
            self.connection = connection
            try:
                await connection.send(
                    json.dumps({"do": "authenticate", "ticket": ticket["ticket"]})
                )
                for channel in self.log:
                    await self._subscribe(connection, channel)
                async for frame in connection:
                    await self._hear(connection, json.loads(frame))
            finally:
                self.connection = None
                self.closings.append((connection.close_code, connection.close_reason))

    async def _ticket(self):
        answer = await self.api.post("/v1/live/tickets", headers=self.headers)
        return answer.json() if answer.status_code == 201 else None

    async def _subscribe(self, connection, channel):
        said = {"do": "subscribe", "channel": channel}
        if self.at[channel] is not None:
            said |= {"after": self.at[channel], "epoch": self.epochs[channel]}
        await connection.send(json.dumps(said))

    async def _hear(self, connection, frame):
        channel = frame.get("channel")
        match frame["is"]:
            case "subscribed":
                self.epochs[channel] = frame["epoch"]
                if self.at[channel] is None:
                    self.at[channel] = frame["position"]
                self.since = time.monotonic()
            case "reload":
                self.at[channel], self.epochs[channel] = frame["position"], frame["epoch"]
                self.log[channel].append(("reload", frame["position"]))
            case "event":
                self.log[channel].append(("event", frame["position"]))
                self.at[channel] = frame["position"]
                self.heard_at[channel, frame["position"]] = time.monotonic()
            case "refused":
                assert frame["code"] == "unavailable", frame
                await asyncio.sleep(0.3)
                await self._subscribe(connection, channel)

    def assert_nothing_is_missing(self):
        """I21: +1 each, or an explicit reload."""
        for channel, heard in self.log.items():
            at = None
            for kind, position in heard:
                assert kind == "reload" or at in {None, position - 1}, (channel, at, position)
                at = position


class Spun(Event, frozen=True, kw_only=True):
    """Something turned: said in these tests alone."""

    type: ClassVar[str] = "test.spun"
    channels: ClassVar[tuple[str, ...]] = ("board",)
    example: ClassVar[dict[str, Any]] = {"filling": "x"}

    filling: str


def headers_of(uid):
    token = emulator_token(DEVELOPMENT_PROJECT, uid, issued_at=LONG_AGO, lasts=A_CENTURY)
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def following(installation, people, sockets=4, channels=(BOARD, "me"), named="follower"):
    """Clients that follow, all subscribed; checked in the end."""
    async with httpx.AsyncClient(
        base_url=installation.url, timeout=10, limits=httpx.Limits(max_connections=50)
    ) as api:
        followers = []
        for number in range(people):
            await joined(f"{named}-{number}", f"Follower {number}")
            headers = headers_of(f"{named}-{number}")
            followers += [Follower(api, headers, channels) for _ in range(sockets)]
        running = [asyncio.create_task(follower.run()) for follower in followers]
        try:
            await until(lambda: all(f.since for f in followers), 30)
            yield followers
        finally:
            for task in running:
                task.cancel()
            outcomes = await asyncio.gather(*running, return_exceptions=True)
        failures = [o for o in outcomes if not isinstance(o, asyncio.CancelledError)]
        assert failures == []


async def until(holds, seconds):
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@asynccontextmanager
async def announcing(channel=BOARD, a_second=EVENTS_A_SECOND, said_at=None, filling="x" * 100):
    """Announce all the time; what can't be is announced later."""
    stop = asyncio.Event()

    async def announce_on():
        while not stop.is_set():
            try:
                async with unit_of_work():
                    announce(channel, Spun(filling=filling))
                if said_at is not None:
                    said_at.append(time.monotonic())
            except (*AWAY, asyncpg.PostgresError, OSError):
                await asyncio.sleep(0.2)
            await asyncio.sleep(1 / a_second)

    task = asyncio.create_task(announce_on())
    try:
        yield
    finally:
        stop.set()
        await task


async def everybody_has_everything(followers, channel=BOARD, seconds=25):
    position = await fetchval(
        "SELECT position FROM announcement_channel WHERE channel = $1", channel
    )
    await until(lambda: {f.at[channel] for f in followers} == {position}, seconds)
    for follower in followers:
        follower.assert_nothing_is_missing()
    return position


async def closed_as_too_slow(installation):
    async with httpx.AsyncClient() as http:
        figures = await http.get(f"http://127.0.0.1:{installation.live_port}/metrics")
    found = re.search(r'ambassade_live_closed_total\{code="4408"\} (\S+)', figures.text)
    return float(found[1]) if found else 0
