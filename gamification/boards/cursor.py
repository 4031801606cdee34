"""Where a reader stopped on a board, and what was committed when they began."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, NamedTuple
from uuid import UUID

from msgspec import Meta

from gamification.boards.sets import BoardSet
from ground import cursors
from ground.errors import CursorInvalid

# Falls are remembered a little longer than anybody pages.
LASTS: Final = timedelta(days=1)
MOST_OPEN: Final = 8
SKEW_SECONDS: Final = 300

Number = Annotated[int, Meta(ge=0, le=2**62)]
Text = Annotated[str, Meta(max_length=40)]


class Snapshot(NamedTuple):
    """Which transactions were committed at a moment, as PostgreSQL tells them apart."""

    oldest_open: int
    next_one: int
    open_ones: tuple[int, ...]

    @classmethod
    def read(cls, text: str) -> "Snapshot":
        """From `pg_current_snapshot()`. With many open transactions, all since the oldest count."""
        oldest, following, open_ones = text.split(":")
        numbers = tuple(int(number) for number in open_ones.split(",") if number)
        if len(numbers) > MOST_OPEN:
            return cls(int(oldest), int(oldest), ())
        return cls(int(oldest), int(following), numbers)

    def saw(self, transaction: int) -> bool:
        """Whether it was committed then."""
        if transaction < self.oldest_open:
            return True
        return transaction < self.next_one and transaction not in self.open_ones


class Position(NamedTuple):
    """After whom a reader goes on."""

    board_set: BoardSet
    points: int
    alias: UUID
    began_at: datetime
    snapshot: Snapshot

    def encoded(self) -> str:
        """As a client keeps it."""
        since = int(self.began_at.timestamp())
        return cursors.encode(
            _digest(self.board_set), self.points, self.alias.hex, since, *self.snapshot
        )


def position(cursor: str, candidates: Iterable[BoardSet], now: datetime) -> Position:
    """The position in a cursor that one of these gave out, and not too long ago."""
    digest, points, alias, since, oldest, following, open_ones = cursors.decode(
        cursor, Text, Number, Text, Number, Number, Number, tuple[Number, ...]
    )
    by_digest = {_digest(each): each for each in candidates}
    if digest not in by_digest:
        raise CursorInvalid("It belongs to another board, or to a period that is over.")
    if not -SKEW_SECONDS <= now.timestamp() - since <= LASTS.total_seconds():
        raise CursorInvalid("It is more than a day old: start again from the top.")
    return Position(
        by_digest[digest],
        points,
        _uuid(alias),
        datetime.fromtimestamp(since, UTC),
        Snapshot(oldest, following, open_ones),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError as failure:
        raise CursorInvalid from failure


def _digest(board_set: BoardSet) -> str:
    return hashlib.sha256(board_set.key.encode()).hexdigest()[:12]
