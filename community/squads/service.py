"""Squads with the names of who is in them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from community.members.appearance import acceptable_name
from community.profiles.service import names_among_mates, shown
from community.squads.views import (
    InvitationView,
    ManagedSquadView,
    MySquads,
    OpenSquadView,
    SquadChange,
    SquadView,
    SquadWanted,
)
from gamification.squads import invitations, reading
from gamification.squads import service as squads
from gamification.squads.reading import SquadRead
from ground import cursors
from ground.http import Page
from ground.languages import Language
from notifications.wording.lint import refuse_pressing_name


def name_of_squad(raw: str) -> str:
    """The name as it is kept. Others read it, so it sells nothing and hurries nobody."""
    name = acceptable_name(raw, "/name")
    refuse_pressing_name(name, "/name")
    return name


async def found(member_id: UUID, wanted: SquadWanted) -> UUID:
    """Found a squad."""
    return await squads.found(
        member_id,
        name_of_squad(wanted.name),
        most=wanted.most,
        is_open=wanted.is_open,
        appears=wanted.appears,
    )


async def change(squad_id: UUID, member_id: UUID, wanted: SquadChange) -> None:
    """Change what is given about a squad."""
    await squads.change(
        squad_id,
        member_id,
        name=name_of_squad(wanted.name) if isinstance(wanted.name, str) else None,
        most=wanted.most if isinstance(wanted.most, int) else None,
        is_open=wanted.is_open if isinstance(wanted.is_open, bool) else None,
    )


async def view(squad_id: UUID, member_id: UUID, language: Language) -> SquadView:
    """A squad that a member may look at."""
    squad = await reading.squad_for(squad_id, member_id)
    [seen] = await _views([squad], member_id, language)
    return seen


async def mine(member_id: UUID, language: Language) -> MySquads:
    """The squads that somebody is in: a few, so that they are one page."""
    found = await reading.squads_of(member_id)
    return MySquads(items=await _views(found, member_id, language))


async def open_ones(limit: int, cursor: str | None) -> Page[OpenSquadView]:
    """Squads that anybody may join."""
    found = await reading.open_ones(before=_before(cursor), limit=limit + 1)
    return Page(
        items=[OpenSquadView.of(each) for each in found[:limit]],
        next_cursor=_next(found, limit),
    )


async def invite(squad_id: UUID, by: UUID, member_id: UUID) -> None:
    """Ask somebody who chose to be seen. Nobody is told whether they had been asked before."""
    await shown(member_id)
    await invitations.invite(squad_id, by, member_id)


async def waiting(member_id: UUID, limit: int, cursor: str | None) -> Page[InvitationView]:
    """The squads that ask for somebody."""
    before = cursors.decode(cursor, int)[0] if cursor else None
    found = await invitations.waiting(member_id, before=before, limit=limit + 1)
    page = found[:limit]
    names = await names_among_mates({each.invited_by for each in page})
    more = len(found) > limit
    return Page(
        items=[InvitationView.of(each, names) for each in page],
        next_cursor=cursors.encode(page[-1].id) if more else None,
    )


async def all_of_them(limit: int, cursor: str | None) -> Page[ManagedSquadView]:
    """Every squad, for moderators."""
    found = await reading.all_of_them(before=_before(cursor), limit=limit + 1)
    return Page(
        items=[ManagedSquadView.of(each) for each in found[:limit]],
        next_cursor=_next(found, limit),
    )


async def _views(
    found: Sequence[SquadRead], member_id: UUID, language: Language
) -> list[SquadView]:
    """Each squad with the names that its own members chose to have there."""
    mine = [each for each in found if each.has(member_id)]
    names = await names_among_mates({mate.member_id for each in mine for mate in each.mates})
    return [SquadView.of(each, member_id, names, language) for each in found]


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    moment, squad_id = cursors.decode(cursor, datetime, UUID)
    return moment, squad_id


def _next(found: list[SquadRead], limit: int) -> str | None:
    if len(found) <= limit:
        return None
    return cursors.encode(found[limit - 1].founded_at, found[limit - 1].id)
