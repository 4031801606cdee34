"""A client's socket at its cheapest: connected by hand, and read without a library."""

import asyncio
import base64
import os
import socket
from typing import Final

FIN_TEXT: Final = 0x81
PING: Final = 0x89
CLOSE: Final = 0x88
SHORT, MIDDLE = 126, 127
CHUNK: Final = 65536


class Lost(RuntimeError):
    """The other end isn't there, or says what nobody expected."""


def masked(payload: bytes, opcode: int = FIN_TEXT) -> bytes:
    """A client's frame. Its mask is zeros, which changes no byte."""
    size = len(payload)
    if size < SHORT:
        return bytes([opcode, 0x80 | size]) + bytes(4) + payload
    return bytes([opcode, 0x80 | SHORT]) + size.to_bytes(2, "big") + bytes(4) + payload


def cut(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames in there, each with its first byte, and what is left."""
    frames, at = [], 0
    while len(data) - at >= 2:
        size, start = data[at + 1] & 0x7F, at + 2
        if size >= SHORT:
            wide = 2 if size == SHORT else 8
            if len(data) < start + wide:
                break
            size, start = int.from_bytes(data[start : start + wide], "big"), start + wide
        if len(data) < start + size:
            break
        frames.append((data[at], data[start : start + size]))
        at = start + size
    return frames, data[at:]


class Line:
    """One socket, and what of it was received and not looked at."""

    def __init__(self) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.rest = b""
        self._waiting: list[bytes] = []

    async def connect(self, port: int) -> None:
        """Reach a port on this machine."""
        await asyncio.get_running_loop().sock_connect(self.socket, ("127.0.0.1", port))

    async def upgrade(self, path: str, port: int) -> None:
        """Make it a WebSocket."""
        key = base64.b64encode(os.urandom(16)).decode()
        head = await self.ask(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        if not head.startswith(b"HTTP/1.1 101"):
            raise Lost(head.decode(errors="replace"))

    async def ask(self, request: bytes) -> bytes:
        """Send a request; the head of the answer. What follows it is in `rest`."""
        await self.send(request)
        while b"\r\n\r\n" not in self.rest:
            await self._receive()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        return head

    async def body(self, size: int) -> bytes:
        """So many bytes."""
        while len(self.rest) < size:
            await self._receive()
        body, self.rest = self.rest[:size], self.rest[size:]
        return body

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def said(self) -> bytes:
        """What the next frame says. Pings are answered on the way."""
        while not self._waiting:
            frames, self.rest = cut(self.rest)
            for first, payload in frames:
                if first == FIN_TEXT:
                    self._waiting.append(payload)
                elif first == PING:
                    await self.send(masked(payload, 0x8A))
                else:
                    raise Lost(f"a frame of kind {first:#x}: {payload!r}")
            if not frames:
                await self._receive()
        return self._waiting.pop(0)

    async def _receive(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self.socket, CHUNK)
        if not data:
            raise Lost("hung up")
        self.rest += data

    def close(self) -> None:
        self.socket.close()
