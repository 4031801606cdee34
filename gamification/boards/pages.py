"""Reads parts of boards from the copy in Valkey: one script a board, one round trip for all."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import resources
from typing import Any, Final, NamedTuple

import msgspec
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from gamification.boards.places import ENOUGH_FOLLOW
from gamification.boards.sets import BoardSet
from gamification.boards.windows import After, Around, FromPlace, Own, Part, Top, Window
from ground import valkey

_PAGE: Final = resources.files("gamification.boards").joinpath("page.lua").read_text()
# Valkey's own name for a script: no secret hangs on it.
_PAGE_SHA: Final = hashlib.sha1(_PAGE.encode(), usedforsecurity=False).hexdigest()

# How many there are, what the readers may see, and the parts.
_unpack: Final = msgspec.msgpack.Decoder(tuple[int, list[tuple[int, int]], list[list[Any]]])

Words = tuple[str | int, ...]
Listed = list[tuple[str, int]]


class Look(NamedTuple):
    """A part of a board that somebody looks at, with the points they compare with others'."""

    board_set: BoardSet
    own: Own | None
    window: Window


class _Asked:
    """What is asked of one set, each thing once."""

    def __init__(self) -> None:
        self.readers: dict[Words, int] = {}
        self.parts: dict[Words, int] = {}

    def add(self, look: Look) -> None:
        if look.own is not None:
            self.readers.setdefault(_words_of(look.own), len(self.readers))
        self.parts.setdefault(_words(look), len(self.parts))

    def packed(self) -> bytes:
        return msgspec.msgpack.encode((list(self.readers), list(self.parts)))


class _Cut(NamedTuple):
    """A part as it stands in the set, before it is cut to what a reader may see."""

    start: int
    above_first: int
    through_first: int
    listed: Listed


class _Answer:
    """What a set answered."""

    def __init__(self, asked: _Asked, packed: bytes) -> None:
        self._asked = asked
        self._count, self._readers, parts = _unpack.decode(packed)
        self._parts = [
            _Cut(start, above, through, _pairs(flat)) for start, above, through, *flat in parts
        ]

    def part_for(self, look: Look) -> Part:
        """The part that somebody looks at. Who may see all of it shares the same list."""
        above, finish = 0, self._count
        if look.own is not None:
            above, finish = self._readers[self._asked.readers[_words_of(look.own)]]
        cut = self._parts[self._asked.parts[_words(look)]]
        seen = max(0, finish - cut.start)
        listed = cut.listed if seen >= len(cut.listed) else cut.listed[:seen]
        goes_on = cut.start + len(listed) < finish
        if not listed:
            return Part(above, 0, 0, goes_on, [])
        return Part(above, cut.above_first, cut.through_first, goes_on, listed)


async def parts_in_copy(mark: str, looks: Sequence[Look]) -> dict[Look, Part]:
    """Parts of boards from their copies. Those whose copy isn't marked so are absent."""
    by_set: dict[BoardSet, _Asked] = {}
    for look in looks:
        by_set.setdefault(look.board_set, _Asked()).add(look)
    answers = await valkey.ask(partial(_ask, mark, by_set))
    return {
        look: answers[look.board_set].part_for(look) for look in looks if look.board_set in answers
    }


async def _ask(
    mark: str, by_set: Mapping[BoardSet, _Asked], client: Redis
) -> dict[BoardSet, _Answer]:
    try:
        answers = await _evaluated(mark, by_set, client, is_known=True)
    except NoScriptError:
        answers = await _evaluated(mark, by_set, client, is_known=False)
    return {
        board_set: _Answer(asked, answer)
        for (board_set, asked), answer in zip(by_set.items(), answers, strict=True)
        if answer is not None
    }


async def _evaluated(
    mark: str, by_set: Mapping[BoardSet, _Asked], client: Redis, *, is_known: bool
) -> list[bytes | None]:
    """The script's answers. Its text is sent only when Valkey doesn't know it yet."""
    async with client.pipeline(transaction=False) as pipe:
        for board_set, asked in by_set.items():
            words = (1, board_set.key, mark, ENOUGH_FOLLOW, asked.packed())
            if is_known:
                pipe.evalsha(_PAGE_SHA, *words)
            else:
                pipe.eval(_PAGE, *words)
        return await pipe.execute()


def _pairs(flat: Sequence[Any]) -> Listed:
    return [
        (alias, int(float(points))) for alias, points in zip(flat[::2], flat[1::2], strict=True)
    ]


def _words_of(own: Own) -> Words:
    # Points as text: a number would pass through floating point.
    return str(own.points), str(own.alias)


def _words(look: Look) -> Words:
    match look.window:
        case Top():
            return "top", *look.window
        case FromPlace():
            return "place", *look.window
        case After(points, alias, limit):
            return "after", str(points), str(alias), limit
        case Around() if look.own is not None:
            return "around", *_words_of(look.own), *look.window
        case Around():
            raise ValueError("nobody to look around")
