"""What is answered about sockets."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class TicketView(msgspec.Struct, kw_only=True):
    """What opens one socket, once."""

    ticket: Annotated[
        str,
        Meta(
            description="Send it as the first message, never in an address.",
            examples=["tPQ0rkCr4wR4VyMv0Q2Wm5q8ZJ1uVbOQxk0E6L1xXyM"],
        ),
    ]
    url: Annotated[str, Meta(description="Connect here.", examples=["wss://api.example.com/live"])]
    expires_at: datetime
