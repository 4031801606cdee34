"""Decides about a batch of what is due, and writes down what was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from ground.engine import fetch
from notifications.attention import service as attention
from notifications.attention.plan import (
    Attention,
    Defer,
    Digest,
    Drop,
    Due,
    Plan,
    Send,
    Why,
    Wishes,
    decide,
)
from notifications.attention.standing import Asked, asked, wishes_of
from notifications.campaigns.stopped import OF_CAMPAIGNS, stopped
from notifications.inbox import live
from notifications.outbox.lines import Line, Outcome, write
from notifications.wording.category import Channel
from notifications.wording.registry import CATEGORIES

# A solicitation whose turn has come appears in the inbox as of now.
SHOW: Final = """
WITH shown AS (
    UPDATE notification n SET shown_at = $3, told_at = $3
    FROM unnest($1::bigint[], $2::bool[]) AS t (id, is_live)
    WHERE n.id = t.id AND n.shown_at IS NULL RETURNING n.member_id, t.is_live
)
SELECT DISTINCT member_id FROM shown WHERE is_live
"""


class Decision:
    """One pass over what is due."""

    def __init__(self, wishes: dict[UUID, Wishes], known: Asked, now: datetime) -> None:
        self.wishes = wishes
        self.known = known
        self.now = now
        self.stopped: set[int] = set()
        self.pushed: list[asyncpg.Record] = []
        self.put_off: list[tuple[asyncpg.Record, datetime]] = []
        self.finished: list[asyncpg.Record] = []
        self.shown: dict[int, bool] = {}
        self.spends: list[tuple[UUID, int, str]] = []
        self.lines: list[Line] = []

    @classmethod
    async def about(cls, rows: Sequence[asyncpg.Record], now: datetime) -> "Decision":
        asking = {row["member_id"] for row in rows if CATEGORIES[row["category"]].asks}
        known = await asked(asking, now)
        made = cls(await wishes_of({row["member_id"] for row in rows}), known, now)
        made.stopped = await stopped(
            [row["notification_id"] for row in rows if row["category"] in OF_CAMPAIGNS]
        )
        for row in rows:
            made._decide(row)
        return made

    def _decide(self, row: asyncpg.Record) -> None:
        category = CATEGORIES[row["category"]]
        member_id, notification_id = row["member_id"], row["notification_id"]
        due = Due(category=category, expires_at=row["expires_at"], is_read=row["is_read"])
        attention_now = Attention()
        if category.asks:
            attention_now = self.known.of(member_id, category.slug, notification_id)
        plan = decide(due, self.wishes.get(member_id), attention_now, self.now)
        if notification_id in self.stopped:
            plan = Drop(Why.STOPPED) if category.asks else Digest(Why.STOPPED)
        if isinstance(plan, Send):
            self._send(row, plan)
        elif isinstance(plan, Defer):
            self.put_off.append((row, plan.until))
        else:
            self.finished.append(row)
        self._note(row, plan)

    def _send(self, row: asyncpg.Record, plan: Send) -> None:
        category = CATEGORIES[row["category"]]
        member_id, notification_id = row["member_id"], row["notification_id"]
        if category.asks:
            if notification_id not in self.known.paid:
                self.known.spend(member_id, notification_id, self.now)
                self.spends.append((member_id, notification_id, category.slug))
            if Channel.INBOX in plan.channels:
                self.shown[notification_id] = Channel.LIVE in plan.channels
        (self.pushed if Channel.PUSH in plan.channels else self.finished).append(row)

    def _note(self, row: asyncpg.Record, plan: Plan) -> None:
        """What is pushed is noted once it has left."""
        asks = CATEGORIES[row["category"]].asks
        channel = Channel.INBOX if asks else Channel.PUSH
        until = plan.until if isinstance(plan, Defer) else None
        match plan:
            case Send(channels):
                if Channel.INBOX not in channels or not asks:
                    return
                outcome, why = Outcome.SENT, Why.SENT
            case Defer(_, why):
                outcome = Outcome.DEFERRED
            case Digest(why):
                outcome = Outcome.DIGEST
            case Drop(why):
                outcome = Outcome.DROPPED
        self.lines.append(
            Line(
                notification_id=row["notification_id"],
                member_id=row["member_id"],
                channel=channel,
                outcome=outcome,
                why=why,
                until=until,
            )
        )

    async def write(self) -> None:
        """Write down what was decided, but for the outbox itself."""
        await attention.spend(self.spends, self.now)
        await write(self.lines)
        if self.shown:
            ids, is_live = list(self.shown), list(self.shown.values())
            rows = await fetch(SHOW, ids, is_live, self.now)
            live.tell(row["member_id"] for row in rows)
