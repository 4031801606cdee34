"""One channel as a process knows it: what was said, and who hears it. No input, no output."""

from collections import deque
from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from notifications.announcements.wire import Said
from server.live.frames import Happened, Reload, framed
from server.live.reader import ON_SITES

Hearer = TypeVar("Hearer")
# How many events are kept for who comes back soon, or just now.
KEPT: Final = 128
# While a channel is being opened, what is said already waits; more than this is read again.
EARLY: Final = 1_000


class Piece(NamedTuple):
    """One frame, as it goes to everybody."""

    position: int
    wire: bytes
    is_reload: bool = False


class Channel(Generic[Hearer]):
    """Positions go up one by one. `tip` is the last that was taken, `head` the last given out.

    Everybody in `hearers` has everything up to `head`. Who is `ahead` of it, since PostgreSQL
    knew more, is spared what they have already.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.shown = "me" if name.startswith("member:") else name.removeprefix(ON_SITES)
        self.is_open = False
        self.users = 0
        self.epoch = ""
        self.head = self.tip = self.wanted = 0
        self.pending: list[Piece] = []
        self.recent: deque[Piece] = deque(maxlen=KEPT)
        self._given_at: deque[float] = deque(maxlen=KEPT)
        self.hearers: dict[Hearer, int] = {}
        self.ahead: dict[Hearer, int] = {}
        self._early: list[Said] = []

    @property
    def is_behind(self) -> bool:
        """Whether something was said that hasn't come."""
        return self.wanted > self.tip

    def begin(self, position: int, epoch: str) -> None:
        """Start at what PostgreSQL says, and then with what came meanwhile."""
        self.head = self.tip = self.wanted = position
        self.epoch, self.is_open = epoch, True
        early, self._early = self._early, []
        for said in early:
            self.take(said)

    def piece(self, said: Said) -> Piece:
        """An event as everybody hears it."""
        return Piece(
            said.position, framed(Happened(self.shown, said.position, said.type, said.data))
        )

    def take(self, said: Said) -> None:
        """Take what comes next. A repeat is nothing; what is too early shows a gap."""
        if not self.is_open:
            if len(self._early) < EARLY:
                self._early.append(said)
        elif said.epoch != self.epoch:
            self.wanted = max(self.wanted, self.tip + 1)
        elif said.position == self.tip + 1:
            self.pending.append(self.piece(said))
            self.tip += 1
        else:
            self.wanted = max(self.wanted, said.position)

    def renew(self, position: int, epoch: str) -> None:
        """What lies between is lost: everybody is told to read again."""
        self.tip = self.wanted = position
        self.epoch = epoch
        self.pending.append(Piece(position, self.reload(position), is_reload=True))

    def reload(self, position: int) -> bytes:
        """The frame that says so."""
        return framed(Reload(self.shown, position, self.epoch))

    def give_out(self, now: float) -> list[Piece]:
        """What is to be sent to all hearers now."""
        pieces, self.pending = self.pending, []
        self.head = self.tip
        for piece in pieces:
            if piece.is_reload:
                self.forget(now)
            else:
                self.recent.append(piece)
                self._given_at.append(now)
        return pieces

    def forget(self, until: float) -> None:
        """Keep nothing that was given out before: it may hold names, which are to go."""
        while self._given_at and self._given_at[0] <= until:
            self._given_at.popleft()
            self.recent.popleft()

    def caught_up(self, pieces: Sequence[Piece]) -> list[tuple[Hearer, list[Piece]]]:
        """What those who were ahead still miss of these pieces. From then on they hear all."""
        again = next((i for i, piece in enumerate(pieces) if piece.is_reload), len(pieces))
        found = []
        for hearer, seen in list(self.ahead.items()):
            missing = [p for i, p in enumerate(pieces) if i >= again or p.position > seen]
            if missing:
                found.append((hearer, missing))
            if again < len(pieces) or self.head >= seen:
                del self.ahead[hearer]
                self.hearers[hearer] = self.head
        return found

    def since(self, seen: int) -> list[Piece] | None:
        """What was given out after a position, or None when that isn't known any more."""
        if seen == self.head:
            return []
        if seen > self.head or not self.recent or self.recent[0].position > seen + 1:
            return None
        return [piece for piece in self.recent if piece.position > seen]

    def admit(self, hearer: Hearer, seen: int) -> None:
        """Let somebody hear it who has everything up to `seen`, which isn't before `head`."""
        if seen > self.head:
            self.ahead[hearer] = seen
        else:
            self.hearers[hearer] = self.head

    def dismiss(self, hearer: Hearer) -> None:
        """Let somebody hear it no more."""
        self.hearers.pop(hearer, None)
        self.ahead.pop(hearer, None)
