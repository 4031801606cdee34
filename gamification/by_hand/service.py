"""Give, take and credit by hand; above a limit only with a second manager's word."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from gamification.by_hand.act import WAITS, Act, Result, Stage, Wanted
from gamification.by_hand.carrying_out import carried_out, refuse_ungivable, worth_of
from gamification.by_hand.errors import (
    ActDecided,
    ActNotFound,
    AnothersProposal,
    MembersNotThere,
    OwnProposal,
    OwnRecognition,
)
from gamification.by_hand.limits import A_DAY, Alone, needs_second_word, one_at_a_time
from gamification.by_hand.tables import State
from gamification.catalogue.service import in_force
from gamification.holds.chain import STAFF
from gamification.ledger import intake
from ground import audit, clock
from ground.callers import Caller
from ground.engine import fetch, fetchrow
from ground.errors import FieldError
from ground.unit_of_work import retried, unit_of_work

COLUMNS: Final = """id, does, slug, subject, quantity, members, reason, done_by, at, state,
    decided_by, decided_at"""
# Stages that follow from more than the state.
KEPT_AS: Final = {Stage.EXPIRED: State.PROPOSED.value, Stage.WITHDRAWN: State.DECLINED.value}
NOT_THERE: Final = {
    "unclaimed": "Nobody has come for this account yet.",
    "left": "They left.",
    "merged": "This account was made one with another.",
}


async def act(wanted: Wanted, *, by: Caller) -> tuple[Act, list[Result]]:
    """Do it at once, or keep it for another manager where it is more than one does alone."""
    return await retried(lambda: _act(wanted, by))


async def approve(act_id: int, *, by: Caller) -> tuple[Act, list[Result]]:
    """Give the second word: it is done now, for those who are still there."""
    return await retried(lambda: _approve(act_id, by))


async def decline(act_id: int, *, by: Caller) -> Act:
    """Say no: it is never done."""
    async with unit_of_work():
        proposed = await _for_another(act_id, by)
        declined = await _decided(proposed, State.DECLINED, by.member)
        await _record(declined, by, "by_hand.declined")
    return declined


async def withdraw(act_id: int, *, by: Caller) -> Act:
    """Take one's own proposal back: it is never done."""
    async with unit_of_work():
        proposed = await _that_waits(act_id)
        if proposed.done_by != by.member:
            raise AnothersProposal
        withdrawn = await _decided(proposed, State.DECLINED, None)
        await _record(withdrawn, by, "by_hand.withdrawn")
    return withdrawn


async def one(act_id: int) -> Act:
    """An act, whatever became of it."""
    row = await fetchrow(f"SELECT {COLUMNS} FROM hand_act WHERE id = $1", act_id)  # noqa: S608
    if row is None:
        raise ActNotFound
    return Act.of(row)


async def acts(
    stage: Stage | None, *, member_id: UUID | None, before: int | None, limit: int
) -> list[Act]:
    """Acts by hand, the newest first."""
    state = stage and KEPT_AS.get(stage, stage.value)
    rows = await fetch(
        f"""
        SELECT {COLUMNS} FROM hand_act
        WHERE ($1::text IS NULL OR state = $1) AND ($2::bigint IS NULL OR id < $2)
            AND ($3::uuid IS NULL OR members @> ARRAY[$3::uuid])
            AND ($4::text IS DISTINCT FROM 'proposed' OR at > $5)
            AND ($4::text IS DISTINCT FROM 'expired' OR at <= $5)
            AND ($4::text IS DISTINCT FROM 'declined' OR decided_by IS NOT NULL)
            AND ($4::text IS DISTINCT FROM 'withdrawn' OR decided_by IS NULL)
        ORDER BY id DESC LIMIT $6
        """,  # noqa: S608 - the constant list of columns
        state,
        before,
        member_id,
        stage and stage.value,
        clock.now() - WAITS,
        limit,
    )
    return [Act.of(row) for row in rows]


async def _act(wanted: Wanted, by: Caller) -> tuple[Act, list[Result]]:
    async with unit_of_work():
        await one_at_a_time(by.member)
        if by.member in wanted.members:
            raise OwnRecognition
        catalogue = await in_force(await intake.catalogue_revision())
        refuse_ungivable(catalogue, wanted, clock.now())
        players = await intake.hold_players(wanted.members)
        _refuse_the_absent(wanted, players)
        alone = await _done_alone(by.member, wanted.members)
        if needs_second_word(alone, wanted.members, worth_of(catalogue, wanted)):
            proposed = await _kept(wanted, State.PROPOSED, by)
            await _record(proposed, by, "by_hand.proposed")
            return proposed, []
        done = await _kept(wanted, State.DONE, by)
        results = await carried_out(catalogue, done, players, clock.now())
        await _record(done, by, "by_hand.done")
    return done, results


async def _approve(act_id: int, by: Caller) -> tuple[Act, list[Result]]:
    async with unit_of_work():
        proposed = await _for_another(act_id, by)
        catalogue = await in_force(await intake.catalogue_revision())
        refuse_ungivable(catalogue, proposed, clock.now())
        players = await intake.hold_players(proposed.members)
        done = await _decided(proposed, State.DONE, by.member)
        results = await carried_out(catalogue, done, players, clock.now())
        await _record(done, by, "by_hand.approved")
    return done, results


async def _for_another(act_id: int, by: Caller) -> Act:
    """A proposal that this manager may give the second word to."""
    waiting = await _that_waits(act_id)
    if waiting.done_by == by.member:
        raise OwnProposal
    if {waiting.done_by, by.member} & set(waiting.members):
        raise OwnRecognition
    return waiting


async def _that_waits(act_id: int) -> Act:
    """A proposal that waits for a word, held so that it gets only one."""
    row = await fetchrow(
        f"SELECT {COLUMNS} FROM hand_act WHERE id = $1 FOR UPDATE",  # noqa: S608
        act_id,
    )
    if row is None:
        raise ActNotFound
    waiting = Act.of(row)
    if waiting.stage(clock.now()) is not Stage.PROPOSED:
        raise ActDecided
    return waiting


async def _kept(wanted: Wanted, state: State, by: Caller) -> Act:
    row = await fetchrow(
        f"""
        INSERT INTO hand_act (does, slug, subject, quantity, members, reason, done_by, at, state)
        VALUES ($1, $2, $3, $4, $5::uuid[], $6::jsonb, $7, $8, $9) RETURNING {COLUMNS}
        """,  # noqa: S608
        wanted.does.value,
        wanted.slug,
        wanted.subject,
        wanted.quantity,
        list(wanted.members),
        wanted.reason.stored(),
        by.member,
        clock.now(),
        state.value,
    )
    if row is None:
        raise LookupError("what was inserted is there")
    return Act.of(row)


async def _decided(waiting: Act, state: State, by: UUID | None) -> Act:
    row = await fetchrow(
        f"""
        UPDATE hand_act SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1
        RETURNING {COLUMNS}
        """,  # noqa: S608
        waiting.id,
        state.value,
        by,
        clock.now(),
    )
    if row is None:
        raise ActNotFound
    return Act.of(row)


def _refuse_the_absent(wanted: Wanted, players: dict[UUID, intake.Known]) -> None:
    errors = tuple(
        FieldError(
            f"/members/{place}",
            NOT_THERE.get(players[each].state, "") if each in players else "There is nobody.",
        )
        for place, each in enumerate(wanted.members)
        if each not in players or players[each].state != "active"
    )
    if errors:
        raise MembersNotThere(errors=errors)


async def _done_alone(manager: UUID, members: Collection[UUID]) -> Alone:
    """What a manager did within a day without another's word."""
    since = clock.now() - A_DAY
    for_whom = await fetch(
        """
        SELECT DISTINCT unnest(members) AS member_id FROM hand_act
        WHERE done_by = $1 AND at > $2 AND state = 'done' AND decided_by IS NULL
        """,
        manager,
        since,
    )
    points = await fetch(
        """
        SELECT e.member_id, sum(e.worth) AS points
        FROM hand_act a JOIN ledger_entry e ON e.source = $4 AND e.key = a.id::text
        WHERE a.done_by = $1 AND a.at > $2 AND a.state = 'done' AND a.decided_by IS NULL
            AND a.does = 'credit' AND e.member_id = ANY($3::uuid[]) AND e.reverses IS NULL
        GROUP BY e.member_id
        """,
        manager,
        since,
        list(members),
        STAFF,
    )
    return Alone(
        members=frozenset(row["member_id"] for row in for_whom),
        points={row["member_id"]: int(row["points"]) for row in points},
    )


async def _record(done: Act, by: Caller, action: str) -> None:
    await audit.record(
        by,
        action,
        subject=f"act:{done.id}",
        details={
            "does": done.does,
            "slug": done.slug,
            "subject": done.subject,
            "quantity": done.quantity,
            "members": [str(each) for each in done.members],
            "wanted_by": str(done.done_by),
        },
    )
