"""Everybody takes part, however many they are: written in bulk, as joining would have written it.

Each member was imported under the benchmark's source, and then joined: there is a member with a
sign-in, a player who appears on boards by name, preferences, what the source calls them, and the
acceptance of the charter.
"""

from datetime import timedelta
from typing import Final

from benchmarks.bulk import in_bulk
from benchmarks.community import SOURCE, START
from ground.engine import execute

JOINED: Final = START - timedelta(days=100)
TABLES: Final = ("member", "player", "preferences", "external_identity", "charter_acceptance")

# They are written in the order of their ids, which spreads the busiest over all pages.
PEOPLE: Final = """
CREATE TABLE bench_person AS
SELECT n, gen_random_uuid() AS id FROM generate_series(0, $1::int - 1) AS n
"""
MEMBERS: Final = """
INSERT INTO member (id, uid, state, role, display_name, created_at, joined_at)
SELECT id, 'u' || n, 'active', 'ambassador', 'Camille ' || n, $1, $1 FROM bench_person ORDER BY id
"""
PLAYERS: Final = """
INSERT INTO player (member_id, state, population, visibility, public_visibility, staff, joined_at,
                    board_alias)
SELECT id, 'active', 'customer', 'name', true, false, $1, gen_random_uuid()
FROM bench_person ORDER BY id
"""
PREFERENCES: Final = """
INSERT INTO preferences (member_id, locale, time_zone)
SELECT id, 'fr', 'Europe/Paris' FROM bench_person ORDER BY id
"""
IDENTITIES: Final = """
INSERT INTO external_identity (source, external_id, member, linked_at)
SELECT $2, 'm' || n, id, $1 FROM bench_person ORDER BY id
"""
ACCEPTANCES: Final = """
INSERT INTO charter_acceptance (member, version, accepted_at, channel, locale)
SELECT id, 1, $1, 'app', 'fr' FROM bench_person ORDER BY id
"""


def uid_of(number: int) -> str:
    """How a member signs in."""
    return f"u{number}"


async def settle_in(members: int) -> None:
    """Let so many people take part. `bench_person` numbers them."""
    await execute(PEOPLE, members)
    await execute("ALTER TABLE bench_person ADD PRIMARY KEY (n)")
    async with in_bulk(TABLES):
        await execute(MEMBERS, JOINED)
        await execute(PLAYERS, JOINED)
        await execute(PREFERENCES)
        await execute(IDENTITIES, JOINED, SOURCE)
        await execute(ACCEPTANCES, JOINED)
