"""What can go wrong before there is a socket."""

from http import HTTPStatus

from ground.errors import AmbassadeError


class TicketForNobody(AmbassadeError):
    """Neither an active member's token nor a site's publishable key."""

    status = HTTPStatus.UNAUTHORIZED
    code = "ticket_for_nobody"
    title = "Sign in as a member, or send the key of a site"
