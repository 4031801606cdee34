"""The catalogue in force: read once for each revision, and then from memory."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import SHAPES, Definition, What
from gamification.catalogue.history import Version
from gamification.catalogue.releases.mark import RELEASE, Mark, Row, assembled, standing_of
from ground.engine import fetch, fetchval
from ground.gathering import Gatherer
from ground.unit_of_work import in_transaction

REMEMBERED: Final = 4

_DECODERS: Final[dict[What, msgspec.json.Decoder[Any]]] = {
    what: msgspec.json.Decoder(shape) for what, shape in SHAPES.items()
}
_remembered: OrderedDict[int, Catalogue] = OrderedDict()


async def in_force(revision: int) -> Catalogue:
    """The catalogue at a revision, which is the id of its latest publication."""
    catalogue = _remembered.get(revision)
    if catalogue is None:
        rows = await rows_until(revision)
        catalogue = assembled(revision, rows, await flow_numbers())
        _remembered[revision] = catalogue
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    else:
        _remembered.move_to_end(revision)
    return catalogue


async def current() -> Catalogue:
    """The catalogue as it is now, for who only reads it. Who reads at the same time asks once."""
    if in_transaction():
        return await in_force(await latest_revision())
    [revision] = await _gatherer.do([None])
    return await in_force(revision)


async def lately() -> Catalogue:
    """The catalogue as this process knows it, for who compares its revision afterwards."""
    if not _remembered or in_transaction():
        return await current()
    return next(reversed(_remembered.values()))


async def _latest_for(readers: Sequence[None]) -> list[int]:
    return [await latest_revision()] * len(readers)


_gatherer: Final = Gatherer(_latest_for, at_once=1_000, waiting=10_000)


async def latest_revision() -> int:
    """The id of the latest publication; 0 before the first."""
    return int(await fetchval("SELECT coalesce(max(id), 0) FROM publication"))


async def publications(revision: int) -> list[Version]:
    """All versions that stand at a revision."""
    return standing_of(await rows_until(revision)).versions


async def rows_until(revision: int) -> list[Row]:
    """All that was written up to a revision: versions and marks."""
    rows = await fetch(
        """
        SELECT id, what, slug, version, definition, published_at, since, from_day, retired, release
        FROM publication WHERE id <= $1 ORDER BY id
        """,
        revision,
    )
    return [Row(row["id"], _content(row), row["release"]) for row in rows]


def _content(row: asyncpg.Record) -> Version | Mark:
    if row["what"] == RELEASE:
        return msgspec.json.decode(row["definition"], type=Mark)
    return Version(
        what=row["what"],
        slug=row["slug"],
        version=row["version"],
        definition=read(row["what"], row["definition"]),
        published_at=row["published_at"],
        since=row["since"],
        from_day=row["from_day"],
        retired=row["retired"],
    )


def read(what: What, definition: str) -> Definition:
    """A stored definition."""
    found: Definition = _DECODERS[what].decode(definition)
    return found


async def flow_numbers() -> dict[str, int]:
    """The number of each flow that ever had one."""
    rows = await fetch("SELECT fingerprint, id FROM flow")
    return {row["fingerprint"]: row["id"] for row in rows}


def forget() -> None:
    """Forget what was read: for another database."""
    _remembered.clear()
