"""One way to push to many devices, in a process of its own, so that its costs can be told apart.

`python -m benchmarks.pushing ours|send_each|aiohttp|httpx ADDRESS COUNT` prints them as JSON.
"""

import asyncio
import importlib
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any, Final

import firebase_admin
import httpx
import msgspec
import uvloop
from firebase_admin import credentials, messaging

from benchmarks import machine
from ground import clock
from notifications.devices.tables import Platform
from notifications.push.firebase import Firebase
from notifications.push.push import Push
from notifications.push.sending import Sender
from server.config import Settings
from server.connections import connected
from server.sandbox.account import service_account

AT_ONCE: Final = 64
# As many as `send_each` takes.
BATCH: Final = 500
SEND: Final = "/v1/projects/{0}/messages:send"


class Cost(msgspec.Struct, kw_only=True):
    """What it took. Memory in MiB: after the first tenth, at the end, and at most."""

    seconds: float
    processor_seconds: float
    early: float
    late: float
    peak: float


class Meter:
    """Measures from its making on."""

    def __init__(self, count: int) -> None:
        self._tenth = count // 10
        self._early = 0.0
        self._began, self._used = perf_counter(), process_time()

    def note(self, done: int) -> None:
        """So many are done."""
        if not self._early and done >= self._tenth:
            self._early = machine.memory(machine.own()).resident

    def cost(self) -> Cost:
        """What it took."""
        seconds, used = perf_counter() - self._began, process_time() - self._used
        memory = machine.memory(machine.own())
        return Cost(
            seconds=seconds,
            processor_seconds=used,
            early=self._early,
            late=memory.resident,
            peak=memory.peak,
        )


def push(number: int) -> Push:
    """What everybody is told."""
    return Push(
        title="Thank you",
        body="Alice thanked you for your answer.",
        collapse_id=f"n{number}",
        channel="thanks",
        link="/thanks/1",
        expires_at=clock.now() + timedelta(days=1),
        data={"notification_id": str(number), "category": "thanks"},
    )


async def ours(url: str, count: int) -> Cost:
    """The worker's sender, with what it writes into PostgreSQL."""
    async with connected(Settings.from_environment(os.environ)):
        firebase = Firebase(service_account(url), base=url, public_url="https://a.example")
        await firebase.sign_in()
        sender, pages, meter = Sender(firebase), 0, Meter(count)
        while await sender.send_due():
            pages += 1
            # Pages are of 256.
            meter.note(pages * 256)
        return meter.cost()


async def send_each(url: str, count: int) -> Cost:
    """firebase-admin's own."""
    messaging._MessagingService.FCM_URL = url + SEND  # noqa: SLF001 - it has no other door
    firebase_admin.initialize_app(credentials.Certificate(json.loads(service_account(url))))
    await asyncio.to_thread(messaging.send_each, [_message(0)])
    meter = Meter(count)
    for start in range(0, count, BATCH):
        batch = [_message(number) for number in range(start, min(start + BATCH, count))]
        answer = await asyncio.to_thread(messaging.send_each, batch)
        if answer.failure_count:
            raise RuntimeError(str(next(r.exception for r in answer.responses if r.exception)))
        meter.note(start + BATCH)
    return meter.cost()


def _message(number: int) -> messaging.Message:
    told = push(number)
    message = messaging.Message(
        data={**told.data, "link": told.link},
        notification=messaging.Notification(title=told.title, body=told.body),
        android=messaging.AndroidConfig(
            collapse_key=told.collapse_id,
            priority="normal",
            ttl=timedelta(days=1),
            notification=messaging.AndroidNotification(
                channel_id=told.channel, tag=told.collapse_id
            ),
        ),
    )
    message.token = token(number)
    return message


def token(number: int) -> str:
    """Of a device."""
    return f"bench-{number:06}-{'t' * 130}"


async def bare_httpx(url: str, count: int) -> Cost:
    """One client, and a body that was made before."""
    body = _body(url)
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE)) as client:

        async def post() -> None:
            answer = await client.post(url + SEND, content=body, headers=HEADERS)
            answer.raise_for_status()

        return await _by_many(post, count)


async def bare_aiohttp(url: str, count: int) -> Cost:
    """The same with aiohttp, where it is."""
    aiohttp = importlib.import_module("aiohttp")
    body = _body(url)
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as client:

        async def post() -> None:
            async with client.post(url + SEND, data=body, headers=HEADERS) as answer:
                answer.raise_for_status()
                await answer.read()

        return await _by_many(post, count)


HEADERS: Final = {"authorization": "Bearer ya29.bench", "content-type": "application/json"}


def _body(url: str) -> bytes:
    return Firebase(service_account(url)).encoded(push(1), token(1), Platform.ANDROID)


async def _by_many(post: Callable[[], Awaitable[None]], count: int) -> Cost:
    meter, numbers = Meter(count), iter(range(1, count + 1))

    async def work(waiting: Iterable[int]) -> None:
        for number in waiting:
            await post()
            meter.note(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work(numbers))
    return meter.cost()


WAYS: Final[dict[str, Callable[[str, int], Any]]] = {
    "ours": ours,
    "send_each": send_each,
    "aiohttp": bare_aiohttp,
    "httpx": bare_httpx,
}

if __name__ == "__main__":
    way, address, number = sys.argv[1:]
    found: Cost = uvloop.run(WAYS[way](address, int(number)))
    print(msgspec.json.encode(found).decode())
