"""Record what systems of the brand tell, and take it back at their word."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from community.activities.errors import ActivityNotFound
from community.activities.references import External, Reference
from gamification.credit import credit_many, reverse
from gamification.ledger.activity import NO_FIELDS, Activity, Credited, Fields, Status
from ground.arrays import literal
from ground.engine import fetch
from ground.gathering import Gatherer
from ground.unit_of_work import in_transaction, retried

UNKNOWN: Final = "unknown_member"
LEFT: Final = "member_left"
NO_MOMENT: Final = "moment_invalid"

# As much as one call may bring: more at once would keep the busiest members for long.
AT_ONCE: Final = 1_000
MOST_WAITING: Final = 10_000

# Whom references name now: the survivor where accounts were merged, nobody where they left.
NAMED: Final = """
SELECT told.place - 1 AS place, coalesce(survivor.id, own.id) AS id,
       coalesce(survivor.state, own.state) = 'left' AS has_left
FROM unnest($1::text::uuid[], $2::text::varchar[], $3::text::varchar[])
    WITH ORDINALITY AS told (id, source, external_id, place)
LEFT JOIN external_identity AS identity
    ON identity.source = told.source AND identity.external_id = told.external_id
JOIN member AS own ON own.id = coalesce(told.id, identity.member)
LEFT JOIN member AS survivor ON survivor.id = own.merged_into
"""

# An activity and its twins: a merge gives the survivor one with the same source, key and kind.
# One that is held, or was and stands again under another id, isn't reversed for its source.
TWINS: Final = """
SELECT twin.id, twin.key,
       EXISTS (SELECT FROM ledger_entry AS inverse WHERE inverse.reverses = twin.id)
       AND NOT EXISTS (
           SELECT FROM entry_hold AS hold WHERE hold.origin_id = twin.id AND (hold.state = 'held'
               OR (hold.release_id IS NOT NULL AND NOT EXISTS (
                   SELECT FROM ledger_entry AS later WHERE later.reverses = hold.release_id)))
       ) AS reversed
FROM ledger_entry AS told
JOIN ledger_entry AS twin
    ON twin.source = told.source AND twin.key = told.key AND twin.kind = told.kind
JOIN member AS one ON one.id = told.member_id
JOIN member AS other ON other.id = twin.member_id
    AND coalesce(other.merged_into, other.id) = coalesce(one.merged_into, one.id)
WHERE told.source = $1 AND (told.id = $2 OR told.key = ANY($3))
"""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a system said that a member did."""

    key: str
    kind: str
    # Nobody, or never, where what was said names none.
    member: Reference | None
    occurred_at: datetime | date | None
    subject: str = ""
    quantity: int = 1
    fields: Fields = NO_FIELDS


class ToldBy(NamedTuple):
    """Something that was told, and the source that told it."""

    source: str
    told: Told


async def record(source: str, told: Sequence[Told]) -> list[Credited]:
    """Record what a source told, each answered on its own, all in one transaction.

    Calls that come at the same time share a transaction; each is answered after COMMIT.
    """
    items = [ToldBy(source, each) for each in told]
    if in_transaction():
        return await _record_all(items)
    return list(await _gatherer.do(items))


async def named(references: Collection[Reference]) -> dict[Reference, UUID | None]:
    """Whom references name: nobody (`None`) where they left, and unknown ones are absent."""
    listed = list(references)
    externals = [each if isinstance(each, External) else None for each in listed]
    rows = await fetch(
        NAMED,
        literal([None if isinstance(each, External) else each for each in listed]),
        literal([each and each.source for each in externals]),
        literal([each and each.external_id for each in externals]),
    )
    return {listed[row["place"]]: None if row["has_left"] else row["id"] for row in rows}


async def take_back(source: str, entry_id: int, *, reason: str) -> None:
    """Reverse one activity of a source. Doing it again changes nothing."""
    if not await retried(lambda: _take_back(source, entry_id, (), reason)):
        raise ActivityNotFound


async def take_back_by_key(source: str, keys: Collection[str], *, reason: str) -> dict[str, bool]:
    """Reverse all that a source told under keys. Say of each known one whether it still stood."""
    return await retried(lambda: _take_back(source, None, keys, reason))


async def _record_all(items: Sequence[ToldBy]) -> list[Credited]:
    return await retried(lambda: _record(items))


# What waits at most goes through in a few seconds. Large calls take their turn as well: they
# would wait for each other's members in PostgreSQL, and hold connections meanwhile.
_gatherer: Final = Gatherer(_record_all, at_once=AT_ONCE, waiting=MOST_WAITING)


async def _record(items: Sequence[ToldBy]) -> list[Credited]:
    answers: dict[int, Credited] = {}
    places: Collection[int] = range(len(items))
    # The second time is for those who were merged while this waited for them.
    for _ in range(2):
        found = await named({each for place in places if (each := items[place].told.member)})
        creditable: dict[int, Activity] = {}
        for place in places:
            sorted_out = _sorted_out(*items[place], found)
            if isinstance(sorted_out, Activity):
                creditable[place] = sorted_out
            else:
                answers[place] = Credited(status=Status.REJECTED, code=sorted_out)
        credited = await credit_many(list(creditable.values()))
        answers |= zip(creditable, credited, strict=True)
        places = [place for place in creditable if answers[place].code == LEFT]
        if not places:
            break
    return [answers[place] for place in range(len(items))]


def _sorted_out(source: str, told: Told, found: Mapping[Reference, UUID | None]) -> Activity | str:
    """The activity of a member, or the code that says why there is none."""
    if told.member is None or told.member not in found:
        return UNKNOWN
    member_id = found[told.member]
    if member_id is None:
        return LEFT
    if told.occurred_at is None:
        return NO_MOMENT
    return Activity(
        member_id=member_id,
        kind=told.kind,
        source=source,
        key=told.key,
        occurred_at=told.occurred_at,
        subject=told.subject,
        quantity=told.quantity,
        fields=told.fields,
    )


async def _take_back(
    source: str, entry_id: int | None, keys: Collection[str], reason: str
) -> dict[str, bool]:
    stood: dict[str, bool] = {}
    # Once more after reversing: a merge that was under way may have made a twin.
    while True:
        rows = await fetch(TWINS, source, entry_id, list(keys))
        standing = {row["id"] for row in rows if not row["reversed"]}
        for row in rows:
            stood[row["key"]] = stood.get(row["key"], False) or not row["reversed"]
        if not standing:
            return stood
        await reverse(standing, reason=reason)
