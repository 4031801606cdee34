"""The sandbox for Firebase, in a thread of its own; and a sender that speaks to it."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import uvicorn

from ground import clock
from ground.engine import execute
from ground.unit_of_work import unit_of_work
from notifications.push import deliveries
from notifications.push.deliveries import Handed
from notifications.push.firebase import Firebase
from notifications.push.push import Push
from server.sandbox.account import service_account
from server.sandbox.app import Sandbox
from server.sandbox.behaviour import Behaviour


class Running(NamedTuple):
    """The sandbox, and where it is."""

    sandbox: Sandbox
    url: str

    def behaves(self, **how: Any) -> None:
        self.sandbox.behaviour = msgspec.convert(how, Behaviour)

    def firebase(self) -> Firebase:
        return Firebase(service_account(self.url), base=self.url, public_url="https://a.example")

    @property
    def accepted(self) -> Counter[tuple[str, str]]:
        return Counter(self.sandbox.phones.accepted)


@contextmanager
def running() -> Iterator[Running]:
    """The sandbox on a free port."""
    sandbox = Sandbox()
    options: dict[str, Any] = {
        "lifespan": "off",
        "ws": "none",
        "log_config": None,
        "access_log": False,
    }
    server = uvicorn.Server(uvicorn.Config(sandbox, port=0, timeout_graceful_shutdown=0, **options))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Running(sandbox, f"http://127.0.0.1:{port}")
    server.should_exit = True
    server.force_exit = True
    thread.join(timeout=10)


def a_push(**more: Any) -> Push:
    """Something to push that lasts for a day."""
    usual: dict[str, Any] = {
        "title": "Thank you",
        "body": "Alice thanked you for your answer.",
        "collapse_id": "n1",
        "channel": "thanks",
        "link": "/thanks/1",
        "expires_at": clock.now() + timedelta(days=1),
    }
    return Push(**(usual | more))


async def device(token: str, member: UUID | None = None, platform: str = "android") -> UUID:
    """A device of somebody."""
    owner = member or uuid4()
    await execute(
        "INSERT INTO device (id, member_id, token, platform, first_seen_at, last_seen_at)"
        " VALUES ($1, $2, $3, $4, $5, $5)",
        uuid4(),
        owner,
        token,
        platform,
        clock.now(),
    )
    return owner


async def handed(members: list[UUID], *, first: int = 1, **more: Any) -> None:
    """Something to push to each of these."""
    async with unit_of_work():
        await deliveries.hand_over(
            [
                Handed(
                    outbox_id=first + n,
                    notification_id=first + n,
                    member_id=member,
                    push=a_push(collapse_id=f"n{first + n}", **more),
                )
                for n, member in enumerate(members)
            ]
        )
