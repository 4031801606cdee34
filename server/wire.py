"""uvicorn's HTTP protocol with two limits that it lacks: how long a head is, and how long it takes.

The parser has none, so one connection could fill the memory with a single header, or hold its
place for ever with a byte now and then.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ground.errors import AmbassadeError
from server import problems
from server.errors import HeadTooLarge, Malformed

LONGEST_HEAD = 64 * 1024
SECONDS_FOR_A_HEAD = 10.0


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_size = 0
        self._reads_head = True
        self._too_slow: asyncio.TimerHandle | None = None
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._reads_head:
            # What came before this piece: it may end the head, and begin a body.
            if self._head_size > LONGEST_HEAD:
                self._refuse(HeadTooLarge())
                return
            self._head_size += len(data)
            self._await_head()
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._reads_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._reads_head = False
        self._head_size = 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        # What follows is another head, whose time begins with its first byte.
        self._reads_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - always the same
        self._refuse(Malformed())

    def _await_head(self) -> None:
        if self._too_slow is None:
            self._too_slow = self.loop.call_later(SECONDS_FOR_A_HEAD, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None

    def _refuse(self, error: AmbassadeError) -> None:
        self._stop_waiting()
        self.transport.write(problems.spoken(error))
        self.transport.close()
