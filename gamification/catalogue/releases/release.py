"""A release as its row holds it: what it changes, where it stands, and how far it has come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from gamification.catalogue.releases.errors import PublicationNotFound
from gamification.catalogue.releases.wanted import Wanted
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchrow
from ground.errors import FieldError
from ground.roles import Role

# `waiting` for its moment; `running` until it is `done`; `going_back` until it is `rolled_back`.
State = Literal["waiting", "running", "done", "failed", "going_back", "rolled_back"]
# It begins, counts the past, takes over at once, and decides anew about member after member.
Phase = Literal["beginning", "counting", "switching", "deciding"]
STATES: Final[tuple[str, ...]] = get_args(State)

_COLUMNS: Final = """
    id, state, phase, changes, to_the_past, due_at, asked_by, asked_role, asked_at, in_force_at,
    rolled_back_by, rolled_back_role, finished_at, touched_at, revision_before, members_done,
    members_total, last_member, decided, problem
"""
_ONE: Final = f"SELECT {_COLUMNS} FROM catalogue_release WHERE id = $1"  # noqa: S608
_ONE_ALONE: Final = f"{_ONE} FOR UPDATE"
_PAGE: Final = f"""
SELECT {_COLUMNS} FROM catalogue_release
WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2
"""  # noqa: S608


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why it couldn't come into force, or go back."""

    code: Annotated[str, Meta(examples=["criteria_cycle"])]
    detail: Annotated[str, Meta(examples=["badge a > badge b > badge a"])] = ""
    errors: list[FieldError] = []


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Versions that come into force together."""

    id: int
    state: State
    phase: Phase | None
    changes: list[Wanted]
    to_the_past: bool
    due_at: datetime | None
    asked_by: str
    asked_role: Role
    asked_at: datetime
    in_force_at: datetime | None
    rolled_back_by: str | None
    rolled_back_role: Role | None
    finished_at: datetime | None
    touched_at: datetime | None
    revision_before: int | None
    members_done: int
    members_total: int
    last_member: UUID | None
    decided: int
    problem: Refusal | None

    @property
    def since(self) -> datetime:
        """From when its criteria count, if they aren't about the past."""
        return self.due_at or self.asked_at

    @property
    def backwards(self) -> bool:
        return self.state == "going_back"

    @property
    def at_work(self) -> bool:
        return self.state in {"running", "going_back"}

    @property
    def actor(self) -> Caller:
        """Who let it run in the direction in which it runs, for the audit trail."""
        if self.backwards and self.rolled_back_by is not None:
            return _caller(self.rolled_back_by, self.rolled_back_role or Role.MANAGER)
        return _caller(self.asked_by, self.asked_role)


def _caller(actor: str, role: Role) -> Caller:
    kind, _, name = actor.partition(":")
    if kind == CallerKind.MEMBER:
        return Caller(kind=CallerKind.MEMBER, member_id=UUID(name), role=role)
    return Caller(kind=CallerKind.OPERATOR, name=name, role=role)


async def read(release_id: int) -> Release:
    """A release."""
    return _release(await fetchrow(_ONE, release_id))


async def hold(release_id: int) -> Release:
    """A release, which nobody else changes until the transaction ends."""
    return _release(await fetchrow(_ONE_ALONE, release_id))


async def page(before: int | None, limit: int) -> list[Release]:
    """Releases, the newest first."""
    return [_release(row) for row in await fetch(_PAGE, before, limit)]


def _release(row: Any) -> Release:  # noqa: ANN401
    if row is None:
        raise PublicationNotFound
    values = dict(row)
    values["changes"] = msgspec.json.decode(values["changes"], type=list[Wanted])
    problem = values["problem"]
    values["problem"] = None if problem is None else msgspec.json.decode(problem, type=Refusal)
    for role in ("asked_role", "rolled_back_role"):
        values[role] = values[role] and Role(values[role])
    return Release(**values)


async def add(
    changes: Sequence[Wanted],
    *,
    by: Caller,
    state: State,
    to_the_past: bool,
    due_at: datetime | None = None,
) -> Release:
    """Write down a release."""
    row = await fetchrow(
        _ADDED,
        state,
        "beginning" if state == "running" else None,
        msgspec.json.encode(changes).decode(),
        to_the_past,
        due_at,
        by.actor,
        by.role.value,
        clock.now(),
    )
    return _release(row)


_ADDED: Final = f"""
INSERT INTO catalogue_release (state, phase, changes, to_the_past, due_at, asked_by, asked_role,
    asked_at, touched_at, members_done, members_total, decided)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, 0, 0) RETURNING {_COLUMNS}
"""  # noqa: S608


async def enter(
    release: Release, phase: Phase, *, total: int = 0, revision_before: int | None = None
) -> None:
    """Begin a phase, from the first member on."""
    await execute(
        """
        UPDATE catalogue_release SET phase = $2, members_done = 0, members_total = $3,
            last_member = NULL, revision_before = coalesce($4, revision_before), touched_at = $5
        WHERE id = $1
        """,
        release.id,
        phase,
        total,
        revision_before,
        clock.now(),
    )


async def advance(release: Release, members: Sequence[UUID], decided: int = 0) -> None:
    """Remember up to whom a phase has come."""
    await execute(
        """
        UPDATE catalogue_release SET members_done = members_done + $2, last_member = $3,
            members_total = greatest(members_total, members_done + $2), decided = decided + $4,
            touched_at = $5
        WHERE id = $1
        """,
        release.id,
        len(members),
        max(members),
        decided,
        clock.now(),
    )


async def finish(release: Release, state: State, problem: Refusal | None = None) -> None:
    """End it."""
    await execute(
        """
        UPDATE catalogue_release SET state = $2, phase = NULL, finished_at = $3, problem = $4,
            touched_at = $3
        WHERE id = $1
        """,
        release.id,
        state,
        clock.now(),
        None if problem is None else msgspec.json.encode(problem).decode(),
    )
