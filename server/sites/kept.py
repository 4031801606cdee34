"""Answers that are kept for a moment, so that a busy page costs the database nothing."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final, NamedTuple, TypeAlias

from server.asgi import Message

# A revoked key, and a member who isn't on public sites any more, are gone after so long.
SECONDS: Final = 2.0
MOST: Final = 2_000
Headers: TypeAlias = list[tuple[bytes, bytes]]
# Host, path and query.
Address: TypeAlias = tuple[str, str, bytes]


class Answer(NamedTuple):
    """What was answered, for whichever origin."""

    status: int
    headers: Headers
    body: bytes
    origins: frozenset[str] = frozenset()
    route: str | None = None

    @classmethod
    def of(
        cls, messages: list[Message], scope: Mapping[str, Any], origins: frozenset[str]
    ) -> "Answer":
        start = messages[0]
        return cls(
            int(start["status"]),
            list(start.get("headers", [])),
            b"".join(message.get("body", b"") for message in messages[1:]),
            origins,
            scope.get("path_template"),
        )

    @property
    def etag(self) -> str | None:
        tags = (str(value, "latin-1") for name, value in self.headers if name == b"etag")
        return next(tags, None)


class Kept:
    """The answers of the last seconds, and the questions under way."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Address, tuple[Answer, float]] = OrderedDict()
        self._asking: dict[Address, asyncio.Event] = {}

    def get(self, address: Address) -> Answer | None:
        """What was answered a moment ago."""
        known = self._answers.get(address)
        return known[0] if known is not None and monotonic() < known[1] else None

    def keep(self, address: Address, answer: Answer, asked_at: float) -> None:
        self._answers[address] = (answer, asked_at + SECONDS)
        self._answers.move_to_end(address)
        if len(self._answers) > MOST:
            self._answers.popitem(last=False)

    async def turn(self, address: Address) -> bool:
        """Whether it is ours to ask. Else somebody asks already: wait until they have done."""
        under_way = self._asking.get(address)
        if under_way is None:
            self._asking[address] = asyncio.Event()
            return True
        await under_way.wait()
        return False

    def done(self, address: Address) -> None:
        """Let those go on who waited for our answer."""
        self._asking.pop(address).set()

    def forget_all(self) -> None:
        self._answers.clear()
