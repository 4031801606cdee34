"""`Idempotency-Key`: a POST that is sent again gets its first answer again."""

import copy
import re
from http import HTTPStatus

from ground.callers import Caller
from ground.errors import AmbassadeError
from ground.idempotency import Answer, Asked, answered_once
from server import problems
from server.asgi import App, Message, Receive, Scope, Send, header, opt
from server.errors import ENTANGLED, IdempotencyKeyInvalid
from server.metrics import REPLAYED
from server.middleware.addresses import client_address, limit_key
from server.middleware.bodies import replaying

_KEY = re.compile(r"[!-~]{1,200}")
# Refusals by the route's own work. Before it (400, 401, 413, 422...) nothing was decided, and
# the client may mend the request and keep its key.
REMEMBERED_REFUSALS = {403, 404, 409, 410}
REMEMBERED_HEADERS = {
    "cache-control",
    "content-language",
    "content-type",
    "etag",
    "location",
    "retry-after",
}


class Idempotency:
    """Runs a POST with a key inside one transaction with the key and the answer."""

    def __init__(self, app: App, trusted_proxy: str | None) -> None:
        self.app = app
        self.trusted_proxy = trusted_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = header(scope, b"idempotency-key") if scope["method"] == "POST" else None
        if key is None:
            await self.app(scope, receive, send)
            return
        if not _KEY.fullmatch(key):
            await problems.answer(IdempotencyKeyInvalid(), scope, send)
            return
        body = scope["state"]["body"]
        is_secret = bool(opt(scope).get("secret"))
        asked = Asked(self._credential(scope), "POST", _address(scope), key, body, is_secret)

        async def attempt() -> Answer:
            return await self._attempt(scope, replaying(body, receive))

        try:
            answer = await answered_once(asked, attempt)
        except Exception as failure:
            # Nothing was sent and nothing was kept: say so in the usual form.
            await problems.answer(failure, scope, send)
            return
        if answer.is_replayed:
            REPLAYED.inc()
        await send_answer(answer, send)

    async def _attempt(self, scope: Scope, receive: Receive) -> Answer:
        """The route's answer, held back until COMMIT."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        # Litestar marks a request whose answer has begun; a second attempt needs a fresh one.
        state = {name: copy.copy(value) for name, value in scope["state"].items()}
        await self.app({**scope, "state": state}, receive, hold)
        return _answer_in(held, state.get("failure"))

    def _credential(self, scope: Scope) -> str:
        caller: Caller = scope["user"]
        address = limit_key(client_address(scope, self.trusted_proxy))
        return caller.credential or f"address:{address}"


def _address(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _answer_in(held: list[Message], failure: Exception | None) -> Answer:
    status = int(held[0]["status"])
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in held[0].get("headers", [])
        if name.decode("latin-1").lower() in REMEMBERED_HEADERS
    )
    refused = isinstance(failure, AmbassadeError) and status in REMEMBERED_REFUSALS
    return Answer(
        status=status,
        headers=headers,
        body=b"".join(message.get("body", b"") for message in held[1:]),
        is_refusal=refused,
        is_kept=status < HTTPStatus.BAD_REQUEST or refused,
        is_entangled=isinstance(failure, ENTANGLED),
    )


async def send_answer(answer: Answer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.is_replayed:
        headers.append((b"idempotency-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
