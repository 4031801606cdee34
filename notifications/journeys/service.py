"""What managers do with journeys, and members with those they are in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute, fetch, fetchrow
from ground.preconditions import require_seen
from ground.unit_of_work import unit_of_work
from notifications.journeys import keeping
from notifications.journeys.errors import JourneyInvalid, JourneyNotFound
from notifications.journeys.keeping import Kept
from notifications.journeys.plan import Plan
from notifications.journeys.validation import faults, texts
from notifications.wording.lint import refuse_pressure

HOLD: Final = """
SELECT j.slug, j.version, j.enabled, j.changed_at, p.plan
FROM journey j JOIN journey_plan p ON p.slug = j.slug AND p.version = j.version
WHERE j.slug = $1 FOR UPDATE OF j
"""

WRITE: Final = """
WITH written AS (
    INSERT INTO journey_plan (slug, version, plan, written_at) VALUES ($1, $2, $3::jsonb, $4)
)
INSERT INTO journey (slug, version, enabled, changed_at) VALUES ($1, $2, $5, $4)
ON CONFLICT (slug) DO UPDATE SET version = $2, changed_at = $4
"""

# What happened lately may be what a journey begins with that begins to be there.
LOOK_AGAIN: Final = """
UPDATE journey_fact SET is_fresh = true
WHERE NOT is_fresh AND (fact = ANY($1::text[]) OR split_part(fact, ':', 1) = ANY($1::text[]))
"""

LEAVE: Final = """
WITH left_now AS (
    UPDATE journey_run SET ended_at = $3, ended_as = 'left', due_at = NULL
    WHERE member_id = $1 AND slug = $2 AND ended_at IS NULL RETURNING id
)
INSERT INTO journey_run (slug, version, member_id, began_at, since, ended_at, ended_as)
SELECT $2, 0, $1, $3, $3, $3, 'left'
WHERE NOT EXISTS (SELECT FROM left_now) AND NOT EXISTS (
    SELECT FROM journey_run WHERE member_id = $1 AND slug = $2 AND ended_as = 'left')
"""

# Time that somebody was away isn't time that they waited: an anniversary that passed meanwhile is
# over, and so is what had its time. Who left before they were in it was never in it.
COME_BACK: Final = """
WITH back AS (
    UPDATE journey_run SET ended_at = NULL, ended_as = '', since = $3, due_at = $3
    WHERE member_id = $1 AND slug = $2 AND ended_as = 'left' AND version > 0
)
DELETE FROM journey_run
WHERE member_id = $1 AND slug = $2 AND ended_as = 'left' AND version = 0 RETURNING id
"""
LOOK_AGAIN_AT: Final = """
UPDATE journey_fact SET is_fresh = true
WHERE member_id = $2 AND NOT is_fresh
    AND (fact = ANY($1::text[]) OR split_part(fact, ':', 1) = ANY($1::text[]))
"""


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """A journey that a member is in, or has left."""

    journey: Kept
    began_at: datetime
    left_at: datetime | None = None


async def read(slug: str) -> Kept:
    """A journey as it is now."""
    found = (await keeping.all_of_them()).get(slug)
    if found is None:
        raise JourneyNotFound
    return found


async def write(
    slug: str, plan: Plan, *, if_match: str | None, if_none_match: str | None, by: Caller
) -> Kept:
    """Change a journey, or add one. Whoever is inside stays with the plan they began with."""
    wrong = faults(plan)
    if wrong:
        raise JourneyInvalid(wrong[0].detail, errors=tuple(wrong))
    refuse_pressure(texts(plan))
    async with unit_of_work():
        # Two who write at once take turns, also where there is nothing yet.
        await execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"journey:{slug}")
        await keeping.ensure_shipped()
        before = await _hold(slug)
        require_seen(
            None if before is None else before.etag,
            if_match=if_match,
            if_none_match=if_none_match,
        )
        version = 1 if before is None else before.version + 1
        # A new one says nothing to anybody before it is switched on.
        enabled = before is not None and before.enabled
        encoded = msgspec.json.encode(plan).decode()
        await execute(WRITE, slug, version, encoded, clock.now(), enabled)
        await audit.record(
            by, "journeys.written", subject=f"journey:{slug}", details={"version": version}
        )
        return await _there(slug)


async def switch(slug: str, *, on: bool, by: Caller) -> Kept:
    """Let a journey speak, or be silent: who is inside waits until it is switched on again."""
    async with unit_of_work():
        await keeping.ensure_shipped()
        before = await _there(slug)
        if before.enabled is not on:
            await execute(
                "UPDATE journey SET enabled = $2, changed_at = $3 WHERE slug = $1",
                slug,
                on,
                clock.now(),
            )
            if on:
                await execute(LOOK_AGAIN, list(before.plan.begins.on))
            await audit.record(
                by, "journeys.switched", subject=f"journey:{slug}", details={"on": on}
            )
        return await _there(slug)


async def _hold(slug: str) -> Kept | None:
    row = await fetchrow(HOLD, slug)
    return None if row is None else keeping.kept(row)


async def _there(slug: str) -> Kept:
    found = await _hold(slug)
    if found is None:
        raise JourneyNotFound
    return found


async def of_member(member_id: UUID) -> Sequence[Inside]:
    """The journeys that a member is in or has left, those that are switched on."""
    rows = await fetch(
        """
        SELECT j.slug, j.version, j.enabled, j.changed_at, p.plan, r.began_at,
            r.ended_at AS left_at
        FROM journey_run r JOIN journey j ON j.slug = r.slug AND j.enabled
            JOIN journey_plan p ON p.slug = j.slug AND p.version = j.version
        WHERE r.member_id = $1 AND (r.ended_at IS NULL OR r.ended_as = 'left') ORDER BY r.slug
        """,
        member_id,
    )
    return [
        Inside(journey=keeping.kept(row), began_at=row["began_at"], left_at=row["left_at"])
        for row in rows
    ]


async def leave(member_id: UUID, slug: str) -> None:
    """Leave a journey until one comes back. One may before one is in it."""
    async with unit_of_work():
        await read(slug)
        await execute(LEAVE, member_id, slug, clock.now())


async def come_back(member_id: UUID, slug: str) -> None:
    """Go on in a journey where one left it. One that came to its end isn't begun again."""
    async with unit_of_work():
        journey = await read(slug)
        if await fetch(COME_BACK, member_id, slug, clock.now()):
            await execute(LOOK_AGAIN_AT, list(journey.plan.begins.on), member_id)


async def forget(member_id: UUID) -> None:
    """Forget where a member was and what was known of them: they left."""
    for statement in (
        "DELETE FROM journey_run WHERE member_id = $1",
        "DELETE FROM journey_fact WHERE member_id = $1",
    ):
        await execute(statement, member_id)
