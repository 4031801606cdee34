"""HTTP/1.1 to one host, over lines that are kept: only what sending many small messages needs.

A cheap one, since firebase-admin's own takes a thread and a millisecond of the processor for each.
It follows no redirect, reads no more than it must, and says whether a request that failed can have
been understood.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import urlsplit

import httptools
import msgspec

MOST_BYTES: Final = 64 * 1024
CONNECT_SECONDS: Final = 5.0
# The other end hangs up on lines that were silent for longer, maybe while we speak.
IDLE_SECONDS: Final = 50.0


class Unreached(Exception):
    """Nobody heard the request."""


class Unanswered(Exception):
    """Somebody may have heard it: there was no answer, or none that can be read."""


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """Lines to one host, as many as are needed at once. Belongs to one event loop."""

    def __init__(self, url: str, *, patience: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._patience = patience
        self._start = (
            f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Content-Type: application/json; charset=UTF-8\r\nUser-Agent: ambassade\r\n"
        )
        self._idle: list[_Line] = []

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body and give the answer, `Unreached` or `Unanswered`."""
        line = self._kept() or await self._opened()
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{self._start}{said}Content-Length: {len(body)}\r\n\r\n".encode("latin-1")
        answer = line.ask(head + body)
        try:
            async with asyncio.timeout(self._patience):
                found = await answer
        except TimeoutError as failure:
            line.hang_up()
            raise Unanswered("no answer in time") from failure
        except BaseException:
            line.hang_up()
            raise
        if line.stays:
            self._idle.append(line)
        else:
            line.hang_up()
        return found

    def close(self) -> None:
        """Hang up all lines that nobody is using."""
        while self._idle:
            self._idle.pop().hang_up()

    def _kept(self) -> "_Line | None":
        while self._idle:
            line = self._idle.pop()
            if line.is_fresh:
                return line
            line.hang_up()
        return None

    async def _opened(self) -> "_Line":
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, line = await asyncio.get_running_loop().create_connection(
                    _Line, self._host, self._port, ssl=self._tls
                )
        except (OSError, TimeoutError) as failure:
            raise Unreached(type(failure).__name__) from failure
        return line


class _Line(asyncio.Protocol):
    """One connection, with one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._used_at = 0.0
        self._new()

    def _new(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._received = 0
        self.stays = False

    @property
    def is_fresh(self) -> bool:
        """Whether another request can be sent on it."""
        gone = self._transport is None or self._transport.is_closing()
        return not gone and time.monotonic() - self._used_at < IDLE_SECONDS

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        """Send a request; the future has its answer."""
        self._new()
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is None:
            self._fail("the connection is gone")
        else:
            self._transport.write(request)
        return self._answer

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _reason: Exception | None) -> None:
        self._transport = None
        self._fail("the connection was cut")

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > MOST_BYTES:
            self._fail("a longer answer than there can be")
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as failure:
            self._fail(f"not HTTP: {type(failure).__name__}")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.stays = self._parser.should_keep_alive()
        self._used_at = time.monotonic()
        found = Answer(self._parser.get_status_code(), self._headers, bytes(self._body))
        answer, self._answer = self._answer, None
        if answer is None:
            # Nobody asked for it.
            self.hang_up()
        elif not answer.done():
            answer.set_result(found)

    def _fail(self, reason: str) -> None:
        self.stays = False
        self.hang_up()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(Unanswered(reason))
