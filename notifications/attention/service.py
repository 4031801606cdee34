"""Protect members' attention: let them rest, hear their no, set the programme's ceiling."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute
from ground.unit_of_work import unit_of_work
from notifications.attention.budget import Ceiling
from notifications.attention.standing import ceiling

SPEND: Final = """
INSERT INTO attention_spend (member_id, notification_id, kind, at)
SELECT m, n, k, $4 FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS s (m, n, k)
ON CONFLICT (notification_id) DO NOTHING
"""


async def rest(member_id: UUID, until: datetime, why: str) -> None:
    """Ask nothing of a member until then, because something went wrong for them.

    `why` is a word such as `moderation` or `survey`. A shorter rest never ends a longer one.
    """
    await execute(
        """
        INSERT INTO attention AS a (member_id, rest_until, rest_why) VALUES ($1, $2, $3)
        ON CONFLICT (member_id) DO UPDATE SET
            rest_until = greatest(a.rest_until, excluded.rest_until),
            rest_why = CASE WHEN a.rest_until IS NULL OR a.rest_until < excluded.rest_until
                THEN excluded.rest_why ELSE a.rest_why END
        """,
        member_id,
        until,
        why,
    )


async def said_no(member_id: UUID, kind: str) -> None:
    """Hear a no to a kind of asking: each one in a row doubles the wait until the next."""
    await execute(
        """
        INSERT INTO attention_refusal AS r (member_id, kind, noes, last_no_at)
        VALUES ($1, $2, 1, $3)
        ON CONFLICT (member_id, kind) DO UPDATE SET noes = r.noes + 1, last_no_at = $3
        """,
        member_id,
        kind,
        clock.now(),
    )


async def said_yes(member_id: UUID, kind: str) -> None:
    """Hear a yes: what was said before is forgotten."""
    await execute(
        "DELETE FROM attention_refusal WHERE member_id = $1 AND kind = $2", member_id, kind
    )


async def spend(spends: Sequence[tuple[UUID, int, str]], now: datetime) -> None:
    """Note what was asked: whom, by which notification, of which kind. Twice counts once."""
    if not spends:
        return
    members, notifications, kinds = zip(*spends, strict=True)
    await execute(SPEND, list(members), list(notifications), list(kinds), now)


async def set_ceiling(to: Ceiling, *, by: Caller) -> None:
    """Set how much of members' attention the programme may ask for."""
    async with unit_of_work():
        before = await ceiling()
        await execute(
            """
            INSERT INTO attention_ceiling (id, asks, days, changed_at) VALUES (1, $1, $2, $3)
            ON CONFLICT (id) DO UPDATE SET asks = $1, days = $2, changed_at = $3
            """,
            to.asks,
            to.days,
            clock.now(),
        )
        details = {
            "before": {"asks": before.asks, "days": before.days},
            "after": {"asks": to.asks, "days": to.days},
        }
        await audit.record(
            by, "attention.ceiling_set", subject="attention:ceiling", details=details
        )


async def forget(member_id: UUID) -> None:
    """Forget what a member was asked: they left."""
    for statement in (
        "DELETE FROM attention WHERE member_id = $1",
        "DELETE FROM attention_spend WHERE member_id = $1",
        "DELETE FROM attention_refusal WHERE member_id = $1",
    ):
        await execute(statement, member_id)
