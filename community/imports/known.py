"""What earlier imports of a source brought: read from the ledger, which is where it is."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from community.imports.stackexchange import POST_KINDS, Post, Told
from gamification.catalogue.prefixed import SEPARATOR
from ground.engine import fetch

POSTS: Final = """
SELECT DISTINCT ON (entry.subject) entry.subject, entry.kind, entry.parent, identity.external_id
FROM ledger_entry AS entry
JOIN external_identity AS identity
    ON identity.member = entry.member_id AND identity.source = $1
WHERE entry.subject = ANY($2::text[]) AND entry.kind = ANY($3::text[])
    AND entry.reverses IS NULL
    AND NOT EXISTS (SELECT FROM ledger_entry AS inverse WHERE inverse.reverses = entry.id)
ORDER BY entry.subject, entry.id, identity.id
"""

# An inverse entry has the inverse quantity, so that what was taken back adds up to nothing.
TOTALS: Final = """
SELECT entry.member_id, entry.kind, entry.subject, sum(entry.quantity)::bigint AS total
FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[])) AS wanted (member_id, kind)
JOIN ledger_entry AS entry
    ON entry.member_id = wanted.member_id AND entry.kind = wanted.kind
GROUP BY entry.member_id, entry.kind, entry.subject
"""


def kind_of(source: str, kind: str) -> str:
    """A kind of the source, as its catalogue was published."""
    return f"{source}{SEPARATOR}{kind}"


def subject_of(source: str, post_id: str) -> str:
    """A post of the source, as the ledger knows it: other sources count from 1 too."""
    return f"{source}{SEPARATOR}{post_id}"


async def posts(source: str, post_ids: Collection[str]) -> dict[str, Post]:
    """Those of these posts that the ledger knows, with the owner they had then."""
    if not post_ids:
        return {}
    rows = await fetch(
        POSTS,
        source,
        [subject_of(source, post_id) for post_id in post_ids],
        [kind_of(source, kind) for kind in POST_KINDS.values()],
    )
    start = len(subject_of(source, ""))
    return {
        row["subject"][start:]: Post(row["kind"][start:], row["external_id"], row["parent"][start:])
        for row in rows
    }


async def growth(source: str, told: Sequence[Told], members: Mapping[str, UUID]) -> list[int]:
    """The quantity of each activity: for a total so far, by how much it rose."""
    growing = [each for each in told if each.grows]
    totals: dict[tuple[UUID, str, str], int] = {}
    if growing:
        rows = await fetch(
            TOTALS,
            [members[each.member] for each in growing],
            [kind_of(source, each.kind) for each in growing],
        )
        totals = {(r["member_id"], r["kind"], r["subject"]): r["total"] for r in rows}
    amounts = []
    for each in told:
        amount = each.quantity
        if each.grows:
            subject = subject_of(source, each.subject) if each.subject else ""
            place = (members[each.member], kind_of(source, each.kind), subject)
            amount = max(0, amount - totals.get(place, 0))
            totals[place] = totals.get(place, 0) + amount
        amounts.append(amount)
    return amounts
