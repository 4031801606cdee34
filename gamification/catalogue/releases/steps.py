"""How a publication comes into force, and goes back: in small steps, each a transaction.

What has to be counted for the past is counted ahead, page by page, while what was in force
stays in force. Then the versions take over in one moment, and page by page everybody is
decided about anew. Each page holds its members as crediting does, so both go on at once and
come to the same. A step that crashed is done again from its start; no step depends on memory.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from gamification.boards.copy import doubt
from gamification.catalogue import backfill, members
from gamification.catalogue.backfill import Difference, difference
from gamification.catalogue.changes import to_decide_again
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.history import Version
from gamification.catalogue.releases import release as releases
from gamification.catalogue.releases import undoing, writing
from gamification.catalogue.releases.mark import Mark, Row, assembled, packed
from gamification.catalogue.releases.release import Release
from gamification.catalogue.releases.wanted import Unnumbered, planned
from gamification.catalogue.rule import Node
from gamification.catalogue.service import flow_numbers, in_force, latest_revision, rows_until
from gamification.ledger import intake
from gamification.recognition.settle import settle_members, take_back
from ground import clock
from ground.audit import record
from ground.engine import execute
from ground.unit_of_work import after_commit, retried

NOBODY = UUID(int=0)


async def step(release_id: int) -> Release:
    """Do the next step of a release. Return the release after it."""

    async def one() -> Release:
        release = await releases.hold(release_id)
        match release.phase:
            case "beginning":
                await _begin(release)
            case "counting":
                await _count(release)
            case "switching":
                await _take_over(release)
            case "deciding":
                await _decide(release)
            case None:
                pass
        return await releases.read(release_id)

    return await retried(one)


class _Plan(NamedTuple):
    """What is to be written, and the catalogue before and after it."""

    versions: list[Version]
    mark: Mark | None
    before: Catalogue
    after: Catalogue


async def _plan(release: Release) -> _Plan:
    """Work out what the release does to the catalogue as it is. Call it while nobody credits."""
    revision = await latest_revision()
    rows = await rows_until(revision)
    now = clock.now()
    if release.backwards:
        versions = undoing.versions_back(rows, release.id, now)
        mark = Mark(undone=release.id)
    else:
        versions = planned(
            release.changes, rows, now, since=release.since, to_the_past=release.to_the_past
        )
        mark = None
    ahead = _rows_after(rows, versions, mark, release.id)
    await writing.number_flows(assembled(revision, ahead, Unnumbered()))
    numbers = await flow_numbers()
    before = assembled(revision, _settled(rows), numbers)
    return _Plan(versions, mark, before, assembled(revision, ahead, numbers))


def _settled(rows: Sequence[Row]) -> list[Row]:
    """The rows with nothing counted ahead."""
    last = max((row.id for row in rows), default=0)
    return [*rows, Row(last + 1, Mark())]


def _rows_after(
    rows: Sequence[Row], versions: Sequence[Version], mark: Mark | None, release_id: int
) -> list[Row]:
    last = max((row.id for row in rows), default=0)
    contents: list[Version | Mark] = [*versions, mark or Mark()]
    return [*rows, *(Row(last + n, each, release_id) for n, each in enumerate(contents, 1))]


async def _keep_crediting_out() -> None:
    """Wait for the crediting at hand, but not for long: all other crediting waits behind us."""
    await execute("SET LOCAL lock_timeout = '2s'")
    await intake.hold_everything()


async def _begin(release: Release) -> None:
    """See that it can be done, and let what it counts be counted from here on."""
    await _keep_crediting_out()
    if release.backwards and release.in_force_at is None:
        await _give_up(release)
        return
    plan = await _plan(release)
    if not plan.versions and plan.mark is None:
        await releases.finish(release, "done")
        return
    gained = difference(plan.before, plan.after).gained
    if not any(gained):
        await _put_in_force(release, plan)
        return
    without = release.id if release.backwards else None
    mark = Mark(ahead=[packed(each) for each in plan.versions], without=without)
    await writing.write_mark(release.id, mark)
    await releases.enter(release, "counting", total=await members.how_many_with_entries())


async def _count(release: Release) -> None:
    """Count the past of some members for what is to come."""
    catalogue = await in_force(await intake.catalogue_revision())
    page = await members.with_entries(release.last_member or NOBODY)
    if not page or catalogue.ahead is None:
        await releases.enter(release, "switching")
        return
    players = await intake.hold_players(page)
    gained = difference(msgspec.structs.replace(catalogue, ahead=None), catalogue.ahead).gained
    joined_at = {member_id: player.joined_at for member_id, player in players.items()}
    rows = await backfill.amounts_of(catalogue, joined_at, await backfill.closed_at())
    await backfill.overwrite(gained, joined_at, rows)
    await releases.advance(release, list(page))


async def _take_over(release: Release) -> None:
    await _keep_crediting_out()
    await _put_in_force(release, await _plan(release))


async def _put_in_force(release: Release, plan: _Plan) -> None:
    before = await latest_revision()
    await writing.write_versions(plan.versions, release.id)
    await writing.write_mark(release.id, plan.mark or Mark())
    await _note(release, plan)
    moved = difference(plan.before, plan.after)
    if any(streams.of_boards for streams in moved):
        after_commit(doubt)
    total = await members.how_many() if _has_to_decide(plan.before, plan.after, moved) else 0
    await releases.enter(release, "deciding", total=total, revision_before=before)


def _has_to_decide(before: Catalogue, after: Catalogue, moved: Difference) -> bool:
    return bool(
        any(moved.changed)
        or any(moved.lost)
        or to_decide_again(before, after)
        or _vanished(before, after)
    )


def _vanished(before: Catalogue, after: Catalogue) -> frozenset[Node]:
    return frozenset(before.rules_by_node.keys() - after.rules_by_node.keys())


async def _note(release: Release, plan: _Plan) -> None:
    await writing.note_in_force(release)
    await record(
        release.actor,
        "catalogue.rolled_back" if release.backwards else "catalogue.published",
        subject=f"catalogue:{await latest_revision()}",
        details={
            "publication": release.id,
            "changes": [
                {
                    "what": each.what,
                    "slug": each.slug,
                    "version": each.version,
                    "retired": each.retired,
                }
                for each in plan.versions
            ],
        },
    )


async def _decide(release: Release) -> None:
    """Decide anew about some members, and forget what nobody counts for them any more."""
    after = await in_force(await intake.catalogue_revision())
    before = await in_force(release.revision_before or 0)
    moved = difference(before, after)
    nodes = to_decide_again(before, after)
    vanished = _vanished(before, after)
    page = await members.everybody(release.last_member or NOBODY)
    if not page or not _has_to_decide(before, after, moved):
        await _end(release)
        return
    players = await intake.hold_players(page)
    if any(moved.changed):
        joined_at = {member_id: player.joined_at for member_id, player in players.items()}
        rows = await backfill.amounts_of(after, joined_at, await backfill.closed_at())
        await backfill.overwrite(moved.changed, joined_at, rows)
    await backfill.drop(moved.lost, list(players))
    decided = await take_back(players, vanished)
    if nodes:
        decided += len(await settle_members(players, nodes))
    await releases.advance(release, list(page), decided)


async def _give_up(release: Release) -> None:
    """Go back before anything was in force: nothing is counted ahead any more."""
    before = await latest_revision()
    await writing.write_mark(release.id, Mark())
    await releases.enter(
        release, "deciding", total=await members.how_many(), revision_before=before
    )


async def _end(release: Release) -> None:
    await releases.finish(release, "rolled_back" if release.backwards else "done")
    after_commit(doubt)
