"""Says who calls, before anything is decided about a request."""

from ground.callers import Caller
from server import problems
from server.asgi import App, Receive, Scope, Send, opt
from server.auth.callers import Callers
from server.errors import CredentialsInvalid, TooManyRequests
from server.middleware.rate_limits import RateLimiter


class Authentication:
    """Puts the caller into the request, and answers 401 to credentials that aren't good."""

    def __init__(self, app: App, callers: Callers, limiter: RateLimiter) -> None:
        self.app = app
        self.callers = callers
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS" or opt(scope).get("credentials") == "ignored":
            scope["user"] = Caller()
            await self.app(scope, receive, send)
            return
        try:
            caller = await self.callers.behind(scope)
        except CredentialsInvalid as refusal:
            await problems.answer(await self._counted(refusal, scope), scope, send)
            return
        scope["user"] = caller
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["method"] != "GET":
                self.callers.acted(caller)

    async def _counted(
        self, refusal: CredentialsInvalid, scope: Scope
    ) -> CredentialsInvalid | TooManyRequests:
        """Guessing ends soon: too many wrong credentials from an address are a 429."""
        try:
            await self.limiter.count_failure(scope)
        except TooManyRequests as too_many:
            return too_many
        return refusal
