"""Bodies: read whole before the route, never larger or slower than it allows."""

import asyncio

from server import problems
from server.asgi import App, Message, Receive, Scope, Send, header, opt
from server.errors import BodyTooLarge, BodyTooSlow, Malformed, MediaTypeUnsupported

KIBIBYTE = 1024
SMALL = 64 * KIBIBYTE
PATIENCE_SECONDS = 15.0


class ClientLeft(Exception):
    """The connection closed before the body was whole: there is nobody to answer."""


class Bodies:
    """Reads the body of a request and hands it on in one piece."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if has_none(scope):
            scope["state"]["body"] = b""
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                body = await read_body(scope, receive)
        except ClientLeft:
            return
        except (TimeoutError, BodyTooLarge, Malformed) as failure:
            error = BodyTooSlow() if isinstance(failure, TimeoutError) else failure
            await problems.answer(error, scope, send)
            return
        if expects_json(scope) and not (body and announces_json(scope)):
            refusal = MediaTypeUnsupported() if body else Malformed("The body is missing.")
            await problems.answer(refusal, scope, send)
            return
        wanted = opt(scope).get("takes")
        if wanted is not None and media_type_of(scope) != wanted:
            await problems.answer(MediaTypeUnsupported(f"It takes {wanted}."), scope, send)
            return
        scope["state"]["body"] = body
        await self.app(scope, replaying(body, receive), send)


def has_none(scope: Scope) -> bool:
    """Whether a request that needs no body announces none."""
    return scope["method"] == "GET" and not any(
        name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"]
    )


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body, up to the route's limit, however it is cut into chunks."""
    most = int(opt(scope).get("body_limit", SMALL))
    announced = header(scope, b"content-length")
    if announced is not None and not announced.isdecimal():
        raise Malformed("Content-Length isn't a number.")
    if announced is not None and int(announced) > most:
        raise BodyTooLarge(f"At most {most} bytes.")
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise BodyTooLarge(f"At most {most} bytes.")
        if not message.get("more_body", False):
            return b"".join(chunks)


def replaying(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once, and what the server says after it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def expects_json(scope: Scope) -> bool:
    return "data" in scope["route_handler"].parsed_fn_signature.parameters


def media_type_of(scope: Scope) -> str:
    """What the body is announced as."""
    return (header(scope, b"content-type") or "").partition(";")[0].strip().lower()


def announces_json(scope: Scope) -> bool:
    media_type = media_type_of(scope)
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
