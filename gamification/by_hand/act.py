"""An act by hand: what a manager wants, and what is kept of it. Pure, but for reading rows."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from gamification.by_hand.reason import Reason, reason_in
from gamification.by_hand.tables import Does, State

WAITS: Final = timedelta(days=7)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a manager wants to do for members. `slug` is a badge's, or with `credit` a kind's."""

    does: Does
    slug: str
    members: tuple[UUID, ...]
    reason: Reason
    subject: str = ""
    quantity: int = 1


class Stage(StrEnum):
    """How far an act has come. One that waited for seven days is expired.

    `withdrawn`: who proposed it took it back.
    """

    DONE = "done"
    PROPOSED = "proposed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act by hand as it is kept."""

    id: int
    does: Does
    slug: str
    subject: str
    quantity: int
    members: tuple[UUID, ...]
    reason: Reason | None
    done_by: UUID
    at: datetime
    state: State
    decided_by: UUID | None
    decided_at: datetime | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Act":
        return cls(
            id=row["id"],
            does=Does(row["does"]),
            slug=row["slug"],
            subject=row["subject"],
            quantity=row["quantity"],
            members=tuple(dict.fromkeys(row["members"])),
            reason=reason_in(row["reason"]),
            done_by=row["done_by"],
            at=row["at"],
            state=State(row["state"]),
            decided_by=row["decided_by"],
            decided_at=row["decided_at"],
        )

    def stage(self, now: datetime) -> Stage:
        """How far it has come by now."""
        if self.state is State.PROPOSED and self.at + WAITS <= now:
            return Stage.EXPIRED
        if self.state is State.DECLINED and self.decided_by is None:
            return Stage.WITHDRAWN
        return Stage(self.state.value)


class Outcome(StrEnum):
    """What an act was for one member."""

    DONE = "done"
    # They had it, or hadn't it, before.
    UNCHANGED = "unchanged"
    # They left between the proposal and the second word.
    GONE = "gone"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What an act was for one member."""

    member_id: UUID
    outcome: Outcome
    points: int = 0
    awards: tuple[str, ...] = ()
