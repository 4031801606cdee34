"""Tickets for sockets, and what is said over them."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from community.public.answer import WELCOME
from community.publishable import service as publishable
from community.publishable.errors import PublishableKeyUnknown
from ground import valkey
from ground.callers import Caller, CallerKind
from ground.http import problem_responses
from server.errors import SOON, Unavailable
from server.live import tickets
from server.live.addresses import socket_url
from server.live.asyncapi import asyncapi
from server.live.errors import TicketForNobody
from server.live.reader import Reader
from server.live.readers import of_site
from server.live.views import TicketView

AnyRequest = Request[Any, Any, Any]
Key = Annotated[
    str | None,
    QueryParameter(max_length=60, description="The publishable key of a site's page: `pk_…`."),
]
HEADERS: Final = {"Cache-Control": "public, max-age=300"}


class LiveTicketController(Controller):
    path = "/v1/live/tickets"
    tags = ("live",)

    @post(
        opt={"public": True, "secret": True},
        responses=problem_responses(TicketForNobody, PublishableKeyUnknown),
    )
    async def issue(
        self, request: AnyRequest, caller: NamedDependency[Caller], key: Key = None
    ) -> Response[TicketView]:
        """Get a ticket for a socket.

        For active members, and for pages of public sites with their publishable key. Connect to
        `url` within 30 seconds and send the ticket as the first message. It opens one socket.
        What is said there stands in [AsyncAPI](/asyncapi.json).
        """
        if key is not None:
            known = await publishable.working_key(key)
            request.scope["state"][WELCOME] = known.origins
            reader = of_site(known)
        elif caller.kind is CallerKind.MEMBER:
            reader = Reader(member=caller.member, role=caller.role)
        else:
            raise TicketForNobody
        try:
            ticket = await tickets.issue(reader)
        except valkey.ValkeyAway as failure:
            raise Unavailable(retry_after=SOON) from failure
        view = TicketView(
            ticket=ticket.secret,
            url=socket_url(request.app.state.settings),
            expires_at=ticket.expires_at,
        )
        return Response(view, headers={"Cache-Control": "no-store"})


class AsyncApiController(Controller):
    path = "/asyncapi.json"
    include_in_schema = False

    @get(opt={"public": True, "credentials": "ignored"})
    async def read(self, request: AnyRequest) -> Response[bytes]:
        """Describe every frame and every event."""
        described = msgspec.json.encode(asyncapi(request.app.state.settings))
        return Response(described, media_type=MediaType.JSON, headers=HEADERS)
