"""Join, be recognised, and change what one is called."""

from typing import Final
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import UNSET

from community.charter import service as charter
from community.charter.tables import Channel
from community.claims import service as claims
from community.members.addresses import address_digest, uid_digest
from community.members.admission import admission
from community.members.appearance import Appearance, acceptable_name
from community.members.errors import NotAMemberAnyMore
from community.members.person import Person
from community.members.tables import MemberState
from community.members.turns import one_at_a_time
from community.members.views import Change, Joining
from gamification.players import service as players
from ground import clock
from ground.engine import execute, fetchrow, fetchval
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from notifications.journeys.happened import happened
from notifications.journeys.plan import JOINED
from notifications.preferences import service as preferences

WHO_SIGNS_IN: Final = """
SELECT coalesce(survivor.id, own.id) AS id, coalesce(survivor.role, own.role) AS role,
       coalesce(survivor.state, own.state) AS state
FROM member AS own LEFT JOIN member AS survivor ON survivor.id = own.merged_into
WHERE own.uid = $1
"""

ONE_SELF: Final = """
SELECT member.id, member.display_name, member.pseudonym, member.role, member.joined_at,
       player.population, player.visibility, player.public_visibility,
       preferences.locale, preferences.time_zone,
       (SELECT version FROM charter_acceptance WHERE member = member.id
        ORDER BY id DESC LIMIT 1) AS accepted_version,
       (SELECT max(version) FROM charter_version) AS current_version
FROM member
JOIN player ON player.member_id = member.id
JOIN preferences ON preferences.member_id = member.id
WHERE member.id = $1 AND member.state = 'active'
"""

APPEARANCE: Final = """
SELECT member.display_name, member.pseudonym, player.visibility, player.public_visibility
FROM member JOIN player ON player.member_id = member.id
WHERE member.id = $1 AND member.state = 'active' FOR NO KEY UPDATE OF member
"""

# Who left and comes back goes before who was imported.
OWN_PLACE: Final = """
SELECT id FROM member WHERE return_digest = $1 OR (address_digest = $2 AND state = 'unclaimed')
ORDER BY return_digest IS NULL, created_at, id LIMIT 1 FOR UPDATE
"""

TAKE_PLACE: Final = """
INSERT INTO member (id, uid, state, role, display_name, created_at, joined_at)
VALUES ($1, $2, 'active', 'ambassador', $3, $4, $4)
ON CONFLICT (id) DO UPDATE
SET uid = excluded.uid, state = 'active', display_name = excluded.display_name,
    joined_at = excluded.joined_at, left_at = NULL, address_digest = NULL, return_digest = NULL
"""


class Identified(msgspec.Struct, frozen=True):
    """Whom a verified token belongs to."""

    member_id: UUID
    role: Role
    state: MemberState


class Joined(msgspec.Struct, frozen=True):
    """Who joined, or had joined before."""

    member_id: UUID
    is_new: bool


async def identify(uid: str) -> Identified | None:
    """The member that a sign-in leads to, also after a merge."""
    row = await fetchrow(WHO_SIGNS_IN, uid)
    if row is None:
        return None
    return Identified(row["id"], Role(row["role"]), MemberState(row["state"]))


async def join(person: Person, joining: Joining, *, channel: Channel = Channel.APP) -> Joined:
    """Join of one's own will. Who joins twice, even at once, is one member.

    Whoever left and asked to be able to come back finds what they earned, and so does whoever
    was imported with the address that the token proves.
    """
    population = None if joining.population is UNSET else joining.population
    admission().examine(old_enough=joining.old_enough, population=population)
    name = acceptable_name(joining.display_name, "/display_name")
    preferences.refuse_unknown_zone(joining.time_zone)
    async with unit_of_work():
        await one_at_a_time(f"join:{person.uid}")
        known = await identify(person.uid)
        if known is not None:
            return Joined(known.member_id, is_new=False)
        await charter.require_current(joining.charter_version, pointer="/charter_version")
        member_id = await _take_place(person, name)
        await preferences.prefer(member_id, joining.locale, joining.time_zone)
        await players.welcome(member_id, population=population, joined_at=clock.now())
        await charter.record_acceptance(
            member_id, joining.charter_version, locale=joining.locale, channel=channel
        )
        happened(member_id, JOINED)
        await claims.by_address(person, member_id)
    return Joined(member_id, is_new=True)


async def me(member_id: UUID) -> asyncpg.Record:
    """A member as they see themselves."""
    row = await fetchrow(ONE_SELF, member_id)
    if row is None:
        raise NotAMemberAnyMore
    return row


async def change(member_id: UUID, wanted: Change) -> None:
    """Change what is given about oneself, and leave the rest."""
    async with unit_of_work():
        row = await fetchrow(APPEARANCE, member_id)
        if row is None:
            raise NotAMemberAnyMore
        appearance = msgspec.convert(dict(row), Appearance).after(wanted)
        await execute(
            "UPDATE member SET display_name = $2, pseudonym = $3 WHERE id = $1",
            member_id,
            appearance.display_name,
            appearance.pseudonym,
        )
        await preferences.change(
            member_id,
            locale=None if wanted.locale is UNSET else wanted.locale,
            time_zone=None if wanted.time_zone is UNSET else wanted.time_zone,
        )
        # After the language, since segments ask for it.
        await players.show(
            member_id,
            visibility=appearance.visibility,
            public_visibility=appearance.public_visibility,
        )


async def _take_place(person: Person, name: str) -> UUID:
    """A place for somebody new; their old one for who comes back or was expected."""
    address = None if person.address is None else address_digest(person.address)
    own = await fetchval(OWN_PLACE, uid_digest(person.uid), address)
    member_id: UUID = own or uuid4()
    await execute(TAKE_PLACE, member_id, person.uid, name, clock.now())
    return member_id
