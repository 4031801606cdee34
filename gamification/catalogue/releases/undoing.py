"""What rolling a publication back does, and what stands in its way. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from gamification.catalogue.changes import first_day_nowhere_begun
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import SHAPES, CatalogueFile, KindDefinition
from gamification.catalogue.errors import CriteriaCycle
from gamification.catalogue.history import Version, compiled
from gamification.catalogue.releases.errors import NotToBeRolledBack
from gamification.catalogue.releases.mark import (
    Mark,
    Row,
    numbers_given,
    standing_of,
    standing_without,
)
from gamification.catalogue.releases.wanted import Unnumbered, refuse_circles
from gamification.catalogue.validation import faults
from gamification.seasons.season import latest_day
from gamification.seasons.validation import ends_that_were

MOST_REASONS = 5


def versions_back(rows: Sequence[Row], release_id: int, now: datetime) -> list[Version]:
    """The versions that rolling back brings. Raises `NotToBeRolledBack` with the reason.

    A kind can't vanish, for activities have it: it is as it was before, or retired, from the
    first day that has begun nowhere.
    """
    _refuse_later_versions(rows, release_id)
    given = numbers_given(rows)
    kinds = {
        row.content.slug
        for row in rows
        if row.release == release_id
        and isinstance(row.content, Version)
        and row.content.what == "kind"
    }
    back = [_kind_back(rows, slug, release_id, given["kind", slug] + 1, now) for slug in kinds]
    _refuse_what_depends(rows, release_id, back, latest_day(now))
    return sorted(back, key=lambda version: version.slug)


def _undone(rows: Iterable[Row]) -> set[int]:
    marks = [row.content for row in rows if isinstance(row.content, Mark)]
    return {mark.undone for mark in marks if mark.undone is not None}


def _refuse_later_versions(rows: Sequence[Row], release_id: int) -> None:
    undone = _undone(rows)
    if release_id in undone:
        raise NotToBeRolledBack("It is rolled back already.")
    last: dict[tuple[str, str], int] = {}
    for row in rows:
        if isinstance(row.content, Version) and row.release == release_id:
            last[row.content.what, row.content.slug] = row.id
    for row in rows:
        if not isinstance(row.content, Version) or row.release in undone:
            continue
        mine = last.get((row.content.what, row.content.slug))
        if mine is not None and row.id > mine:
            raise NotToBeRolledBack(
                f"{row.content.what} {row.content.slug} was published again later: roll back "
                f"publication {row.release} first."
            )


def _kind_back(
    rows: Sequence[Row], slug: str, release_id: int, number: int, now: datetime
) -> Version:
    undone = _undone(rows) | {release_id}
    every = [
        row
        for row in rows
        if isinstance(row.content, Version)
        and row.content.what == "kind"
        and row.content.slug == slug
    ]
    latest = every[-1].content
    before = [row.content for row in every if row.release not in undone]
    assert isinstance(latest, Version)  # noqa: S101 - `every` holds nothing else
    if not before or not isinstance(before[-1], Version):
        return latest._replace(version=number, published_at=now, retired=True)
    earlier = before[-1]
    same = _terms(earlier) == _terms(latest)
    return earlier._replace(
        version=number,
        published_at=now,
        from_day=latest.from_day if same else first_day_nowhere_begun(now),
    )


def _terms(version: Version) -> object:
    return version.definition.terms if isinstance(version.definition, KindDefinition) else None


def _refuse_what_depends(
    rows: Sequence[Row], release_id: int, back: Sequence[Version], today: date
) -> None:
    """Refuse to take away what others ask for, or days that have begun from their season."""
    rest = [*standing_without(rows, release_id), *back]
    try:
        after = refuse_circles(rest)
    except CriteriaCycle as circle:
        raise NotToBeRolledBack(f"Criteria would wait for each other: {circle}.") from circle
    before = compiled(0, standing_of(rows).versions, Unnumbered())
    _refuse_days_that_were(before, after, today)
    file = _in_force(rest)
    as_it_is = {(fault.pointer, fault.detail) for fault in faults(file, before)}
    new = [fault for fault in faults(file, after) if (fault.pointer, fault.detail) not in as_it_is]
    if new:
        reasons = "; ".join(f"{_named(file, each.pointer)}: {each.detail}" for each in new)
        raise NotToBeRolledBack(f"Something later builds on it. {reasons}.")


def _refuse_days_that_were(before: Catalogue, after: Catalogue, today: date) -> None:
    for slug, season in after.seasons.items():
        known = before.seasons.get(slug)
        if known is not None and any(ends_that_were(season.days, known.days, today)):
            raise NotToBeRolledBack(
                f"season {slug}: days that have begun stay in it, or out of it. It would be from "
                f"{season.days.starts_on} to {season.days.ends_on}."
            )


def _in_force(versions: Iterable[Version]) -> CatalogueFile:
    latest = {(each.what, each.slug): each for each in sorted(versions, key=lambda v: v.version)}
    tables: dict[str, list[Any]] = {what: [] for what in SHAPES}
    for each in latest.values():
        if not each.retired:
            tables[each.what].append(each.definition)
    return CatalogueFile(**tables)


def _named(file: CatalogueFile, pointer: str) -> str:
    what, number = pointer.split("/")[1:3]
    return f"{what} {getattr(file, what)[int(number)].slug}"
