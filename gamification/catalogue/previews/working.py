"""Working a preview out, page by page. It reads, and nobody waits for it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from gamification.catalogue import members
from gamification.catalogue.changes import to_decide_again
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.previews.foresight import Foreseen, foreseen, reasons
from gamification.catalogue.previews.service import LONGEST, NAMED, Numbers, Preview, State, read
from gamification.catalogue.releases.mark import Mark, Row, assembled, standing_of
from gamification.catalogue.releases.wanted import Unnumbered, planned
from gamification.catalogue.rule import Node
from gamification.catalogue.service import in_force, latest_revision, rows_until
from ground import clock
from ground.engine import execute, fetchval
from ground.unit_of_work import unit_of_work

Told = Callable[[int, int], None]


class Plan(msgspec.Struct, frozen=True):
    """What a preview compares: the catalogue that would be, and what it would decide anew."""

    after: Catalogue
    nodes: frozenset[Node]
    vanished: frozenset[Node]


async def plan_of(preview: Preview) -> Plan:
    """The catalogue over which the preview was asked for, with its changes."""
    rows = await rows_until(preview.revision)
    before = await in_force(preview.revision)
    versions = planned(
        preview.changes,
        rows,
        preview.asked_at,
        since=preview.asked_at,
        to_the_past=preview.to_the_past,
    )
    known = standing_of(rows).versions
    numbers = Unnumbered(before.flow_numbers)
    journal: list[Row] = [Row(n, each) for n, each in enumerate([*known, *versions])]
    after = assembled(preview.revision, [*journal, Row(len(journal), Mark())], numbers)
    gone = before.rules_by_node.keys() - after.rules_by_node.keys()
    return Plan(after, to_decide_again(before, after), frozenset(gone))


async def work_out(preview_id: int, told: Told | None = None) -> None:
    """Do all pages of a preview that are left. A crash leaves it where its last page ended."""
    plans: dict[int, Plan] = {}
    while True:
        try:
            preview = await _next_page(preview_id, plans)
        except asyncpg.SerializationError:
            # Another worker is at it too, and did this page.
            continue
        if preview is None:
            return
        if told is not None:
            told(preview.members_done, preview.members_total)


async def _next_page(preview_id: int, plans: dict[int, Plan]) -> Preview | None:
    """Do a page. Return the preview after it, or nothing when there is nothing left to do."""
    # One moment for all that a page reads; nobody waits for it.
    async with unit_of_work(isolation="repeatable_read"):
        preview = await _held(preview_id)
        if preview is None:
            return None
        if preview_id not in plans:
            plans[preview_id] = await plan_of(preview)
        state = await _page(preview, plans[preview_id])
        if state != "running":
            await execute(
                """
                UPDATE catalogue_preview SET state = $2::text, finished_at = $3,
                    members_total = CASE $2::text WHEN 'done' THEN members_done
                        ELSE members_total END
                WHERE id = $1
                """,
                preview_id,
                state,
                clock.now(),
            )
        return await read(preview_id)


async def _held(preview_id: int) -> Preview | None:
    """A preview that is to be worked on, and on which nobody else works."""
    there = await fetchval(
        "SELECT id FROM catalogue_preview WHERE id = $1 AND state = 'running' FOR UPDATE",
        preview_id,
    )
    return None if there is None else await read(preview_id)


async def _page(preview: Preview, plan: Plan) -> State:
    now = clock.now()
    if await latest_revision() != preview.revision:
        return "outdated"
    if now - preview.asked_at > LONGEST:
        return "too_long"
    page = await members.everybody(preview.last_member or UUID(int=0))
    if not page or not (plan.nodes or plan.vanished):
        return "done"
    found = await foreseen(plan.after, plan.nodes, plan.vanished, page, now)
    numbers = {(each.what, each.slug): each for each in preview.numbers}
    by_name: list[Foreseen] = []
    for each in found:
        what, slug = each.place.node
        mine = numbers.get(each.place.node) or Numbers(what=what, slug=slug)
        numbers[each.place.node] = mine.and_one(each.outcome)
        if each.outcome != "stays" and getattr(mine, each.outcome) < NAMED:
            by_name.append(each)
    needs = await reasons(plan.after, by_name, page, now)
    await _write(preview, by_name, needs)
    await execute(
        """
        UPDATE catalogue_preview SET last_member = $2, members_done = members_done + $3,
            members_total = greatest(members_total, members_done + $3), numbers = $4
        WHERE id = $1
        """,
        preview.id,
        max(page),
        len(page),
        msgspec.json.encode(sorted(numbers.values(), key=lambda n: (n.what, n.slug))).decode(),
    )
    return "running"


async def _write(preview: Preview, by_name: Sequence[Foreseen], needs: Any) -> None:  # noqa: ANN401
    if not by_name:
        return
    rows = [
        (
            preview.id,
            *each.place.node,
            each.outcome,
            each.place.member_id,
            each.subject,
            each.before and each.before.at,
            each.after and each.after.at,
            ",".join(map(str, each.after.entries if each.after else ())),
            _encoded(needs.get(each.place)),
        )
        for each in by_name
    ]
    await execute(
        """
        INSERT INTO catalogue_preview_member (preview, what, slug, outcome, member_id, subject,
            held_since, would_hold_since, entries, asks_for)
        SELECT p, w, s, o, m, sub, h, wh, string_to_array(e, ',')::bigint[], n
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[],
            $7::timestamptz[], $8::timestamptz[], $9::text[], $10::jsonb[])
            AS t (p, w, s, o, m, sub, h, wh, e, n)
        """,
        *map(list, zip(*rows, strict=True)),
    )


def _encoded(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
