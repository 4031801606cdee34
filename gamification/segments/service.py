"""Whom criteria are of, as they stand at the moment: how many, and who."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import SegmentDefinition
from gamification.catalogue.errors import CatalogueInvalid
from gamification.catalogue.service import current
from gamification.players.tables import Population
from gamification.segments.criteria import SegmentCriteria
from gamification.segments.errors import SegmentNotFound
from gamification.segments.statement import members_who
from gamification.segments.validation import Known, faults
from ground import clock
from ground.long_reads import fetch_long

COUNTED: Final = """
SELECT p.population, count(*) AS members,
       count(*) FILTER (WHERE p.visibility <> 'hidden') AS appear
{members} GROUP BY p.population
"""

PAGE: Final = """
SELECT p.joined_at, p.member_id
{members} AND ({moment}::timestamptz IS NULL OR (p.joined_at, p.member_id) < ({moment}, {member}))
ORDER BY p.joined_at DESC, p.member_id DESC LIMIT {limit}::int
"""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many members fit criteria, and how many of them appear to others."""

    members: int
    appear: int
    by_population: dict[Population, int]


class Place(NamedTuple):
    """Where a member stands in the list of a segment: the newest come first."""

    joined_at: datetime
    member_id: UUID


async def segment(slug: str) -> tuple[SegmentDefinition, Catalogue]:
    """A segment in force, and the catalogue that says so."""
    catalogue = await current()
    found = catalogue.segments.get(slug)
    if found is None:
        raise SegmentNotFound
    return found, catalogue


def refuse_faults(criteria: SegmentCriteria, catalogue: Catalogue, start: str) -> None:
    """Raise `CatalogueInvalid` with all that speaks against these criteria."""
    known = Known(
        catalogue.kinds,
        {badge.slug for badge in catalogue.badges},
        {tier.slug for tier in catalogue.tiers},
    )
    wrong = list(faults(criteria, start, known))
    if wrong:
        raise CatalogueInvalid.with_faults(wrong)


async def count(criteria: SegmentCriteria, catalogue: Catalogue) -> Counted:
    """How many fit now."""
    members = members_who(criteria, catalogue, clock.now())
    rows = await fetch_long(COUNTED.format(members=members.sql), *members.values)
    found = {Population(row["population"]): row for row in rows}
    return Counted(
        members=sum(row["members"] for row in rows),
        appear=sum(row["appear"] for row in rows),
        by_population={each: found[each]["members"] if each in found else 0 for each in Population},
    )


async def page(
    criteria: SegmentCriteria, catalogue: Catalogue, *, before: Place | None, limit: int
) -> list[Place]:
    """Some of those who fit now, who joined last first."""
    members = members_who(criteria, catalogue, clock.now())
    moment, member_id = before or (None, None)
    statement = PAGE.format(
        members=members.sql,
        moment=members.with_value(moment),
        member=members.with_value(member_id),
        limit=members.with_value(limit),
    )
    return [Place(*row) for row in await fetch_long(statement, *members.values)]
