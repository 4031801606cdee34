"""What goes over a socket, both ways: JSON text of at most 16 KiB."""

from enum import IntEnum
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta
from websockets.frames import Frame, Opcode

LARGEST: Final = 16 * 1024
LONGEST_NAME: Final = 120
LONGEST_TICKET: Final = 100
CHANNEL: Final = r"^[a-z]+(:[A-Za-z0-9_-]+)?$"

Channel = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_NAME,
        pattern=CHANNEL,
        description="`me`, `staff`, `board:{slug}` or `challenge:{id}`.",
        examples=["board:month"],
    ),
]
Position = Annotated[
    int, Meta(ge=0, description="Rises by one in each channel, without a gap.", examples=[44])
]
Epoch = Annotated[
    str,
    Meta(
        max_length=64,
        description="Positions can be compared only within one epoch.",
        examples=["5f2b9c1e"],
    ),
]
Text = Annotated[str, Meta(max_length=1_000)]


class Closing(IntEnum):
    """Why a socket is closed, beside the codes of RFC 6455."""

    UNAUTHENTICATED = 4401
    NOT_ALLOWED = 4403
    TOO_SLOW = 4408
    REPLACED = 4409
    UNSUPPORTED = 1003
    MISUSED = 1008
    RESTARTING = 1012
    LATER = 1013


class Authenticate(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="authenticate"
):
    """The first message of a client, within five seconds."""

    ticket: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_TICKET,
            description="From `POST /v1/live/tickets`. It opens one socket, within 30 s.",
            examples=["tPQ0rkCr4wR4VyMv0Q2Wm5q8ZJ1uVbOQxk0E6L1xXyM"],
        ),
    ]


class Subscribe(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="subscribe"
):
    """Hear a channel: from now on, or after what was seen last."""

    channel: Channel
    after: Position | None = None
    epoch: Epoch | None = None


class Unsubscribe(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="unsubscribe"
):
    """Hear a channel no more."""

    channel: Channel


Command: TypeAlias = Authenticate | Subscribe | Unsubscribe


class Welcome(msgspec.Struct, frozen=True, tag_field="is", tag="welcome"):
    """The ticket was good. A site's page is nobody's: its `member` is null."""

    member: UUID | None
    ping_seconds: Annotated[
        int,
        Meta(description="How often the server pings. Silence of two of these: come back."),
    ]


class Subscribed(msgspec.Struct, frozen=True, tag_field="is", tag="subscribed"):
    """What was missed follows up to `position`, and then what happens."""

    channel: Channel
    position: Position
    epoch: Epoch


class Happened(msgspec.Struct, frozen=True, tag_field="is", tag="event"):
    """Something happened."""

    channel: Channel
    position: Position
    type: Annotated[str, Meta(max_length=80, description="Which event `data` is.")]
    data: msgspec.Raw


class Reload(msgspec.Struct, frozen=True, tag_field="is", tag="reload"):
    """What was missed is gone: read the snapshot again. Events go on after `position`."""

    channel: Channel
    position: Position
    epoch: Epoch


class Unsubscribed(msgspec.Struct, frozen=True, tag_field="is", tag="unsubscribed"):
    """Nothing more comes from this channel."""

    channel: Channel


class Refused(msgspec.Struct, frozen=True, tag_field="is", tag="refused"):
    """A command was not carried out, or a subscription ended: `code` says why."""

    code: Annotated[str, Meta(max_length=60, examples=["channel_unknown"])]
    detail: Annotated[
        str, Meta(max_length=1_000, examples=["There is no such channel, or not for you."])
    ]
    channel: Channel | None = None

    def on(self, channel: str) -> "Refused":
        """The same about a channel."""
        return Refused(self.code, self.detail, channel)


Reply: TypeAlias = Welcome | Subscribed | Happened | Reload | Unsubscribed | Refused

_commands: Final[msgspec.json.Decoder[Command]] = msgspec.json.Decoder(Command)
_encoder: Final = msgspec.json.Encoder()


def command(frame: str) -> Command:
    """What a client says. Raises `msgspec.DecodeError` when it is nothing we know."""
    return _commands.decode(frame)


def framed(reply: Reply) -> bytes:
    """A reply as it goes over the wire, for any number of sockets."""
    return Frame(Opcode.TEXT, _encoder.encode(reply)).serialize(mask=False)


def payload_of(wire: bytes) -> Any:  # noqa: ANN401
    """What one frame says; the inverse of `framed`."""
    short = wire[1] < 126
    return msgspec.json.decode(wire[2 if short else 4 if wire[1] == 126 else 10 :])
