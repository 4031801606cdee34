"""What admins read of the audit trail."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from litestar.response import Stream
from msgspec import Meta

from community.audit import service
from community.audit.filters import Filters, period, position
from community.audit.lines import heading, lines
from community.audit.service import Entry
from community.audit.views import AuditEntryView
from ground import cursors
from ground.callers import Caller
from ground.errors import CursorInvalid
from ground.http import CursorParameter, Limit, Page, problem_responses
from ground.roles import Role

Actor = Annotated[
    str | None,
    QueryParameter(max_length=160, description="Only what this one did, such as `member:…`."),
]
Action = Annotated[
    str | None,
    QueryParameter(
        max_length=60,
        pattern=r"^[a-z_]+\.[a-z_]*$",
        description="Only acts whose name begins so: `catalogue.`, or `catalogue.published`.",
    ),
]
Subject = Annotated[
    str | None,
    QueryParameter(max_length=160, description="Only what was done to this, such as `member:…`."),
]
Since = Annotated[datetime | None, QueryParameter(description="Only from this moment on.")]
Until = Annotated[datetime | None, QueryParameter(description="Only before this moment.")]
CSV = "text/csv"
AS_CSV = ResponseSpec(
    str,
    description="A line for each act, after the names of the columns.",
    media_type=CSV,
    generate_examples=False,
    examples=[Example(value=heading())],
)
EntryId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Moment = Annotated[datetime, Meta(tz=True)]


def filters_of(
    actor: Actor = None,
    action: Action = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
) -> Filters:
    """What the address asks for."""
    begin, end = period(since, until)
    return Filters(actor=actor, action=action, subject=subject, since=begin, until=end)


class AuditController(Controller):
    path = "/v1/manage/audit"
    tags = ("manage",)

    @get(
        opt={"role": Role.ADMIN},
        dependencies={"filters": Provide(filters_of, sync_to_thread=False)},
        responses=problem_responses(CursorInvalid),
    )
    async def list_entries(
        self,
        filters: NamedDependency[Filters],
        limit: Limit = 20,
        cursor: CursorParameter = None,
    ) -> Page[AuditEntryView]:
        """List what staff did, newest first.

        So did systems and who runs the server. Nobody can change what is written here, and
        reading it leaves no trace.
        """
        after = position(*cursors.decode(cursor, Moment, EntryId)) if cursor else None
        found = await service.entries(filters, after=after, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        return Page(
            items=[AuditEntryView.of(each) for each in page],
            next_cursor=cursors.encode(*page[-1].position) if more else None,
        )

    @get(
        "/export",
        opt={"role": Role.ADMIN},
        dependencies={"filters": Provide(filters_of, sync_to_thread=False)},
        responses={200: AS_CSV},
    )
    async def export(
        self,
        caller: NamedDependency[Caller],
        filters: NamedDependency[Filters],
    ) -> Stream:
        """Hand out what staff did as CSV, newest first.

        No cell is a formula for a spreadsheet. That it was handed out is an act too, and the
        first line unless the filters leave it out.
        """
        pages = await service.exported(filters, by=caller)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="audit.csv"',
        }
        return Stream(_told(pages), media_type=CSV, headers=headers)


async def _told(pages: AsyncIterator[list[Entry]]) -> AsyncIterator[str]:
    yield heading()
    async for page in pages:
        yield lines(page)
