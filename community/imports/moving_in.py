"""Bring in the lines of a table, batch by batch: as a whole, by batches, or as a trial.

Everything is recognised by its own id or key, so the same file again changes nothing, and an
import that was stopped is simply started again.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from community.imports.errors import LineLeftOut, LineRejected, SheetUnreadable
from community.imports.outcome import Outcome, Refuse, Rejection, Report, Unit, in_order
from community.imports.seen import Seen
from community.imports.sheet import Line, Sheet
from community.imports.takers import Taker
from ground import audit
from ground.callers import Caller
from ground.engine import execute
from ground.unit_of_work import retried, unit_of_work

T = TypeVar("T")
BATCH: Final = 1_000
# Tables that were small when the import began are not when it ends, and nothing that counts rows
# sees what isn't committed: a plan that was kept would go on reading whole tables.
PLAN_ANEW: Final = "SET LOCAL plan_cache_mode = force_custom_plan"

# What is being done, how many lines of it, of how many.
Progress = Callable[[str, int, int], None]


class Batch(NamedTuple, Generic[T]):
    """Some lines that were read, and what became of the others meanwhile."""

    lines: dict[int, T]
    unread: Outcome
    size: int


class _Undone(Exception):
    """Rolls back a batch, or all, and says what would have become of it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class MovingIn(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """An import: of which file, through which door, and as what kind of whole."""

    sheet: Sheet
    taker: Taker[T]
    what: str
    unit: Unit
    is_trial: bool
    by: Caller
    refuse: Refuse
    progress: Progress

    async def run(self) -> Report:
        """Bring the lines in, or say what would come."""
        total, is_sound = self._examined()
        if self.is_trial or (self.unit is Unit.FILE and not is_sound):
            return await self._tried(total)
        if self.unit is not Unit.FILE:
            async with unit_of_work():
                await self._note(total)
            return await self._by_batch(total, self._kept)
        try:
            return await retried(partial(self._whole, total))
        except _Undone:
            # Only the database could know what is wrong. Nothing stays; all of it is told.
            return await self._tried(total)

    def _examined(self) -> tuple[int, bool]:
        """How many lines there are, and whether all can be read. A broken file ends here."""
        total, is_sound = 0, True
        for batch in self._batches():
            total += batch.size
            is_sound = is_sound and not batch.unread.rejected
        if total == 0:
            raise SheetUnreadable(f"{self.sheet.path.name} has no line below its headings.")
        self.progress("read", total, total)
        return total, is_sound

    def _batches(self) -> Iterator[Batch[T]]:
        lines = self.sheet.lines()
        while some := list(islice(lines, BATCH)):
            batch = Batch[T]({}, Outcome(), len(some))
            for line in some:
                self._read(line, batch)
            yield batch

    def _read(self, line: Line, batch: Batch[T]) -> None:
        try:
            if line.misfit is not None:
                raise line.misfit
            batch.lines[line.number] = self.taker.reads.read(line)
        except LineRejected as wrong:
            batch.unread.rejected.append(Rejection(line.number, wrong.code, wrong.why))
        except LineLeftOut as other:
            batch.unread.left_out[other.why] += 1

    async def _whole(self, total: int) -> Report:
        """All lines in the transaction that is open, or nothing as soon as one is rejected."""

        async def take(batch: Batch[T], seen: Seen) -> Outcome:
            outcome = await self._taken(batch, seen)
            if outcome.rejected:
                raise _Undone(outcome)
            return outcome

        await self._note(total)
        return await self._by_batch(total, take)

    async def _tried(self, total: int) -> Report:
        """What would become of all lines, each batch in a transaction that is rolled back."""
        report = await self._by_batch(total, self._undone, step="tried")
        report.is_trial = self.is_trial
        if self.unit is Unit.FILE and report.rejected:
            report.hold_back()
        return report

    async def _by_batch(
        self,
        total: int,
        take: Callable[[Batch[T], Seen], Awaitable[Outcome]],
        step: str = "taken in",
    ) -> Report:
        report, done = Report(lines=total), 0
        with Seen() as seen:
            for batch in self._batches():
                outcome = await take(batch, seen)
                if outcome.rejected and self.unit is Unit.BATCH:
                    outcome.hold_back()
                for rejection in outcome.rejected:
                    self.refuse(rejection)
                report.add(outcome)
                done += batch.size
                self.progress(step, done, total)
        return report

    async def _kept(self, batch: Batch[T], seen: Seen) -> Outcome:
        """A batch in a transaction of its own, which is rolled back where it isn't whole."""

        async def take() -> Outcome:
            outcome = await self._taken(batch, seen)
            if outcome.rejected and self.unit is Unit.BATCH:
                raise _Undone(outcome)
            return outcome

        try:
            return await retried(take)
        except _Undone as undone:
            return undone.outcome

    async def _undone(self, batch: Batch[T], seen: Seen) -> Outcome:
        async def take() -> Outcome:
            raise _Undone(await self._taken(batch, seen))

        try:
            return await retried(take)
        except _Undone as undone:
            return undone.outcome

    async def _taken(self, batch: Batch[T], seen: Seen) -> Outcome:
        await execute(PLAN_ANEW)
        outcome = await self.taker.take(batch.lines, seen) if batch.lines else Outcome()
        outcome.left_out += batch.unread.left_out
        outcome.rejected = in_order([*batch.unread.rejected, *outcome.rejected])
        return outcome

    async def _note(self, total: int) -> None:
        details = {"what": self.what, "lines": total, "all_or_nothing": self.unit.value}
        await audit.record(
            self.by, "imports.started", subject=f"source:{self.taker.source}", details=details
        )
