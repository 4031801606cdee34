"""Firebase on this machine: speaks FCM HTTP v1 and gives out access tokens. Never in production.

`POST /v1/projects/{project}/messages:send` and `POST /token` are Google's. `/` shows the phones and
`/mails` what was written instead of being sent. `PUT /behaviour` lets it fail as one likes,
`GET /received` says what was accepted, and `DELETE /received` forgets it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec

from ground.languages import Language, preferred
from server.asgi import Receive, Scope, Send, header
from server.sandbox.behaviour import REFUSALS, Behaviour, Trouble, asked_for_by
from server.sandbox.mails import Mails
from server.sandbox.page import (
    HEADERS,
    LETTER,
    letter_page,
    mail_page,
    mails_page,
    phones_page,
    style,
)
from server.sandbox.phones import Phones
from server.sandbox.wanted import Refusal, taken

# A page of somebody else's must not read along under a name that it leads here.
HOSTS: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.ASCII)
SEND: Final = re.compile(r"/v1/projects/[^/]+/messages:send")
MAIL: Final = re.compile(r"/mails/(?P<name>[\w-]+)(?P<form>/html|\.eml)?", re.ASCII)
ACCESS: Final = "ya29.sandbox"
MOST_BYTES: Final = 1024 * 1024
# Longer than anybody waits.
SILENCE_SECONDS: Final = 120.0
ODD: Final[dict[Trouble, tuple[int, dict[str, str], bytes]]] = {
    Trouble.BROKEN: (200, {"content-type": "application/json"}, b'{"name": "projects/'),
    Trouble.HTML: (404, {"content-type": "text/html"}, b"<html><h1>Not here</h1></html>"),
    Trouble.HUGE: (200, {"content-type": "application/json"}, b'{"name": "' + b"x" * 10_000_000),
    Trouble.REDIRECT: (302, {"location": "http://127.0.0.1:1/elsewhere"}, b""),
    Trouble.ERROR_IN_SUCCESS: (200, {}, b'{"error": {"code": 500, "status": "INTERNAL"}}'),
}


class Answer(NamedTuple):
    """What is answered; when it is cut, the server hangs up in the middle."""

    status: int
    body: bytes
    headers: dict[str, str]
    is_cut: bool = False


class Sandbox:
    """The ASGI application."""

    def __init__(self, mail_folder: str = "") -> None:
        self.phones = Phones()
        self.mails = Mails(mail_folder)
        self.behaviour = Behaviour()
        self.tokens_given = 0
        self._sent = 0
        self._routes: dict[tuple[str, str], Callable[[Scope, bytes], Awaitable[Answer]]] = {
            ("GET", "/"): self._shown_phones,
            ("GET", "/mails"): self._shown_mails,
            ("GET", "/page.css"): self._style,
            ("POST", "/token"): self._token,
            ("PUT", "/behaviour"): self._behave,
            ("GET", "/received"): self._received,
            ("DELETE", "/received"): self._forget,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await _body(receive)
            answer = await self._answer(scope, body)
        except Refusal as refusal:
            answer = _json(refusal.body, refusal.status)
        headers = {"content-length": str(len(answer.body)), **answer.headers}
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        start = {"type": "http.response.start", "status": answer.status, "headers": encoded}
        await send(start)
        await send({"type": "http.response.body", "body": answer.body, "more_body": answer.is_cut})

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        method, path = scope["method"], scope["path"]
        if not HOSTS.fullmatch(header(scope, b"host") or ""):
            raise Refusal(HTTPStatus.MISDIRECTED_REQUEST, "NOT_FOUND", "Nobody of that name.")
        if method == "POST" and SEND.fullmatch(path):
            return await self._take(scope, body)
        route = self._routes.get((method, path))
        if route is not None:
            return await route(scope, body)
        asked = MAIL.fullmatch(path) if method == "GET" else None
        answer = self._mail(scope, asked["name"], asked["form"]) if asked else None
        if answer is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Nothing is here.")
        return answer

    async def _take(self, scope: Scope, body: bytes) -> Answer:
        if header(scope, b"authorization") != f"Bearer {ACCESS}":
            raise REFUSALS[Trouble.UNAUTHENTICATED]
        if self.behaviour.think_milliseconds:
            await asyncio.sleep(self.behaviour.think_milliseconds / 1000)
        trouble = self._ordered()
        if trouble is not None:
            return await self._fail(trouble)
        sending = taken(body)
        trouble = asked_for_by(sending.message.token or "")
        if trouble is not None:
            return await self._fail(trouble)
        if not sending.validate_only:
            self.phones.receive(sending.message)
        self._sent += 1
        return _json({"name": f"projects/sandbox/messages/{self._sent}"})

    def _ordered(self) -> Trouble | None:
        behaviour = self.behaviour
        if behaviour.trouble is None or behaviour.times == 0:
            return None
        if behaviour.times is not None:
            self.behaviour = msgspec.structs.replace(behaviour, times=behaviour.times - 1)
        return behaviour.trouble

    async def _fail(self, trouble: Trouble) -> Answer:
        if trouble is Trouble.SILENCE:
            await asyncio.sleep(SILENCE_SECONDS)
        if trouble in {Trouble.SILENCE, Trouble.CUT}:
            return Answer(HTTPStatus.OK, b'{"na', {"content-length": "100"}, is_cut=True)
        if trouble in ODD:
            status, headers, body = ODD[trouble]
            return Answer(status, body, headers)
        refusal = REFUSALS[trouble]
        after = self.behaviour.retry_after
        return _json(
            refusal.body, refusal.status, {} if after is None else {"retry-after": str(after)}
        )

    async def _token(self, _scope: Scope, body: bytes) -> Answer:
        if self.behaviour.no_tokens:
            raise REFUSALS[Trouble.UNAVAILABLE]
        if b"grant_type=" not in body or b"assertion=" not in body:
            return _json({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        self.tokens_given += 1
        return _json({"access_token": ACCESS, "expires_in": 3600, "token_type": "Bearer"})

    async def _behave(self, _scope: Scope, body: bytes) -> Answer:
        try:
            self.behaviour = msgspec.json.decode(body, type=Behaviour)
        except (msgspec.ValidationError, msgspec.DecodeError) as failure:
            return _json({"error": str(failure)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        return _json(self.behaviour)

    async def _received(self, _scope: Scope, _body: bytes) -> Answer:
        return _json(self.phones.accepted)

    async def _forget(self, _scope: Scope, _body: bytes) -> Answer:
        self.phones.forget()
        return _json({})

    async def _shown_phones(self, scope: Scope, _body: bytes) -> Answer:
        return _html(phones_page(self.phones, _language(scope)))

    async def _shown_mails(self, scope: Scope, _body: bytes) -> Answer:
        return _html(mails_page(self.mails, _language(scope)))

    def _mail(self, scope: Scope, name: str, form: str | None) -> Answer | None:
        if form == ".eml":
            raw = self.mails.raw(name)
            headers = {"content-type": "message/rfc822", "content-disposition": "attachment"}
            return None if raw is None else Answer(HTTPStatus.OK, raw, HEADERS | headers)
        mail = self.mails.read(name)
        if mail is None:
            return None
        if form == "/html":
            return _html(letter_page(mail), LETTER)
        return _html(mail_page(mail, _language(scope)))

    async def _style(self, _scope: Scope, _body: bytes) -> Answer:
        return Answer(HTTPStatus.OK, style(), HEADERS | {"content-type": "text/css"})


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:  # noqa: ANN401
    body = msgspec.json.encode(content)
    return Answer(status, body, {"content-type": "application/json", **(headers or {})})


def _html(page: bytes, headers: dict[str, str] = HEADERS) -> Answer:
    return Answer(HTTPStatus.OK, page, headers | {"content-type": "text/html; charset=utf-8"})


def _language(scope: Scope) -> Language:
    return preferred(header(scope, b"accept-language") or "")


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "INVALID_ARGUMENT", "Too large.")
    return body
