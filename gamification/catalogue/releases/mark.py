"""The catalogue's rows as a journal: what stands, what is counted ahead, what was undone. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import SHAPES, What
from gamification.catalogue.history import Version, compiled, written

RELEASE = "release"


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a release does beside bringing versions. The latest mark says what is counted ahead.

    `ahead` are versions that come into force once they are counted; `without` is a release
    that is about to be undone; `undone` is one that is undone from here on.
    """

    ahead: list[msgspec.Raw] = []
    without: int | None = None
    undone: int | None = None


class Row(NamedTuple):
    """A row of the journal: a version or a mark, and the release that it belongs to."""

    id: int
    content: Version | Mark
    release: int | None = None


class Standing(NamedTuple):
    """The versions that stand, and those that will, if some are counted ahead."""

    versions: list[Version]
    ahead: list[Version] | None


def standing_of(rows: Iterable[Row]) -> Standing:
    """What the rows come to. Kinds are never undone: activities have them."""
    ordered = sorted(rows, key=lambda row: row.id)
    marks = [row.content for row in ordered if isinstance(row.content, Mark)]
    undone = {mark.undone for mark in marks if mark.undone is not None}
    versions = _without(ordered, undone)
    latest = marks[-1] if marks else None
    if latest is None or not (latest.ahead or latest.without):
        return Standing(versions, None)
    kept = versions if latest.without is None else _without(ordered, undone | {latest.without})
    return Standing(versions, [*kept, *map(unpacked, latest.ahead)])


def standing_without(rows: Iterable[Row], release: int) -> list[Version]:
    """The versions that would stand if a release were undone."""
    marks = [row.content for row in rows if isinstance(row.content, Mark)]
    undone = {mark.undone for mark in marks if mark.undone is not None}
    return _without(rows, undone | {release})


def _without(rows: Iterable[Row], undone: Collection[int]) -> list[Version]:
    return [
        row.content
        for row in rows
        if isinstance(row.content, Version)
        and (row.content.what == "kind" or row.release not in undone)
    ]


def assembled(revision: int, rows: Sequence[Row], flow_numbers: Mapping[str, int]) -> Catalogue:
    """The catalogue that the rows come to."""
    versions, ahead = standing_of(rows)
    catalogue = compiled(revision, versions, flow_numbers)
    if ahead is None:
        return catalogue
    return msgspec.structs.replace(catalogue, ahead=compiled(revision, ahead, flow_numbers))


def numbers_given(rows: Iterable[Row]) -> dict[tuple[What, str], int]:
    """The last number that was given to a version of each thing, also if it was undone."""
    given: dict[tuple[What, str], int] = {}
    for row in rows:
        if isinstance(row.content, Version):
            key = (row.content.what, row.content.slug)
            given[key] = max(given.get(key, 0), row.content.version)
    return given


def packed(version: Version) -> msgspec.Raw:
    """A version as a mark holds it."""
    return msgspec.Raw(written(version._asdict()))


class _Packed(msgspec.Struct, forbid_unknown_fields=True):
    what: What
    slug: str
    version: int
    definition: msgspec.Raw
    published_at: datetime
    since: datetime | None = None
    from_day: date | None = None
    retired: bool = False


def unpacked(raw: msgspec.Raw) -> Version:
    """A version that a mark holds."""
    plain = msgspec.json.decode(raw, type=_Packed)
    definition = msgspec.json.decode(plain.definition, type=SHAPES[plain.what])
    return Version(**msgspec.structs.asdict(plain) | {"definition": definition})
