"""What shall be published together: definitions, and things that shall be retired. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from gamification.catalogue.changes import new_versions
from gamification.catalogue.checking import refuse_faults
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import SHAPES, CatalogueFile, Definition, What
from gamification.catalogue.errors import NotInCatalogue
from gamification.catalogue.history import Version, compiled, written
from gamification.catalogue.releases.mark import Row, numbers_given, standing_of


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that shall change. Without a definition it shall be retired."""

    what: What
    slug: str
    definition: dict[str, Any] | None = None
    # The revision of the draft that says so; 0 for none.
    draft: int = 0


def definition_of(what: What, plain: Mapping[str, Any]) -> Definition:
    """A definition of plain values."""
    return msgspec.convert(plain, SHAPES[what])


def plain_of(definition: Definition) -> dict[str, Any]:
    """A definition as plain values."""
    plain: dict[str, Any] = msgspec.json.decode(written(definition))
    return plain


def file_of(wanted: Iterable[Wanted]) -> CatalogueFile:
    """What shall be defined, as a catalogue of its own."""
    tables: dict[str, list[Any]] = {}
    for each in wanted:
        if each.definition is not None:
            tables.setdefault(each.what, []).append(definition_of(each.what, each.definition))
    return CatalogueFile(**tables)


def wanted_by(file: CatalogueFile) -> list[Wanted]:
    """All that a catalogue defines, as changes."""
    return [
        Wanted(what=what, slug=each.slug, definition=plain_of(each))
        for what in SHAPES
        for each in getattr(file, what)
    ]


def planned(
    wanted: Sequence[Wanted],
    rows: Sequence[Row],
    now: datetime,
    *,
    since: datetime,
    to_the_past: bool,
) -> list[Version]:
    """The versions that bring what is wanted. Raises what speaks against publishing it.

    Criteria that aren't about the past count from `since` on.
    """
    known = standing_of(rows).versions
    given = numbers_given(rows)
    ends = [
        _end(each, known, given.get((each.what, each.slug), 0), now)
        for each in wanted
        if each.definition is None
    ]
    # What is retired in the same go can't be asked for any more.
    before = compiled(0, [*known, *ends], Unnumbered())
    file = file_of(wanted)
    refuse_faults(file, before)
    versions = new_versions(file, known, now, to_the_past=to_the_past, since=since, given=given)
    refuse_circles([*known, *ends, *versions])
    return [*ends, *versions]


def refuse_circles(versions: Iterable[Version]) -> Catalogue:
    """Raise `CriteriaCycle` if criteria wait for each other, also through earlier versions."""
    catalogue = compiled(0, versions, Unnumbered())
    _ = catalogue.layers
    return catalogue


class Unnumbered(dict[str, int]):
    """Numbers for flows that have none yet: each another, and none that a real one has."""

    def __missing__(self, fingerprint: str) -> int:
        self[fingerprint] = number = -1 - len(self)
        return number


def _end(wanted: Wanted, known: Iterable[Version], given: int, now: datetime) -> Version:
    mine = [each for each in known if (each.what, each.slug) == (wanted.what, wanted.slug)]
    latest = max(mine, key=lambda version: version.version, default=None)
    if latest is None or latest.retired:
        raise NotInCatalogue(f"There is no {wanted.what} {wanted.slug}.")
    return latest._replace(version=max(given, latest.version) + 1, published_at=now, retired=True)
