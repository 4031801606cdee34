"""What pages of public sites ask for: answered at once, to whichever site is welcome.

It stands before the router, for most of these requests need no route: thousands of pages that
show the same board read the same bytes.
"""

import math
from time import monotonic
from typing import Final
from urllib.parse import parse_qs

from community.public.answer import WELCOME
from server import problems
from server.asgi import App, Message, Receive, Scope, Send, header
from server.config import Settings
from server.errors import TooManyRequests
from server.metrics import LIMITED
from server.middleware.addresses import client_address, limit_key
from server.middleware.cors import is_for_sites
from server.sites.kept import Address, Answer, Headers, Kept
from server.sites.pace import Pace

PUBLIC: Final = "/v1/public/"
FILES: Final = "/widget/"
FRAME: Final = "/widget/frame"
LIMIT: Final = "site_read"
VARY: Final = (b"vary", b"Origin")
# Browsers that know `frame-ancestors` don't look at the older header; others would refuse.
_FOR_OURSELVES: Final = {b"cross-origin-resource-policy"}
_NO_FRAMES: Final = b"x-frame-options"
_OF_A_BODY: Final = {b"content-length", b"content-type"}


class Sites:
    """Keeps what public sites read for a few seconds, and names their origins."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.kept = Kept()
        self.trusted_proxy = settings.trusted_proxy
        share = settings.api_processes
        self.by_address = Pace(max(1, settings.site_reads_per_minute // share))
        self.by_key = Pace(max(1, settings.site_key_reads_per_minute // share))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_for_sites(scope):
            await self.app(scope, receive, send)
        elif scope["path"].startswith(PUBLIC) and scope["method"] == "GET":
            await self._read(scope, receive, send)
        else:
            await self.app(scope, receive, _opened(scope, send))

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = (header(scope, b"host") or "", scope["path"], scope["query_string"])
        wait = self._wait(scope)
        if wait > 0:
            LIMITED.labels(LIMIT).inc()
            refusal = TooManyRequests(retry_after=math.ceil(wait))
            await problems.answer(refusal, scope, _opened(scope, send))
            return
        answer = self.kept.get(address) or await self._asked(address, scope, receive)
        scope["path_template"] = answer.route
        await _send(answer, scope, send)

    def _wait(self, scope: Scope) -> float:
        """How long this address, or all who show this key, have to wait."""
        now = monotonic()
        wait = self.by_address.wait(limit_key(client_address(scope, self.trusted_proxy)), now)
        return wait or self.by_key.wait(_key_in(scope["query_string"]), now)

    async def _asked(self, address: Address, scope: Scope, receive: Receive) -> Answer:
        """The application's answer. Who asks the same meanwhile waits for it."""
        if not await self.kept.turn(address):
            return self.kept.get(address) or await self._ask(scope, receive)
        try:
            asked_at = monotonic()
            answer = await self._ask(scope, receive)
            if answer.status == 200:
                self.kept.keep(address, answer, asked_at)
            return answer
        finally:
            self.kept.done(address)

    async def _ask(self, scope: Scope, receive: Receive) -> Answer:
        messages: list[Message] = []

        async def hold(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, hold)
        return Answer.of(messages, scope, scope["state"].get(WELCOME, frozenset()))


async def _send(answer: Answer, scope: Scope, send: Send) -> None:
    status, body = answer.status, answer.body
    headers = [*answer.headers, *_cors(header(scope, b"origin"), answer.origins)]
    if answer.status == 200 and _holds(header(scope, b"if-none-match"), answer.etag):
        status, body = 304, b""
        headers = [each for each in headers if each[0] not in _OF_A_BODY]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _cors(origin: str | None, welcome: frozenset[str]) -> Headers:
    """Never with credentials, and never `*`: exactly the one that asks, if it is welcome."""
    if origin is None or origin not in welcome:
        return [VARY]
    return [VARY, (b"access-control-allow-origin", origin.encode("latin-1"))]


def _opened(scope: Scope, send: Send) -> Send:
    """Sends answers as other sites may use them: files for all, the rest where it is welcome."""
    path = scope["path"]
    is_file = path.startswith(FILES)

    async def send_opened(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", [])
            if is_file:
                hidden = _FOR_OURSELVES | ({_NO_FRAMES} if path == FRAME else set())
                headers = [each for each in headers if each[0] not in hidden]
                headers.append((b"cross-origin-resource-policy", b"cross-origin"))
            else:
                welcome = scope.get("state", {}).get(WELCOME, frozenset())
                headers = [*headers, *_cors(header(scope, b"origin"), welcome)]
            message["headers"] = headers
        await send(message)

    return send_opened


def _holds(if_none_match: str | None, etag: str | None) -> bool:
    if if_none_match is None or etag is None:
        return False
    given = {candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")}
    return etag in given or "*" in given


def _key_in(query: bytes) -> str:
    """The key that a page shows; limits are for each."""
    return parse_qs(query.decode("latin-1")).get("key", [""])[0][:60]
