"""Keep what recognition has to know of members. Community calls this when a member changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from piccolo.columns import Column

from gamification.boards.copy import player_changed
from gamification.by_hand import merging as by_hand
from gamification.catalogue.service import in_force
from gamification.challenges import merging as challenges
from gamification.challenges.taking_part import leave_all
from gamification.holds import chain
from gamification.ledger import intake
from gamification.ledger.merge import move_everything
from gamification.players.tables import Player, PlayerState, Population, Visibility
from gamification.recognition.settle import settle_members
from gamification.segments import keep as segments
from gamification.squads import service as squads
from ground.engine import execute, fetchval

GONE: Final[dict[Column | str, Any]] = {
    Player.visibility: Visibility.HIDDEN.value,
    Player.public_visibility: False,
    Player.staff: False,
}


class Newcomer(msgspec.Struct, frozen=True):
    """Somebody whom recognition hears of for the first time."""

    member_id: UUID
    population: Population
    joined_at: datetime


async def expect(newcomers: Sequence[Newcomer]) -> None:
    """Add people who were imported: they count, and are shown to nobody until they come."""
    await execute(
        """
        INSERT INTO player (member_id, state, population, visibility, public_visibility,
                            staff, joined_at, board_alias)
        SELECT id, 'unclaimed', population, 'hidden', false, false, joined_at, gen_random_uuid()
        FROM unnest($1::uuid[], $2::varchar[], $3::timestamptz[]) AS new(id, population, joined_at)
        """,
        [newcomer.member_id for newcomer in newcomers],
        [newcomer.population.value for newcomer in newcomers],
        [newcomer.joined_at for newcomer in newcomers],
    )


async def welcome(member_id: UUID, *, population: Population | None, joined_at: datetime) -> None:
    """Let somebody take part: new, expected, or back again.

    Who was known before keeps the earlier date, and their population unless another is given.
    """
    was_known = await fetchval(
        """
        INSERT INTO player (member_id, state, population, visibility, public_visibility,
                            staff, joined_at, board_alias)
        VALUES ($1, 'active', coalesce($2, 'customer'), 'hidden', false, false, $3,
                gen_random_uuid())
        ON CONFLICT (member_id) DO UPDATE
        SET state = 'active', population = coalesce($2, player.population),
            joined_at = least(player.joined_at, excluded.joined_at)
        RETURNING xmax <> 0
        """,
        member_id,
        population and population.value,
        joined_at,
    )
    if was_known:
        await _settle_what_time_earned(member_id)
    await player_changed(member_id)


async def show(member_id: UUID, *, visibility: Visibility, public_visibility: bool) -> None:
    """Let somebody appear on boards as they chose."""
    await Player.update(
        {Player.visibility: visibility.value, Player.public_visibility: public_visibility}
    ).where((Player.member_id == member_id) & (Player.state == PlayerState.ACTIVE.value))
    await player_changed(member_id)


async def mark_staff(member_id: UUID, *, staff: bool) -> None:
    """Take somebody out of competition, or back in."""
    await Player.update({Player.staff: staff}).where(Player.member_id == member_id)
    await player_changed(member_id)


async def let_go(member_id: UUID) -> None:
    """Hide somebody who left. What they earned stays in the ledger and is shown to nobody.

    What staff wrote about them is forgotten.
    """
    await by_hand.forget_reasons(member_id)
    await chain.forget_reasons(member_id)
    await leave_all(member_id)
    await Player.update({Player.state: PlayerState.LEFT.value, **GONE}).where(
        Player.member_id == member_id
    )
    await squads.leave_all(member_id)
    await player_changed(member_id)


async def merge(gone: UUID, survivor: UUID) -> None:
    """Make two players one: everything earned is the survivor's, as if it had always been."""
    # In the order of all crediting, so that none waits for this in turn.
    await intake.catalogue_revision()
    await intake.hold_players({gone, survivor})
    await execute(
        """
        UPDATE player SET joined_at = least(player.joined_at, other.joined_at)
        FROM player AS other WHERE player.member_id = $2 AND other.member_id = $1
        """,
        gone,
        survivor,
    )
    await move_everything(gone, survivor)
    await challenges.move(gone, survivor)
    await by_hand.move(gone, survivor)
    await segments.move(gone, survivor)
    await squads.move(gone, survivor)
    await Player.update({Player.state: PlayerState.MERGED.value, **GONE}).where(
        Player.member_id == gone
    )
    await player_changed(gone)
    await _settle_what_time_earned(survivor)


async def _settle_what_time_earned(member_id: UUID) -> None:
    """Award what the length of membership alone earns, now that it is another one."""
    catalogue = await in_force(await intake.catalogue_revision())
    nodes = [rule.node for rule in catalogue.rules if rule.by_the_clock and not rule.retired]
    await settle_members([member_id], nodes)
