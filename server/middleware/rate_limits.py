"""How often one caller may ask, per kind of request."""

import math

from ground.callers import Caller
from server import problems
from server.asgi import App, Message, Receive, Scope, Send, opt
from server.config import Settings
from server.errors import TooManyRequests
from server.metrics import LIMITED
from server.middleware.addresses import client_address, limit_key
from server.middleware.sliding_window import WINDOW_SECONDS, Verdict, Windows

# The limits' names, as routes say them in `opt={"limit": ...}`.
READ, WRITE, INGEST, SIGN_IN, FAILURE = "read", "write", "ingest", "sign_in", "failure"
# Counted by address whoever signed in, since accounts cost nothing.
BY_ADDRESS = {SIGN_IN, FAILURE}


class RateLimiter:
    """The limits of the settings, counted in windows of a minute."""

    def __init__(self, settings: Settings) -> None:
        self.windows = Windows(settings.api_processes)
        self.trusted_proxy = settings.trusted_proxy
        self.limits = {
            READ: settings.reads_per_minute,
            WRITE: settings.writes_per_minute,
            INGEST: settings.ingestions_per_minute,
            SIGN_IN: settings.sign_ins_per_minute,
            FAILURE: settings.failures_per_minute,
        }

    async def count(self, name: str, scope: Scope, caller: Caller) -> Verdict:
        """Count a request under a limit, for its caller or their address."""
        return await self.windows.admit(
            f"{name}:{self.counted(name, scope, caller)}", self.limits[name]
        )

    def counted(self, name: str, scope: Scope, caller: Caller) -> str:
        """Who a request is counted for."""
        credential = caller.uid or caller.key_id
        if credential is not None and name not in BY_ADDRESS:
            return str(credential)
        return limit_key(client_address(scope, self.trusted_proxy))

    async def count_failure(self, scope: Scope) -> None:
        """Count a wrong credential, so that guessing ends soon."""
        verdict = await self.count(FAILURE, scope, Caller())
        if not verdict.admitted:
            LIMITED.labels(FAILURE).inc()
            raise TooManyRequests(retry_after=math.ceil(verdict.wait))

    def headers(self, name: str, verdict: Verdict) -> list[tuple[bytes, bytes]]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        policy = f'"{name}";q={self.limits[name]};w={WINDOW_SECONDS}'
        left = f'"{name}";r={verdict.remaining};t={math.ceil(verdict.wait)}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]


class RateLimits:
    """Refuses a caller who is over the route's limit, before anything else is done for them."""

    def __init__(self, app: App, limiter: RateLimiter) -> None:
        self.app = app
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = limit_of(scope)
        if name is None:
            await self.app(scope, receive, send)
            return
        verdict = await self.limiter.count(name, scope, scope["user"])
        headers = self.limiter.headers(name, verdict)

        async def send_with_limits(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *headers]
            await send(message)

        if verdict.admitted:
            await self.app(scope, receive, send_with_limits)
            return
        LIMITED.labels(name).inc()
        refusal = TooManyRequests(retry_after=math.ceil(verdict.wait))
        await problems.answer(refusal, scope, send_with_limits)


def limit_of(scope: Scope) -> str | None:
    """The limit that a route is under. Health and metrics have none."""
    declared: str | None = opt(scope).get("limit", READ if scope["method"] == "GET" else WRITE)
    return None if scope["method"] == "OPTIONS" else declared
