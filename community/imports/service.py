"""Bring a dump in through the product's own doors, batch by batch.

Each batch is a transaction, and everything in it is recognised by its id in the source: an
import that was stopped at any point is simply started again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime, time
from functools import partial
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from community.imports import known, waiting
from community.imports.dump import Dump
from community.imports.known import kind_of, subject_of
from community.imports.rows import Row
from community.imports.stackexchange import Person, Post, Told, Why, post_needed, told_by
from community.members.importing import ImportedPerson, import_members, members_of
from community.members.turns import one_at_a_time
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.publishing import publish
from gamification.credit import credit_many
from gamification.ledger.activity import PARENT, Activity, Status
from ground import audit
from ground.callers import Caller
from ground.unit_of_work import retried, unit_of_work

BATCH: Final = 1_000
LEFT: Final = "by somebody who left the community"

T = TypeVar("T")
Progress = Callable[[str, int, int], None]


class Report(msgspec.Struct, kw_only=True):
    """What an import did, counted."""

    people_new: int = 0
    people_known: int = 0
    published: int = 0
    activities: Counter[Status] = msgspec.field(default_factory=Counter)
    skipped: Counter[str] = msgspec.field(default_factory=Counter)

    def add(self, other: "Report") -> None:
        self.people_new += other.people_new
        self.people_known += other.people_known
        self.published += other.published
        self.activities += other.activities
        self.skipped += other.skipped


async def import_dump(
    dump: Dump, *, source: str, catalogue: CatalogueFile, by: Caller, progress: Progress
) -> Report:
    """Publish the catalogue under the source's name, and bring in its members and what they did."""
    async with unit_of_work():
        published = await publish(catalogue, to_the_past=True, prefix=source)
        await audit.record(by, "imports.started", subject=f"source:{source}")
    report = Report(published=len(published.changes))
    intake = _Intake(dump, source)
    done = 0
    for people in _batches(dump.people):
        report.add(await retried(partial(intake.bring_people, people)))
        done += len(people)
        progress("members", done, len(dump.people))
    # Those that waited for this dump go first, so that none of its own is looked at twice.
    last = 0
    while rows := await waiting.after(source, last, BATCH):
        last = max(rows)
        come = await retried(partial(intake.take_in, list(rows.values())))
        del come.skipped[Why.POST_UNKNOWN.value]
        report.add(come)
    done, total = 0, sum(dump.sizes.values())
    for batch in _batches(dump.rows()):
        report.add(await retried(partial(intake.take_in, batch)))
        done += len(batch)
        progress("rows", done, total)
    return report


class _Intake:
    """One dump on its way in."""

    def __init__(self, dump: Dump, source: str) -> None:
        self.dump = dump
        self.source = source

    async def bring_people(self, people: Sequence[Person]) -> Report:
        """Add the people who are new here, unclaimed until they come."""
        there = await members_of(self.source, [person.id for person in people])
        newcomers = [person for person in people if person.id not in there]
        added = await import_members(
            self.source,
            [ImportedPerson(external_id=p.id, known_since=p.known_since) for p in newcomers],
        )
        return Report(people_new=len(added), people_known=len(there))

    async def take_in(self, rows: Sequence[Row]) -> Report:
        """Credit what a batch of rows tells, and set aside those whose post isn't known yet."""
        await one_at_a_time(f"import:{self.source}")
        report, told = Report(), list[Told]()
        posts = await self._posts_for(rows)
        told_rows, early = list[Row](), list[Row]()
        for row in rows:
            outcome = told_by(row, posts, self.dump.exported_on)
            if isinstance(outcome, Why):
                report.skipped[outcome.value] += 1
            else:
                told += outcome
            (early if outcome is Why.POST_UNKNOWN else told_rows).append(row)
        await waiting.forget(self.source, told_rows)
        await waiting.keep(self.source, early)
        await self._credit(told, report)
        return report

    async def _posts_for(self, rows: Iterable[Row]) -> Mapping[str, Post]:
        """The posts that these rows are about, and the questions of those that are answers."""
        posts = await self._known({each for row in rows if (each := post_needed(row))})
        return posts | await self._known({post.parent for post in posts.values()} - posts.keys())

    async def _known(self, post_ids: Set[str]) -> dict[str, Post]:
        """Posts of this dump and of those before. Whose a post was at first, it stays."""
        here = {each: self.dump.posts[each] for each in post_ids if each in self.dump.posts}
        return here | await known.posts(self.source, post_ids - {""})

    async def _credit(self, told: Sequence[Told], report: Report) -> None:
        members = await self._members_named(told)
        report.skipped[LEFT] += sum(each.member not in members for each in told)
        told = [each for each in told if each.member in members]
        amounts = await known.growth(self.source, told, members)
        report.activities[Status.DUPLICATE] += sum(amount == 0 for amount in amounts)
        activities = [
            self._activity(each, members[each.member], amount)
            for each, amount in zip(told, amounts, strict=True)
            if amount != 0
        ]
        for credited in await credit_many(activities):
            if credited.status is Status.REJECTED:
                report.skipped[f"refused by the ledger: {credited.code}"] += 1
            else:
                report.activities[credited.status] += 1

    async def _members_named(self, told: Sequence[Told]) -> Mapping[str, UUID]:
        """The members, also those whom no row of users names. Who left is missing."""
        there = await members_of(self.source, {each.member for each in told})
        missing: dict[str, datetime] = {}
        for each in told:
            if each.member not in there:
                at = _moment(each)
                missing[each.member] = min(at, missing.get(each.member, at))
        if not missing:
            return there
        people = [ImportedPerson(external_id=m, known_since=at) for m, at in missing.items()]
        return there | await import_members(self.source, people)

    def _activity(self, told: Told, member_id: UUID, amount: int) -> Activity:
        parent = {PARENT: subject_of(self.source, told.parent)} if told.parent else {}
        return Activity(
            member_id=member_id,
            kind=kind_of(self.source, told.kind),
            source=self.source,
            key=f"{told.key}:{told.quantity}" if told.grows else told.key,
            occurred_at=told.occurred_at,
            subject=subject_of(self.source, told.subject) if told.subject else "",
            quantity=amount,
            fields={**told.fields, **parent},
        )


def _moment(told: Told) -> datetime:
    if isinstance(told.occurred_at, datetime):
        return told.occurred_at
    return datetime.combine(told.occurred_at, time.min, tzinfo=UTC)


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, BATCH)):
        yield batch
