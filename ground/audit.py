"""Who did what, written in the transaction in which they did it."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog

from ground import clock
from ground.callers import Caller
from ground.engine import execute
from ground.unit_of_work import in_transaction

RECORD: Final = """
INSERT INTO audit_entry (happened_at, actor, role, action, subject, details, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def record(
    caller: Caller, action: str, *, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write down an act, such as `members.role_changed`.

    `details` holds ids and what changed, never a secret, a name, an address or what somebody
    wrote: nobody's erasure reaches the trail. Reasons are kept with what they are about.
    """
    if not in_transaction():
        raise RuntimeError("an act and its audit entry commit together")
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    await execute(
        RECORD,
        clock.now(),
        caller.actor,
        caller.role.value,
        action,
        subject,
        msgspec.json.encode(details or {}).decode(),
        request_id,
    )
