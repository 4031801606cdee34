"""Making rows as the ledger says: in the audit trail, and told to whom it concerns."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from gamification.recognition import kept
from gamification.standings.telling import Award, note_awards, note_members
from ground import audit
from ground.callers import Caller

MENDED: Final = "replay.mended"
# Where the member is in a row's key, of what members see of themselves.
SEEN: Final = {"standing": 0, "award": 0, "tier_held": 0, "board_points": 2}
TAKEN_BACK_AT: Final = -1


class Difference(NamedTuple):
    """A row that isn't as the ledger says. `None` stands for no row."""

    table: str
    key: tuple[Any, ...]
    stored: tuple[Any, ...] | None
    expected: tuple[Any, ...] | None

    def __str__(self) -> str:
        key = ", ".join(map(str, self.key))
        return f"{self.table} ({key}): is {self.stored}, should be {self.expected}"


async def mend(differences: Sequence[Difference], *, by: Caller) -> None:
    """Mend these rows. Call it in the transaction that found them, while holding the members."""
    if not differences:
        return
    for each in differences:
        await kept.mend(each.table, each.key, each.expected)
    await audit.record(
        by,
        MENDED,
        subject="recognition",
        details={
            "rows": Counter(each.table for each in differences),
            "members": sorted({str(_member(each)) for each in differences}),
        },
    )
    note_members({_member(each) for each in differences if each.table in SEEN})
    awards = [each for each in differences if each.table == "award"]
    for were_held in (True, False):
        note_awards(
            (_award(each) for each in awards if _is_held(each.stored) is were_held),
            were_held=were_held,
        )


def _member(difference: Difference) -> UUID:
    member_id: UUID = difference.key[SEEN.get(difference.table, 0)]
    return member_id


def _award(difference: Difference) -> Award:
    member_id, badge, subject, season = difference.key
    return member_id, badge, subject, season


def _is_held(award: tuple[Any, ...] | None) -> bool:
    return award is not None and award[TAKEN_BACK_AT] is None
