"""Writing into the catalogue's journal: versions, marks, and numbers of flows."""

from collections.abc import Sequence

import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BoardDefinition, SegmentDefinition
from gamification.catalogue.history import Version, written
from gamification.catalogue.releases.mark import RELEASE, Mark
from gamification.catalogue.releases.release import Release
from gamification.catalogue.service import flow_numbers
from ground import clock
from ground.engine import execute
from ground.jobs import defer


async def number_flows(catalogue: Catalogue) -> None:
    """Give numbers to the flows that have none yet."""
    missing = sorted(catalogue.flows.keys() - (await flow_numbers()).keys())
    if missing:
        await execute(
            "INSERT INTO flow (fingerprint) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
            missing,
        )


async def write_versions(versions: Sequence[Version], release_id: int) -> None:
    """Put versions into force, all at once."""
    if not versions:
        return
    await execute(
        """
        INSERT INTO publication (what, slug, version, definition, since, from_day, retired,
            published_at, release)
        SELECT *, $9::bigint FROM unnest($1::text[], $2::text[], $3::int[], $4::jsonb[],
            $5::timestamptz[], $6::date[], $7::bool[], $8::timestamptz[])
        """,
        [row.what for row in versions],
        [row.slug for row in versions],
        [row.version for row in versions],
        [written(row.definition).decode() for row in versions],
        [row.since for row in versions],
        [row.from_day for row in versions],
        [row.retired for row in versions],
        [row.published_at for row in versions],
        release_id,
    )
    if any(map(_is_about_a_segment, versions)):
        await defer("segments.refresh", {}, lock="segments.refresh")


def _is_about_a_segment(version: Version) -> bool:
    """Whether others are in a segment now, or a board begins to be for one."""
    match version.definition:
        case SegmentDefinition():
            return True
        case BoardDefinition(segment=segment):
            return segment is not None
        case _:
            return False


async def write_mark(release_id: int, mark: Mark) -> None:
    """Say what is counted ahead from here on, and what is undone."""
    await execute(
        """
        INSERT INTO publication (what, slug, version, definition, retired, published_at, release)
        SELECT $1::text, $2::bigint::text, 1 + count(*), $3::jsonb, false, $4::timestamptz, $2
        FROM publication WHERE what = $1::text AND slug = $2::bigint::text
        """,
        RELEASE,
        release_id,
        msgspec.json.encode(mark).decode(),
        clock.now(),
    )


async def note_in_force(release: Release) -> None:
    """Remember the moment; drafts that said this are done."""
    if release.backwards:
        return
    await execute(
        "UPDATE catalogue_release SET in_force_at = $2 WHERE id = $1", release.id, clock.now()
    )
    await execute(
        "DELETE FROM catalogue_draft WHERE revision = ANY($1::bigint[])",
        [each.draft for each in release.changes if each.draft],
    )
