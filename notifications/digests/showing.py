"""A digest in a language: what the app shows and what a mail says. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from ground.languages import Language
from notifications.digests.content import Content, Part
from notifications.digests.plan import Often
from notifications.digests.words import HEADINGS, MORE, TITLES, counted, worded
from notifications.wording.rendering import render, translated

INBOX = "/inbox"


class Line(NamedTuple):
    """What is said, and where it leads."""

    text: str
    link: str


class ShownPart(NamedTuple):
    """Lines under a heading."""

    part: Part
    heading: str
    lines: Sequence[Line]


class Shown(NamedTuple):
    """A digest, readable. Without parts there is nothing to say any more."""

    title: str
    parts: Sequence[ShownPart]


class Eyes(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads it: in which language, where, and whether others may look over their shoulder."""

    language: Language
    zone: ZoneInfo
    discreet: bool = False
    unread_only: bool = False


def shown(
    content: Content,
    often: Often,
    messages: Mapping[int, asyncpg.Record],
    names: Mapping[UUID, str],
    eyes: Eyes,
) -> Shown:
    """A digest as somebody reads it."""
    there = [messages[each] for each in content.messages if each in messages]
    unread = [row for row in there if not (eyes.unread_only and _is_read(row))]
    mine = list(dict.fromkeys(_message(row, names, eyes) for row in unread))
    if mine and content.more_messages:
        mine.append(Line(counted(MORE, content.more_messages, eyes.language), INBOX))
    things = {Part.TOGETHER: content.together, Part.COMING: content.coming}
    lines = {Part.MINE: mine} | {
        part: [Line(worded(each, eyes.language, eyes.zone), each.link) for each in items]
        for part, items in things.items()
    }
    parts = [
        ShownPart(part, translated(HEADINGS[part], eyes.language), lines[part])
        for part in Part
        if lines[part]
    ]
    return Shown(translated(TITLES[often], eyes.language), parts)


def _is_read(row: asyncpg.Record) -> bool:
    return row["read_at"] is not None or row["archived_at"] is not None


def _message(row: asyncpg.Record, names: Mapping[UUID, str], eyes: Eyes) -> Line:
    text = render(
        row["category"],
        msgspec.json.decode(row["facts"]),
        eyes.language,
        likes=row["likes"],
        names=[names[each] for each in row["actors"] if each in names],
        discreet=eyes.discreet,
    )
    return Line(text.title, text.link)
