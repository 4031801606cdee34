"""Read the audit trail: who did what, when and why.

Reading it is no act. Handing it out is one, and is in it.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

import msgspec

from community.audit.filters import Filters, Position, conditions
from ground import audit
from ground.callers import Caller
from ground.engine import fetch
from ground.unit_of_work import unit_of_work

PAGE: Final = 1_000

# Names and reasons are joined when somebody reads. The trail holds neither, for nobody's erasure
# reaches it: a reason is with what was done by hand, or held, as long as it may be known.
ENTRIES: Final = """
SELECT entry.id, entry.happened_at, entry.actor, nullif(person.display_name, '') AS actor_name,
    entry.role, entry.action, entry.subject,
    nullif(coalesce(act.reason, hold.reason), '{}') AS reason, entry.details, entry.request_id
FROM (
    SELECT * FROM audit_entry WHERE CONDITIONS ORDER BY happened_at DESC, id DESC LIMIT SIZE
) AS entry
LEFT JOIN member AS person ON person.id = CASE
    WHEN entry.actor ~ '^member:[0-9a-f-]{36}$' THEN substr(entry.actor, 8)::uuid
END
LEFT JOIN hand_act AS act ON act.id = CASE
    WHEN entry.subject ~ '^act:[0-9]{1,18}$' THEN substr(entry.subject, 5)::bigint
END
LEFT JOIN LATERAL (
    SELECT CASE entry.action
        WHEN 'activities.held' THEN h.reason
        WHEN 'activities.reversed' THEN coalesce(h.decided_because, h.reason)
    END AS reason
    FROM entry_hold AS h
    WHERE h.origin_id = CASE
        WHEN entry.subject ~ '^activity:[0-9]{1,18}$' THEN substr(entry.subject, 10)::bigint
    END
    -- The same may have been held more than once.
    ORDER BY least(
        abs(extract(epoch FROM h.held_at - entry.happened_at)),
        abs(extract(epoch FROM h.decided_at - entry.happened_at))
    ) LIMIT 1
) AS hold ON true
ORDER BY entry.happened_at DESC, entry.id DESC
"""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An act of somebody, with the name they have now."""

    id: int
    happened_at: datetime
    actor: str
    actor_name: str | None
    role: str
    action: str
    subject: str
    # By language; nothing where none was given or it was forgotten.
    reason: dict[str, str] | None
    details: dict[str, Any]
    request_id: str

    @property
    def position(self) -> Position:
        return Position(self.happened_at, self.id)


async def entries(filters: Filters, *, after: Position | None, limit: int) -> list[Entry]:
    """Acts that fit, the newest first."""
    wanted, values = conditions(filters, after)
    sql = ENTRIES.replace("CONDITIONS", wanted).replace("SIZE", f"${len(values) + 1}")
    rows = await fetch(sql, *values, limit)
    return [_entry(dict(row)) for row in rows]


def _entry(row: dict[str, Any]) -> Entry:
    reason = row["reason"] and msgspec.json.decode(row["reason"])
    return Entry(**row | {"reason": reason, "details": msgspec.json.decode(row["details"])})


async def exported(filters: Filters, *, by: Caller) -> AsyncIterator[list[Entry]]:
    """Hand the acts that fit out, a page at a time, the newest first.

    That it was handed out is written down first, so it is an act among them. Each page is read
    by itself: nobody waits for a long export, and what is done meanwhile isn't in it.
    """
    wanted = msgspec.to_builtins(filters)
    async with unit_of_work():
        await audit.record(by, "audit.exported", subject="audit", details=wanted)
    page = await entries(filters, after=None, limit=PAGE)
    return _pages(filters, page)


async def _pages(filters: Filters, page: list[Entry]) -> AsyncIterator[list[Entry]]:
    while page:
        yield page
        after = page[-1].position
        page = await entries(filters, after=after, limit=PAGE) if len(page) == PAGE else []
