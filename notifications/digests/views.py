"""What is said of a digest over HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from notifications.digests.content import Part
from notifications.digests.plan import Often
from notifications.digests.showing import Line, Shown, ShownPart
from notifications.inbox.views import Link

DigestId = Annotated[str, Meta(max_length=20, description="A digest's id.", examples=["4711"])]


class DigestLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that happened or will, and where it leads."""

    text: Annotated[str, Meta(max_length=2_600, examples=["Done, together: Hundred reviews"])]
    link: Link

    @classmethod
    def of(cls, line: Line) -> "DigestLineView":
        return cls(text=line.text, link=line.link)


class DigestPartView(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody achieved, what is for you, or what is coming."""

    part: Part
    heading: Annotated[str, Meta(max_length=200, examples=["What we achieved together"])]
    lines: list[DigestLineView]

    @classmethod
    def of(cls, part: ShownPart) -> "DigestPartView":
        lines = [DigestLineView.of(each) for each in part.lines]
        return cls(part=part.part, heading=part.heading, lines=lines)


class DigestView(msgspec.Struct, frozen=True, kw_only=True):
    """What happened from `since` until `until`, as far as it is there to be read."""

    id: DigestId
    often: Often
    since: datetime
    until: datetime
    title: Annotated[str, Meta(max_length=200, examples=["The week, together"])]
    parts: list[DigestPartView]

    @classmethod
    def of(
        cls, digest_id: int, span: tuple[datetime, datetime], often: Often, shown: Shown
    ) -> "DigestView":
        since, until = span
        return cls(
            id=str(digest_id),
            often=often,
            since=since,
            until=until,
            title=shown.title,
            parts=[DigestPartView.of(each) for each in shown.parts],
        )
