"""Reads parts of boards from the copy in Valkey: one script, one round trip."""

from functools import partial
from importlib import resources
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis

from gamification.boards.places import ENOUGH_FOLLOW
from gamification.boards.sets import BoardSet
from gamification.boards.windows import After, Around, FromPlace, Own, Part, Top, Window
from ground import valkey

_PAGE: Final = resources.files("gamification.boards").joinpath("page.lua").read_text()


async def part_in_copy(
    board_set: BoardSet, mark: str, own: Own | None, window: Window
) -> Part | None:
    """A part of a board from its copy, or nothing if the copy isn't marked so."""
    answer = await valkey.ask(partial(_ask, board_set.key, mark, own, window))
    if answer is None:
        return None
    above_own, above_first, through_first, goes_on, *flat = answer
    listed = [
        (UUID(alias.decode()), int(float(points)))
        for alias, points in zip(flat[::2], flat[1::2], strict=True)
    ]
    return Part(above_own, above_first, through_first, bool(goes_on), listed)


async def _ask(
    key: str, mark: str, own: Own | None, window: Window, client: Redis
) -> list[Any] | None:
    oneself = ("", "") if own is None else (own.points, str(own.alias))
    answer: list[Any] | None = await client.eval(
        _PAGE, 1, key, mark, ENOUGH_FOLLOW, *oneself, *_words(window)
    )
    return answer


def _words(window: Window) -> tuple[str | int, ...]:
    match window:
        case Top():
            return "top", *window
        case FromPlace():
            return "place", *window
        case After(points, alias, limit):
            return "after", points, str(alias), limit
        case Around():
            return "around", *window
