"""What follows for acts by hand when accounts are made one, and when somebody leaves."""

from uuid import UUID

from gamification.by_hand import rulings
from gamification.by_hand.carrying_out import around
from gamification.catalogue.rule import Node
from gamification.catalogue.service import in_force
from gamification.ledger import intake
from gamification.recognition.settle import settle_members
from ground import clock
from ground.engine import execute


async def move(from_id: UUID, to_id: UUID) -> None:
    """Make what staff did, and what waits, about the account that stays."""
    await execute(
        """
        UPDATE hand_act SET done_by = $2
        WHERE done_by = $1 AND state = 'proposed' AND decided_by IS NULL
        """,
        from_id,
        to_id,
    )
    await execute(
        """
        UPDATE hand_act SET members = array_replace(members, $1::uuid, $2::uuid)
        WHERE members @> ARRAY[$1::uuid] AND state = 'proposed'
        """,
        from_id,
        to_id,
    )
    badges = await rulings.move(from_id, to_id, clock.now())
    if badges:
        catalogue = await in_force(await intake.catalogue_revision())
        nodes: set[Node] = {("badge", slug) for slug in badges}
        await settle_members([from_id, to_id], around(catalogue, nodes))


async def forget_reasons(member_id: UUID) -> None:
    """Forget what was written about nobody but somebody who leaves."""
    await execute(
        """
        UPDATE hand_act SET reason = '{}'
        WHERE members @> ARRAY[$1::uuid] AND cardinality(members) = 1
        """,
        member_id,
    )
