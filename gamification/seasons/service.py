"""Reading seasons, and closing one before its time."""

from collections.abc import Sequence
from datetime import date

from gamification.boards.closing import close
from gamification.boards.scores import closed_periods
from gamification.catalogue.on_boards import SeasonInForce
from gamification.catalogue.service import current
from gamification.ledger.intake import hold_everything
from gamification.seasons.errors import SeasonNotFound, SeasonNotOver
from gamification.seasons.views import SeasonView
from ground import clock, cursors, programme
from ground.audit import record
from ground.callers import Caller
from ground.http import Page
from ground.languages import Language
from ground.unit_of_work import unit_of_work


async def seasons(language: Language, limit: int, cursor: str | None) -> Page[SeasonView]:
    """The seasons, the one that begins last first."""
    before = (date.max.toordinal() + 1, "") if cursor is None else cursors.decode(cursor, int, str)
    rest = [season for season in await _in_force() if _position(season) < before]
    page = rest[:limit]
    position = _position(page[-1]) if len(rest) > limit else None
    return Page(
        items=await _views(page, language),
        next_cursor=cursors.encode(*position) if position else None,
    )


async def season(slug: str, language: Language) -> SeasonView:
    """A season."""
    [view] = await _views([await _named(slug)], language)
    return view


async def close_season(slug: str, language: Language, *, by: Caller) -> SeasonView:
    """Freeze the boards of a season that is over, without waiting for what comes late.

    Again, it changes nothing.
    """
    async with unit_of_work():
        # Nobody publishes meanwhile that it goes on.
        await hold_everything()
        found = await _named(slug)
        if _today() <= found.days.ends_on:
            raise SeasonNotOver(f"Its last day is {found.days.ends_on}.")
        if await close([found.days.period]):
            await record(by, "seasons.closed", subject=f"season:{slug}")
        [view] = await _views([found], language)
    return view


async def _in_force() -> list[SeasonInForce]:
    known = (await current()).seasons.values()
    return sorted((each for each in known if not each.days.retired), key=_position, reverse=True)


async def _named(slug: str) -> SeasonInForce:
    for each in await _in_force():
        if each.days.slug == slug:
            return each
    raise SeasonNotFound


async def _views(found: Sequence[SeasonInForce], language: Language) -> list[SeasonView]:
    closed = await closed_periods(each.days.period for each in found)
    today = _today()
    return [
        SeasonView.of(each, today, language, is_closed=each.days.period in closed) for each in found
    ]


def _today() -> date:
    return clock.now().astimezone(programme.zone()).date()


def _position(each: SeasonInForce) -> tuple[int, str]:
    return each.days.starts_on.toordinal(), each.days.slug
