"""A fortnight of Alice, Bob and Chiara, to be credited before or after something is published."""

from datetime import UTC, datetime, timedelta

from gamification.catalogue.definitions import CatalogueFile
from gamification.credit import credit_many, reverse
from gamification.ledger.activity import Activity
from ground.engine import fetch
from tests.gamification.programme import ALICE, BOB, CHIARA, ZONES, activity, catalogue, take_part

START = datetime(2026, 10, 1, 8, tzinfo=UTC)


def a_history() -> list[Activity]:
    """A fortnight of three people: some of it known by its day only, some of it good, some bad."""
    told = []
    for number in range(60):
        who = [ALICE, BOB, CHIARA][number % 3]
        at = START + timedelta(hours=6 * number)
        answer = activity(
            "answer",
            f"a{number}",
            at,
            member_id=who,
            subject=f"a{number % 5}",
            parent=f"q{number % 4}",
        )
        vote = activity(
            "vote",
            f"v{number}",
            at,
            member_id=who,
            subject=f"{'aq'[number % 2]}{number % 5}",
            quantity=-1 if number % 7 == 0 else 1,
            giver=f"giver-{number % 4}",
            bad=number == 30,
        )
        told += [
            activity("post", f"p{number}", at, member_id=who, subject=f"q{number % 5}"),
            activity("comment", f"c{number}", at.date(), member_id=who),
            vote,
            *([answer] if number % 4 == 0 else []),
        ]
    return told


async def happened() -> None:
    """Let it all happen, and find later that some of it didn't."""
    await take_part(ZONES)
    await credit_many(a_history())
    rows = await fetch("SELECT id FROM ledger_entry WHERE key IN ('v4', 'c8', 'p0', 'a12')")
    await reverse([row["id"] for row in rows], reason="it never happened")


def only(*tables: str) -> CatalogueFile:
    """The catalogue without its other tables."""
    return CatalogueFile(**{table: getattr(catalogue(), table) for table in tables})
