"""Bring in people whom another system knows. They count, and nobody sees or writes to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import msgspec

from community.members.addresses import address_digest
from gamification.players import service as players
from gamification.players.service import Newcomer
from gamification.players.tables import Population
from ground import clock
from ground.engine import fetch
from ground.unit_of_work import unit_of_work

# One statement: the identity decides, so two imports at once leave nobody without one.
ADD: Final = """
WITH new AS (
    SELECT * FROM unnest($2::varchar[], $3::uuid[], $4::bytea[]) AS n(external_id, id, digest)
), named AS (
    INSERT INTO external_identity (source, external_id, member, linked_at)
    SELECT $1, external_id, id, $5 FROM new
    ON CONFLICT (source, external_id) DO NOTHING RETURNING member
)
INSERT INTO member (id, state, address_digest, created_at)
SELECT id, 'unclaimed', digest, $5 FROM new JOIN named ON named.member = new.id RETURNING id
"""

KNOWN: Final = """
SELECT identity.external_id, identity.member
FROM external_identity AS identity JOIN member ON member.id = identity.member
WHERE identity.source = $1 AND identity.external_id = ANY($2) AND member.state <> 'left'
"""


class ImportedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody as a source knows them. Their name is left there: nobody would see it."""

    external_id: str
    known_since: datetime
    # Lets them claim what they did by signing in with it.
    address: str | None = None
    population: Population = Population.CUSTOMER


async def import_members(source: str, people: Sequence[ImportedPerson]) -> dict[str, UUID]:
    """The members whom a source's people are, added where they are new.

    Who left is in none of the answers, and doesn't come back by an import.
    """
    # The same order everywhere, so that two imports at once don't wait for each other in turn.
    unique = {person.external_id: person for person in sorted(people, key=lambda p: p.external_id)}
    ids = {external_id: uuid4() for external_id in unique}
    async with unit_of_work():
        added = await fetch(
            ADD,
            source,
            list(unique),
            list(ids.values()),
            [person.address and address_digest(person.address) for person in unique.values()],
            clock.now(),
        )
        new = {row["id"] for row in added}
        await players.expect(
            [
                Newcomer(ids[external_id], person.population, person.known_since)
                for external_id, person in unique.items()
                if ids[external_id] in new
            ]
        )
        return await members_of(source, unique)


async def members_of(source: str, external_ids: Collection[str]) -> dict[str, UUID]:
    """The members whom a source calls so, without those who left."""
    rows = await fetch(KNOWN, source, list(external_ids))
    return {row["external_id"]: row["member"] for row in rows}
