"""Tells boards' channels which places changed since they were told last.

A board's own channel is for everybody who may read the board, so it holds only what each of them
may see: who appears, and of these nobody after whom fewer than five follow. Sites have a channel
of their own that says no names at all: what they may show is in their own, public reading.
"""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Final, NamedTuple, Protocol
from uuid import UUID

import msgspec

from gamification.boards.channels import PREFIX, SITE_PREFIX, set_of
from gamification.boards.events import BoardMoved, PlaceLine, PlacesChanged
from gamification.boards.places import ENOUGH_FOLLOW
from gamification.boards.reading import Asked, Line, read_all
from gamification.boards.sets import BoardSet
from gamification.boards.sites import leaders_on_sites
from gamification.boards.windows import Top
from gamification.catalogue.service import current
from ground import clock, programme
from notifications.announcements.history import opened
from notifications.announcements.ticker import Teller, Telling

LINES: Final = 100
# Nobody: somebody who reads without competing, from whom nothing is hidden but who is hidden.
NOBODY: Final = UUID(int=0)

Shown = tuple[int, str, int]


class Told(NamedTuple):
    """What was told last: the period, and the place, name and points of each line."""

    period: str = ""
    lines: Sequence[Shown] = ()


_told: Final = msgspec.json.Decoder(tuple[str, list[Shown]])


class Names(Protocol):
    """What members chose to be called by others, of those who appear there."""

    def __call__(
        self, member_ids: Collection[UUID], *, on_public_sites: bool
    ) -> Awaitable[Mapping[UUID, str]]: ...


def tellers(names: Names) -> list[Teller]:
    """Those who tell boards, with somebody who knows names."""
    return [
        Teller(PREFIX, partial(_tell, names), partial(_channels, PREFIX)),
        Teller(SITE_PREFIX, partial(_tell_sites, names), partial(_channels, SITE_PREFIX)),
    ]


async def _channels(prefix: str) -> list[str]:
    return [f"{prefix}:{board.slug}" for board in (await current()).boards]


async def _sets(channels: Collection[str]) -> dict[str, BoardSet]:
    """The sets of the channels that somebody ever listened to, and that are about something."""
    catalogue, heard = await current(), await opened(channels)
    today = clock.now().astimezone(programme.zone()).date()
    sets = {board.slug: set_of(catalogue, board, today) for board in catalogue.boards}
    found = {channel: sets.get(channel.partition(":")[2]) for channel in sorted(heard)}
    return {channel: board_set for channel, board_set in found.items() if board_set is not None}


async def _tell(names: Names, before: Mapping[str, str]) -> list[Telling]:
    sets = await _sets(before.keys())
    if not sets:
        return []
    now = clock.now()
    # As many more as tell that enough follow.
    window = Top(LINES + ENOUGH_FOLLOW - 1)
    read = await read_all([Asked(each, NOBODY, window, now) for each in sets.values()])
    lines = [visible(reading.lines) for reading in read.readings]
    called = await names({line.member_id for some in lines for line in some}, on_public_sites=False)
    tellings = []
    for (channel, board_set), some in zip(sets.items(), lines, strict=True):
        shown = [
            (line.place, called[line.member_id], line.points)
            for line in some
            if line.member_id in called
        ]
        told = Told(*_told.decode(before[channel])) if before[channel] else None
        tellings.append(_telling(channel, told, Told(board_set.period, shown)))
    return tellings


def visible(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines that every reader may see, whatever their own points: enough follow on each."""
    for index, line in enumerate(lines[:LINES]):
        ties_from = next(n for n, other in enumerate(lines) if other.points == line.points)
        if len(lines) - ties_from < ENOUGH_FOLLOW:
            return lines[:index]
    return lines[:LINES]


def _telling(channel: str, told: Told | None, now: Told) -> Telling:
    known = told.lines if told is not None and told.period == now.period else ()
    changed = [
        PlaceLine(index=index, place=place, name=name, points=points)
        for index, (place, name, points) in enumerate(now.lines)
        if index >= len(known) or known[index] != (place, name, points)
    ]
    text = msgspec.json.encode(now).decode()
    if (
        told is not None
        and not changed
        and (now.period, len(now.lines))
        == (
            told.period,
            len(told.lines),
        )
    ):
        return Telling(channel, None, text)
    event = PlacesChanged(
        board=channel.partition(":")[2],
        period=now.period,
        listed=len(now.lines),
        lines=changed,
    )
    return Telling(channel, event, text)


async def _tell_sites(names: Names, before: Mapping[str, str]) -> list[Telling]:
    tellings = []
    for channel, board_set in (await _sets(before.keys())).items():
        leaders = await leaders_on_sites(board_set, LINES)
        called = await names({member_id for member_id, _ in leaders}, on_public_sites=True)
        shown = [(called.get(member_id), points) for member_id, points in leaders]
        mark = sha256(msgspec.json.encode((board_set.period, shown))).hexdigest()
        moved = BoardMoved(board=channel.partition(":")[2], period=board_set.period)
        tellings.append(Telling(channel, None if mark == before[channel] else moved, mark))
    return tellings
