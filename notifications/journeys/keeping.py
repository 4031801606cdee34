"""Journeys as they are kept: which there are, their plans by version."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import asyncpg
import msgspec

from ground import clock
from ground.engine import execute, fetch
from notifications.journeys.plan import Plan
from notifications.journeys.shipped import SHIPPED

ENSURE: Final = """
WITH shipped AS (
    SELECT * FROM unnest($1::text[], $2::jsonb[]) AS s (slug, plan)
), plans AS (
    INSERT INTO journey_plan (slug, version, plan, written_at)
    SELECT slug, 1, plan, $3 FROM shipped ORDER BY slug ON CONFLICT DO NOTHING
)
INSERT INTO journey (slug, version, enabled, changed_at)
SELECT slug, 1, true, $3 FROM shipped ORDER BY slug ON CONFLICT DO NOTHING
"""

READ: Final = """
SELECT j.slug, j.version, j.enabled, j.changed_at, p.plan
FROM journey j JOIN journey_plan p ON p.slug = j.slug AND p.version = j.version
ORDER BY j.slug
"""

_plan_from = msgspec.json.Decoder(Plan)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A journey as it is now. A shipped one that nobody touched was never changed."""

    slug: str
    plan: Plan
    version: int = 1
    enabled: bool = True
    changed_at: datetime | None = None

    @property
    def etag(self) -> str:
        """Another one with each change."""
        return f'"{self.slug}-{self.version}-{"on" if self.enabled else "off"}"'


async def all_of_them() -> dict[str, Kept]:
    """All journeys there are, by slug."""
    found = {slug: Kept(slug=slug, plan=plan) for slug, plan in SHIPPED.items()}
    found |= {row["slug"]: kept(row) for row in await fetch(READ)}
    return dict(sorted(found.items()))


async def switched_on() -> list[Kept]:
    """The journeys that members are in now."""
    return [each for each in (await all_of_them()).values() if each.enabled]


async def versions(wanted: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Plan]:
    """The plans that members began with."""
    slugs, numbers = zip(*wanted, strict=True)
    rows = await fetch(
        """
        SELECT p.slug, p.version, p.plan FROM journey_plan p
        JOIN unnest($1::text[], $2::int[]) AS w (slug, version) USING (slug, version)
        """,
        list(slugs),
        list(numbers),
    )
    return {(row["slug"], row["version"]): _plan_from.decode(row["plan"]) for row in rows}


async def ensure_shipped() -> None:
    """Write down the shipped journeys that nobody wrote down yet."""
    plans = [msgspec.json.encode(plan).decode() for plan in SHIPPED.values()]
    await execute(ENSURE, list(SHIPPED), plans, clock.now())


def kept(row: asyncpg.Record) -> Kept:
    """A journey in a row."""
    return Kept(
        slug=row["slug"],
        plan=_plan_from.decode(row["plan"]),
        version=row["version"],
        enabled=row["enabled"],
        changed_at=row["changed_at"],
    )
