"""Hand out what the community holds: who is in it, what they did, what they earned.

Those who left are in no export, and neither is the stand-in for people that a source lost.
What came from a source goes by the source's own names: its ids of members and subjects, its
names of badges. A member whom no source names, and our own badges, go by our ids.
"""

from collections.abc import AsyncIterator
from typing import Final

from community.exports.cells import cell
from community.exports.lists import What, listing_of
from community.imports.stand_in import STAND_IN
from gamification.catalogue import service as catalogue
from ground import audit
from ground.callers import Caller
from ground.engine import fetch
from ground.unit_of_work import unit_of_work

PAGE: Final = 1_000


async def pages(what: What, *, source: str | None, by: Caller) -> AsyncIterator[list[list[str]]]:
    """The lines of a list, a page at a time, the names of the columns first.

    Each page is read by itself, so that a long export holds nobody up; what is added
    meanwhile may be in it or not.
    """
    async with unit_of_work():
        await audit.record(by, "exports.made", subject=what, details={"source": source})
    published = await catalogue.current()
    listing = listing_of(what, seasons=bool(published.seasons))
    names = {rule.slug: rule.definition.name.en for rule in published.rules}
    yield [list(listing.columns)]
    position = listing.start
    while rows := await fetch(listing.sql, STAND_IN, source, PAGE, *position):
        yield [[cell(value) for value in listing.line(row, names)] for row in rows]
        position = tuple(rows[-1][column] for column in listing.position)
