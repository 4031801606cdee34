"""Hold an activity for a look, release it, take it back."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from gamification import credit
from gamification.by_hand.errors import OwnRecognition, SecondWordNeeded
from gamification.by_hand.limits import A_DAY, Alone, needs_second_word, one_at_a_time
from gamification.by_hand.reason import Reason
from gamification.by_hand.told import in_words
from gamification.catalogue.service import in_force
from gamification.holds import again
from gamification.holds.errors import AlreadyReversed, EntryNotFound, NotHeld
from gamification.holds.line import Line, Stands, line_of
from gamification.ledger import intake, journal
from gamification.ledger.merge import again as as_told
from gamification.rules.facts import Fact
from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute, fetch, fetchval
from ground.unit_of_work import retried, unit_of_work
from notifications.notify import notify

# What the ledger itself says. The words of staff stay outside of it, where they can be forgotten.
HELD: Final = "held"
BY_STAFF: Final = "taken_back_by_staff"


async def hold(entry_id: int, reason: Reason, *, by: Caller) -> Line:
    """Hold an activity: until it is released it counts nowhere, and the member sees why."""
    return await _looked_at(entry_id, by, lambda line: _hold(line, reason, by))


async def release(entry_id: int, *, by: Caller) -> Line:
    """Let an activity count again as if it had never been held."""
    return await _looked_at(entry_id, by, lambda line: _release(line, by))


async def reverse(entry_id: int, reason: Reason, *, by: Caller) -> Line:
    """Take an activity back, also one that is held: it never happened."""
    return await _looked_at(entry_id, by, lambda line: _reverse(line, reason, by))


async def _looked_at(entry_id: int, by: Caller, act: Callable[[Line], Awaitable[None]]) -> Line:
    """Act on an activity that nobody else changes meanwhile. Return where it stands then."""

    async def acted() -> Line:
        async with unit_of_work():
            await one_at_a_time(by.member)
            await act(await _locked(entry_id, by))
            return await _line(entry_id)

    return await retried(acted)


async def _line(entry_id: int) -> Line:
    line = await line_of(entry_id)
    if line is None:
        raise EntryNotFound
    return line


async def _locked(entry_id: int, by: Caller) -> Line:
    line = await _line(entry_id)
    if by.member_id in {line.member_id, line.owner}:
        raise OwnRecognition
    catalogue = await in_force(await intake.catalogue_revision())
    [fact] = await journal.by_id([line.id])
    await again.hold_around(catalogue, fact)
    await intake.hold_players({line.owner, line.member_id})
    return await _line(entry_id)


async def _hold(line: Line, reason: Reason, by: Caller) -> None:
    if line.stands is Stands.HELD:
        return
    if line.stands is Stands.TAKEN_BACK:
        raise AlreadyReversed
    await credit.reverse([line.current], reason=HELD)
    await _note(line, reason, by, state="held")
    await _tell(line, "activity.held", reason=in_words(reason))
    await _record(line, by, "activities.held")


async def _release(line: Line, by: Caller) -> None:
    if line.stands is Stands.TAKEN_BACK:
        raise AlreadyReversed
    if not line.was_held:
        raise NotHeld
    if line.stands is Stands.COUNTS:
        return
    [fact] = await journal.by_id([line.current])
    await execute(
        """
        UPDATE entry_hold SET state = 'released', decided_by = $2, decided_at = $3, release_id = $4
        WHERE id = $1
        """,
        line.hold_id,
        by.member,
        clock.now(),
        await _credited(line, fact),
    )
    await _tell(line, "activity.released")
    await _record(line, by, "activities.released")


async def _credited(line: Line, fact: Fact) -> int | None:
    """The entry that takes the place of the one that was held.

    After accounts were merged it is what merging would have made of it.
    """
    if line.member_id != line.owner:
        [origin] = await journal.by_id([line.id])
        day_only = await fetchval("SELECT day_only FROM ledger_entry WHERE id = $1", line.id)
        await credit.credit(as_told(origin, line.member_id, day_only=day_only))
        return None
    catalogue = await in_force(await intake.catalogue_revision())
    joined_at = await again.hold_around(catalogue, fact)
    return await again.credit_again(catalogue, fact, joined_at, clock.now())


async def _reverse(line: Line, reason: Reason, by: Caller) -> None:
    if line.stands is Stands.TAKEN_BACK:
        return
    if line.stands is Stands.COUNTS or line.held_by == by.member_id:
        await _refuse_beyond_limits(line, by)
    if line.stands is Stands.COUNTS:
        await credit.reverse([line.current], reason=BY_STAFF)
        await _note(line, reason, by, state="reversed")
    else:
        await execute(
            """
            UPDATE entry_hold SET state = 'reversed', decided_by = $2, decided_at = $3,
                decided_because = $4::jsonb
            WHERE id = $1
            """,
            line.hold_id,
            by.member,
            clock.now(),
            reason.stored(),
        )
    await _tell(line, "activity.reversed", reason=in_words(reason))
    await _record(line, by, "activities.reversed", held_by=line.held_by)


async def _note(line: Line, reason: Reason, by: Caller, *, state: str) -> None:
    now = clock.now()
    decided = None if state == "held" else now
    await execute(
        """
        INSERT INTO entry_hold (origin_id, entry_id, member_id, reason, held_by, held_at, state,
            decided_by, decided_at)
        VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)
        """,
        line.id,
        line.current,
        line.member_id,
        reason.stored(),
        by.member,
        now,
        state,
        by.member if decided else None,
        decided,
    )


async def _refuse_beyond_limits(line: Line, by: Caller) -> None:
    """What one manager took back alone within a day, split as it may be."""
    rows = await fetch(
        """
        SELECT h.member_id, sum(e.worth) AS points
        FROM entry_hold h JOIN ledger_entry e ON e.id = h.entry_id
        WHERE h.held_by = $1 AND h.decided_by = $1 AND h.state = 'reversed' AND h.decided_at > $2
        GROUP BY h.member_id
        """,
        by.member,
        clock.now() - A_DAY,
    )
    taken = {row["member_id"]: int(row["points"]) for row in rows}
    if needs_second_word(Alone(frozenset(taken), taken), [line.member_id], line.worth):
        raise SecondWordNeeded


async def _tell(line: Line, category: str, **facts: Any) -> None:
    await notify(line.member_id, category, activity=str(line.id), **facts)


async def _record(line: Line, by: Caller, action: str, *, held_by: UUID | None = None) -> None:
    details = {"member": str(line.member_id)} | ({"held_by": str(held_by)} if held_by else {})
    await audit.record(by, action, subject=f"activity:{line.id}", details=details)
