"""The conversation with one client: frames in, what is to be done out. It knows no socket."""

from collections import deque
from typing import Final, TypeAlias

import msgspec

from server.live.frames import (
    Authenticate,
    Closing,
    Command,
    Refused,
    Reply,
    Subscribe,
    Unsubscribe,
    Unsubscribed,
    command,
)

COMMANDS_A_MINUTE: Final = 60
# So many more are told that they were too many. Who goes on after that is no client of ours.
TOLD: Final = 20
SUBSCRIPTIONS: Final = 100
MINUTE: Final = 60.0


class Say(msgspec.Struct, frozen=True):
    """Answer."""

    reply: Reply


class Shut(msgspec.Struct, frozen=True):
    """Close the socket."""

    code: int
    reason: str


class Check(msgspec.Struct, frozen=True):
    """See whose ticket it is."""

    ticket: str


class Join(msgspec.Struct, frozen=True):
    """Let the client hear a channel, if it may."""

    channel: str
    after: int | None
    epoch: str | None


class Leave(msgspec.Struct, frozen=True):
    """Let the client hear a channel no more."""

    channel: str


Effect: TypeAlias = Say | Shut | Check | Join | Leave


class Conversation:
    """What one client has said so far, as far as it matters."""

    def __init__(self) -> None:
        self.authenticated = False
        self.channels: set[str] = set()
        self._moments: deque[float] = deque()
        self._told = 0

    def received(self, frame: str | bytes, now: float) -> Effect:
        """What a frame leads to."""
        if isinstance(frame, bytes):
            return Shut(Closing.UNSUPPORTED, "Frames are JSON text.")
        try:
            said = command(frame)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as failure:
            return self._misunderstood(failure, now)
        if not self.authenticated:
            return self._first(said)
        return self._excess(now) or self._carried_out(said)

    def _misunderstood(self, failure: Exception, now: float) -> Effect:
        if not self.authenticated:
            return Shut(Closing.UNAUTHENTICATED, "The first message must be a ticket.")
        # What was written wrongly isn't repeated: it may hold a secret.
        known = isinstance(failure, msgspec.ValidationError)
        detail = "No command of ours has that shape." if known else "It isn't JSON."
        return self._excess(now) or Say(Refused("malformed", detail))

    def _first(self, said: Command) -> Effect:
        if isinstance(said, Authenticate):
            return Check(said.ticket)
        return Shut(Closing.UNAUTHENTICATED, "The first message must be a ticket.")

    def _excess(self, now: float) -> Effect | None:
        while self._moments and self._moments[0] <= now - MINUTE:
            self._moments.popleft()
        if len(self._moments) < COMMANDS_A_MINUTE:
            self._moments.append(now)
            self._told = 0
            return None
        self._told += 1
        if self._told > TOLD:
            return Shut(Closing.MISUSED, "Too many commands.")
        wait = self._moments[0] + MINUTE - now
        return Say(Refused("too_many_commands", f"Say no more for {wait:.0f} s."))

    def _carried_out(self, said: Command) -> Effect:
        match said:
            case Authenticate():
                return Say(Refused("already_authenticated", "One ticket a socket is enough."))
            case Subscribe(channel=channel, after=after, epoch=epoch):
                if channel in self.channels:
                    detail = "Its events come already."
                    return Say(Refused("already_subscribed", detail, channel))
                if len(self.channels) >= SUBSCRIPTIONS:
                    detail = f"A socket hears {SUBSCRIPTIONS} channels at most."
                    return Say(Refused("too_many_subscriptions", detail, channel))
                return Join(channel, after, epoch)
            case Unsubscribe(channel=channel):
                if channel not in self.channels:
                    return Say(Unsubscribed(channel))
                return Leave(channel)
