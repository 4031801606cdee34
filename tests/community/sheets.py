"""Tables of people and of what they did, and what comes of bringing them in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from community.imports import discourse, doings, people
from community.imports.dates import Dates
from community.imports.moving_in import MovingIn
from community.imports.outcome import Rejection, Report, Unit
from community.imports.sheet import Columns, sheet_at
from community.imports.takers import DoingsTaker, PeopleTaker, Taker
from ground.callers import Caller, CallerKind

OPERATOR = Caller(kind=CallerKind.OPERATOR, name="tests")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def written(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    """A file of these lines."""
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path


class Told:
    """The report of an import, and all rejections that it told."""

    def __init__(self, report: Report, rejections: Sequence[Rejection]) -> None:
        self.report = report
        self.rejections = list(rejections)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """New, known, rejected, held back."""
        report = self.report
        return report.new, report.known, report.rejected, report.held_back

    @property
    def codes(self) -> list[tuple[int, str]]:
        """The line of each rejection, and its code."""
        return [(each.line, each.code) for each in self.rejections]


async def brought_in(
    path: Path, columns: Columns, taker: Taker[Any], unit: Unit, **more: Any
) -> Told:
    """Bring a table in as the commands do."""
    rejections: list[Rejection] = []
    given = {name: more.pop(name) for name in ("encoding", "delimiter") if name in more}
    rest: dict[str, Any] = {"is_trial": False, "progress": lambda *_: None} | more
    moving = MovingIn(
        sheet=sheet_at(path, columns, **given),
        taker=taker,
        what="test",
        unit=unit,
        by=OPERATOR,
        refuse=rejections.append,
        **rest,
    )
    return Told(await moving.run(), rejections)


async def members_in(
    path: Path, unit: Unit = Unit.FILE, *, dates: Dates | None = None, **more: Any
) -> Told:
    """Bring in members of the CRM."""
    read = people.People(now=NOW, dates=dates or Dates())
    return await brought_in(path, people.COLUMNS, PeopleTaker("crm", read), unit, **more)


async def activities_in(
    path: Path,
    unit: Unit = Unit.FILE,
    *,
    dates: Dates | None = None,
    texts: frozenset[str] = frozenset(),
    **more: Any,
) -> Told:
    """Bring in what the CRM knows that its people did."""
    read = doings.Doings(source="crm", dates=dates or Dates(), texts=texts)
    return await brought_in(path, doings.COLUMNS, DoingsTaker("crm", read), unit, **more)


async def users_in(path: Path, unit: Unit = Unit.FILE, **more: Any) -> Told:
    """Bring in the users of a Discourse forum."""
    read = discourse.DiscourseUsers(now=NOW)
    return await brought_in(path, discourse.COLUMNS, PeopleTaker("discourse", read), unit, **more)
