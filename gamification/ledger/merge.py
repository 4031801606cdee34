"""Two accounts of one person become one: what the first did is credited to the second."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from gamification.credit import credit_many, reverse
from gamification.holds import chain
from gamification.ledger import journal
from gamification.ledger.activity import Activity
from gamification.rules.facts import Fact, live
from ground.engine import fetch
from ground.unit_of_work import unit_of_work

BATCH = 1_000


async def move_everything(from_id: UUID, to_id: UUID) -> int:
    """Credit to one member what another did, and reverse it there. Return how many entries.

    What both accounts were credited for by the same source and key counts once.
    """
    async with unit_of_work():
        facts = live(await journal.of_members([from_id]))
        only_days = await _that_know_only_their_day(from_id)
        first_told = await chain.first_told(from_id)
        for batch in _in_batches(facts):
            await reverse([fact.id for fact in batch], reason=f"merged into {to_id}")
            await credit_many(
                [
                    again(_as_first_told(fact, first_told), to_id, day_only=fact.id in only_days)
                    for fact in batch
                ]
            )
        await chain.move(from_id, to_id)
    return len(facts)


def _as_first_told(fact: Fact, first_told: Mapping[int, tuple[str, str]]) -> Fact:
    """What was held and released goes by its source's own key again."""
    source, key = first_told.get(fact.id, (fact.source, fact.key))
    return fact._replace(source=source, key=key)


def _in_batches(facts: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    for start in range(0, len(facts), BATCH):
        yield facts[start : start + BATCH]


def again(fact: Fact, member_id: UUID, *, day_only: bool) -> Activity:
    """What a source told of one account, as the other's."""
    return Activity(
        member_id=member_id,
        kind=fact.kind,
        source=fact.source,
        key=fact.key,
        occurred_at=fact.day if day_only else fact.moment,
        subject=fact.subject,
        quantity=fact.quantity,
        fields=fact.fields,
    )


async def _that_know_only_their_day(member_id: UUID) -> set[int]:
    rows = await fetch("SELECT id FROM ledger_entry WHERE member_id = $1 AND day_only", member_id)
    return {row["id"] for row in rows}
