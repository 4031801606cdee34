"""Stands in for Firebase at its cheapest: thinks for 20 ms, and takes everything.

`GET /` says how many it took. It speaks as much HTTP/1.1 as clients of one request at a time need.
"""

import asyncio
import sys
from typing import Final

import msgspec
import uvloop

THINKS_SECONDS: Final = 0.02
TOKEN: Final = msgspec.json.encode(
    {"access_token": "ya29.bench", "expires_in": 3600, "token_type": "Bearer"}
)
HEAD_ENDS: Final = b"\r\n\r\n"
taken = 0


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while True:
            head, end, rest = self.received.partition(HEAD_ENDS)
            size = _length(head)
            if not end or len(rest) < size:
                return
            self.received = rest[size:]
            self._heard(head)

    def _heard(self, head: bytes) -> None:
        if b"messages:send" in head.partition(b"\r\n")[0]:
            asyncio.get_running_loop().call_later(THINKS_SECONDS, self._take)
        elif head.startswith(b"POST"):
            self._answer(TOKEN)
        else:
            self._answer(msgspec.json.encode(taken))

    def _take(self) -> None:
        global taken
        taken += 1
        self._answer(b'{"name": "projects/bench/messages/%d"}' % taken)

    def _answer(self, body: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(body), body)
        )


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


async def main() -> None:
    """`python -m benchmarks.firebase_stub 8002`."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Line, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
