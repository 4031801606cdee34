"""Acts by hand with the names of those whom they are about."""

from collections.abc import Sequence
from uuid import UUID

from community.by_hand.names import names_of
from community.by_hand.views import ActView
from gamification.by_hand import service as by_hand
from gamification.by_hand.act import Act, Result, Stage, Wanted
from gamification.by_hand.errors import ProposerGone
from ground import clock, cursors
from ground.callers import Caller
from ground.engine import fetchval
from ground.http import Page
from ground.roles import Role
from ground.unit_of_work import retried


async def act(wanted: Wanted, *, by: Caller) -> ActView:
    """Do it, or propose it where another manager's word is needed."""
    return await _view(*await by_hand.act(wanted, by=by))


async def approve(act_id: int, *, by: Caller) -> ActView:
    """Give the second word to what another who is still a manager proposed."""

    async def approved() -> tuple[Act, list[Result]]:
        found = await by_hand.approve(act_id, by=by)
        role = await fetchval("SELECT role FROM member WHERE id = $1", found[0].done_by)
        if role is None or not Role(role).reaches(Role.MANAGER):
            raise ProposerGone
        return found

    return await _view(*await retried(approved))


async def decline(act_id: int, *, by: Caller) -> ActView:
    """Say no to what another manager proposed."""
    return await _view(await by_hand.decline(act_id, by=by))


async def withdraw(act_id: int, *, by: Caller) -> ActView:
    """Take one's own proposal back."""
    return await _view(await by_hand.withdraw(act_id, by=by))


async def one(act_id: int) -> ActView:
    """An act, whatever became of it."""
    return await _view(await by_hand.one(act_id))


async def acts(
    stage: Stage | None, member_id: UUID | None, limit: int, cursor: str | None
) -> Page[ActView]:
    """Acts by hand, the newest first."""
    before = cursors.decode(cursor, int)[0] if cursor else None
    found = await by_hand.acts(stage, member_id=member_id, before=before, limit=limit + 1)
    shown = found[:limit]
    names = await names_of([each for one_act in shown for each in people_in(one_act)])
    now = clock.now()
    return Page(
        items=[ActView.of(each, names, now) for each in shown],
        next_cursor=cursors.encode(shown[-1].id) if len(found) > limit else None,
    )


def people_in(found: Act) -> list[UUID | None]:
    """All whom an act names."""
    return [*found.members, found.done_by, found.decided_by]


async def _view(found: Act, results: Sequence[Result] = ()) -> ActView:
    return ActView.of(found, await names_of(people_in(found)), clock.now(), results)
