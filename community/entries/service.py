"""What staff reads of the ledger, with the names of those whom it is about."""

from collections.abc import Collection
from uuid import UUID

from community.by_hand.names import Names, names_of
from community.entries.views import LineView
from community.roster import service as roster
from gamification.by_hand.reason import Reason
from gamification.holds import lines, service
from gamification.holds.errors import EntryNotFound
from gamification.holds.lines import Filters, LedgerLine
from ground import cursors
from ground.callers import Caller
from ground.http import Page


async def of_member(
    member_id: UUID, filters: Filters, limit: int, cursor: str | None
) -> Page[LineView]:
    """A member's ledger, what was recorded last first."""
    await roster.member(member_id)
    before = cursors.decode(cursor, int)[0] if cursor else None
    found = await lines.of_member(member_id, before=before, limit=limit + 1, filters=filters)
    shown = found[:limit]
    names = await _names(shown)
    return Page(
        items=[LineView.of(each, names) for each in shown],
        next_cursor=cursors.encode(shown[-1].id) if len(found) > limit else None,
    )


async def held(limit: int, cursor: str | None) -> Page[LineView]:
    """What is held, the longest first."""
    after = cursors.decode(cursor, int)[0] if cursor else None
    found = await lines.that_wait(after, limit + 1)
    shown = found[:limit]
    names = await _names([line for _, line in shown])
    return Page(
        items=[LineView.of(line, names) for _, line in shown],
        next_cursor=cursors.encode(shown[-1][0]) if len(found) > limit else None,
    )


async def hold(entry_id: int, reason: Reason, *, by: Caller) -> LineView:
    """Hold an activity for a look."""
    return await _line((await service.hold(entry_id, reason, by=by)).id)


async def release(entry_id: int, *, by: Caller) -> LineView:
    """Let an activity count again."""
    return await _line((await service.release(entry_id, by=by)).id)


async def reverse(entry_id: int, reason: Reason, *, by: Caller) -> LineView:
    """Take an activity back."""
    return await _line((await service.reverse(entry_id, reason, by=by)).id)


async def _line(entry_id: int) -> LineView:
    line = await lines.line(entry_id)
    if line is None:
        raise EntryNotFound
    return LineView.of(line, await _names([line]))


async def _names(shown: Collection[LedgerLine]) -> Names:
    people = [(line.member_id, line.held_by, line.decided_by) for line in shown]
    return await names_of([each for group in people for each in group])
