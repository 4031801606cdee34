"""Clients of the live process that come back by themselves, and keep a log of what they heard."""

import asyncio
import json
import random
import time
from contextlib import suppress

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException


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
        answer = await self.api.post("/v1/live/tickets", headers=self.headers)
        if answer.status_code != 201:
            return
        ticket = answer.json()
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
