"""The lists that can be handed out: their columns, and the SQL of a page of each.

In every statement $1 is the stand-in's name, $2 a source or NULL for all, $3 the size of a
page, and $4 on the position after which it begins.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

import asyncpg

from community.exports.cells import Value, without_prefix
from gamification.catalogue.prefixed import prefix_of

What = Literal["members", "activities", "awards"]
BadgeNames = Mapping[str, str]


class Listing(NamedTuple):
    """A list: what its lines hold, how a page is read, and where one stopped."""

    columns: tuple[str, ...]
    sql: str
    start: tuple[Any, ...]
    position: tuple[str, ...]
    line: Callable[[asyncpg.Record, BadgeNames], list[Value]]


MEMBERS: Final = """
SELECT person.id AS member_id, coalesce(identity.id, 0) AS identity_id, identity.source,
    identity.external_id, person.state, person.role, person.display_name, player.population,
    player.joined_at
FROM member AS person
JOIN player ON player.member_id = person.id
LEFT JOIN external_identity AS identity
    ON identity.member = person.id AND ($2::text IS NULL OR identity.source = $2)
WHERE (person.id, coalesce(identity.id, 0)) > ($4::uuid, $5::bigint)
    AND person.state IN ('active', 'unclaimed')
    AND ($2::text IS NULL OR identity.id IS NOT NULL)
    AND identity.external_id IS DISTINCT FROM $1
ORDER BY person.id, coalesce(identity.id, 0) LIMIT $3
"""

ACTIVITIES: Final = """
SELECT entry.id, entry.member_id, identity.external_id, entry.kind, entry.subject, entry.parent,
    entry.quantity, entry.occurred_at, entry.day_only, entry.local_day,
    coalesce(anew.points, entry.points) AS points, entry.reason, entry.source, entry.key,
    entry.fields, inverse.recorded_at AS reversed_at
FROM ledger_entry AS entry
JOIN member AS person ON person.id = entry.member_id AND person.state IN ('active', 'unclaimed')
LEFT JOIN LATERAL (
    SELECT external_id FROM external_identity
    WHERE member = person.id
    ORDER BY external_identity.source IS NOT DISTINCT FROM entry.source DESC, id LIMIT 1
) AS identity ON true
-- What was held and released stands under another id, and is one activity.
LEFT JOIN LATERAL (
    SELECT release_id FROM entry_hold WHERE origin_id = entry.id ORDER BY id DESC LIMIT 1
) AS hold ON true
LEFT JOIN ledger_entry AS anew ON anew.id = hold.release_id
LEFT JOIN ledger_entry AS inverse ON inverse.reverses = coalesce(hold.release_id, entry.id)
WHERE entry.id > $4::bigint AND entry.reverses IS NULL AND entry.source <> 'ambassade:release'
    AND ($2::text IS NULL OR entry.source = $2)
    AND identity.external_id IS DISTINCT FROM $1
ORDER BY entry.id LIMIT $3
"""

AWARDS: Final = """
SELECT award.id, award.member_id, identity.external_id, award.badge, award.subject,
    award.awarded_at, award.season
FROM award
JOIN member AS person ON person.id = award.member_id AND person.state IN ('active', 'unclaimed')
CROSS JOIN LATERAL (SELECT substring(award.badge from '^(.*):') AS source) AS prefix
LEFT JOIN LATERAL (
    SELECT external_id FROM external_identity
    WHERE member = person.id
    ORDER BY external_identity.source IS NOT DISTINCT FROM prefix.source DESC, id LIMIT 1
) AS identity ON true
WHERE award.id > $4::bigint AND award.taken_back_at IS NULL
    AND ($2::text IS NULL OR prefix.source = $2)
    AND identity.external_id IS DISTINCT FROM $1
ORDER BY award.id LIMIT $3
"""


def _member(row: asyncpg.Record, _names: BadgeNames) -> list[Value]:
    return [
        _called(row),
        row["source"],
        str(row["member_id"]),
        row["state"],
        row["role"],
        row["population"],
        row["display_name"],
        row["joined_at"],
    ]


def _activity(row: asyncpg.Record, _names: BadgeNames) -> list[Value]:
    source = row["source"]
    return [
        _called(row),
        without_prefix(row["kind"], source),
        without_prefix(row["subject"], source),
        without_prefix(row["parent"], source),
        row["quantity"],
        row["local_day"] if row["day_only"] else row["occurred_at"],
        row["points"],
        row["reason"],
        source,
        row["key"],
        row["fields"],
        row["reversed_at"],
    ]


def _award(row: asyncpg.Record, names: BadgeNames) -> list[Value]:
    badge, source = row["badge"], prefix_of(row["badge"])
    return [
        _called(row),
        names.get(badge, badge) if source else badge,
        without_prefix(row["subject"], source),
        row["awarded_at"],
    ]


def _award_of_season(row: asyncpg.Record, names: BadgeNames) -> list[Value]:
    return [*_award(row, names), row["season"]]


def _called(row: asyncpg.Record) -> str:
    return str(row["external_id"] or row["member_id"])


LISTINGS: Final[dict[What, Listing]] = {
    "members": Listing(
        ("member", "source", "id", "state", "role", "population", "display_name", "joined_at"),
        MEMBERS,
        (UUID(int=0), 0),
        ("member_id", "identity_id"),
        _member,
    ),
    "activities": Listing(
        (
            "member",
            "kind",
            "subject",
            "parent",
            "quantity",
            "occurred_at",
            "points",
            "reason",
            "source",
            "key",
            "fields",
            "reversed_at",
        ),
        ACTIVITIES,
        (0,),
        ("id",),
        _activity,
    ),
    "awards": Listing(("member", "badge", "subject", "awarded_at"), AWARDS, (0,), ("id",), _award),
}


def listing_of(what: What, *, seasons: bool) -> Listing:
    """A list. Of a programme with seasons, awards say last of which one they are."""
    listing = LISTINGS[what]
    if what != "awards" or not seasons:
        return listing
    return listing._replace(columns=(*listing.columns, "season"), line=_award_of_season)
