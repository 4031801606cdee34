"""Work for later: a job exists if and only if the transaction that asked for it committed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from ground.engine import execute
from ground.unit_of_work import in_transaction

DEFER: Final = """
SELECT procrastinate_defer_jobs_v1(array(
    SELECT ROW($1::varchar, $2::varchar, 0, $3::text, NULL, args, $5::timestamptz)
           ::procrastinate_job_to_defer_v1
    FROM unnest($4::jsonb[]) AS args
))
"""


async def defer(
    task: str,
    args: Mapping[str, Any],
    *,
    queue: str = "default",
    lock: str | None = None,
    at: datetime | None = None,
) -> None:
    """Leave a job to the worker. Jobs with the same lock run one after the other."""
    await defer_many(task, [args], queue=queue, lock=lock, at=at)


async def defer_many(
    task: str,
    several_args: Sequence[Mapping[str, Any]],
    *,
    queue: str = "default",
    lock: str | None = None,
    at: datetime | None = None,
) -> None:
    """Leave one job for each of the arguments, in one statement."""
    if not in_transaction():
        raise RuntimeError("a job is left in the transaction that asks for it")
    encoded = [msgspec.json.encode(args).decode() for args in several_args]
    await execute(DEFER, queue, task, lock, encoded, at)
