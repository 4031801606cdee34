"""Bare routes: what Litestar does at best on the same server, and activities written by hand.

No middleware, no authentication, no rule. The reading routes answer what the product answered
before, as structs of the same types; the public one the very same bytes.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from litestar import Litestar, MediaType, Response, get, post
from litestar.params import JSONBody

from community.activities.views import ActivitiesTold, ResultsView, ResultView
from community.boards.views import BoardPage
from gamification.ledger.activity import Credited, Status
from gamification.standings.views import StandingView

ANSWERS: Final = "BENCH_ANSWERS"
PUBLIC: Final = "BENCH_PUBLIC"
BARE_TABLES: Final = """
CREATE TABLE IF NOT EXISTS bare_standing (member_id uuid PRIMARY KEY, entries bigint NOT NULL)
"""


class Answers(msgspec.Struct):
    """What the product answered."""

    board: BoardPage
    standing: StandingView


@get("/v1/boards/ever")
async def board() -> BoardPage:
    return ANSWERED.board


@get("/v1/me/standing")
async def standing() -> StandingView:
    return ANSWERED.standing


@get("/v1/public/boards/ever")
async def public() -> Response[bytes]:
    return Response(os.environ[PUBLIC].encode(), media_type=MediaType.JSON)


@post("/v1/activities", status_code=200)
async def record(data: JSONBody[ActivitiesTold]) -> ResultsView:
    """Four statements in a transaction: who, the same before, the entry, the standing."""
    [told] = data.activities
    source, external_id = told.member.removeprefix("external:").split(":", 1)
    async with POOL.acquire() as connection, connection.transaction():
        member: UUID = await connection.fetchval(
            "SELECT member FROM external_identity WHERE source = $1 AND external_id = $2",
            source,
            external_id,
        )
        before = await connection.fetchval(
            "SELECT id FROM bare_entry"
            " WHERE source = $1 AND key = $2 AND member_id = $3 AND kind = $4",
            source,
            told.key,
            member,
            told.kind,
        )
        entry_id = before or await connection.fetchval(
            "INSERT INTO bare_entry (id, member_id, kind, source, key, subject, quantity,"
            " occurred_at, local_day, programme_day, fields, recorded_at)"
            " VALUES (nextval('ledger_entry_id_seq'), $1, $2, $3, $4, $5, $6,"
            " $7::text::timestamptz, current_date, current_date, $8::jsonb, now()) RETURNING id",
            member,
            told.kind,
            source,
            told.key,
            told.subject,
            told.quantity,
            told.occurred_at,
            msgspec.json.encode(told.fields).decode(),
        )
        await connection.execute(
            "INSERT INTO bare_standing VALUES ($1, 1)"
            " ON CONFLICT (member_id) DO UPDATE SET entries = bare_standing.entries + 1",
            member,
        )
    credited = Credited(status=Status.RECORDED, entry_id=entry_id)
    return ResultsView(results=[ResultView.of(told.key, credited)])


async def nothing(_: object) -> None:
    """No reset query, as in the product."""


@asynccontextmanager
async def connected(_: Litestar) -> AsyncIterator[None]:
    global POOL
    url = os.environ["DATABASE_OWNER_URL"]
    async with asyncpg.create_pool(url, min_size=1, max_size=10, reset=nothing) as POOL:
        yield


def create_app() -> Litestar:
    """One application for all bare routes."""
    global ANSWERED
    routes: list[Any] = [record]
    if answers := os.environ.get(ANSWERS):
        ANSWERED = msgspec.json.decode(answers, type=Answers)
        routes += [board, standing]
    if PUBLIC in os.environ:
        routes.append(public)
    return Litestar(routes, lifespan=[connected], openapi_config=None, logging_config=None)


POOL: "asyncpg.Pool[asyncpg.Record]"
ANSWERED: Answers
