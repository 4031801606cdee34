"""Members for tests of segments, and what they did, as the tables say it."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from gamification.catalogue.reading import read_toml
from gamification.segments.criteria import SegmentCriteria
from ground.callers import Caller, CallerKind
from ground.engine import execute
from ground.roles import Role
from tests.gamification.boards import CATALOGUE as BOARDS
from tests.gamification.boards import NOON, WORDS, Someone

OPERATOR = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")

CATALOGUE = read_toml(
    f"""{BOARDS}
[[badge]]
slug = "host"
criteria = {{ term = "count", kind = "post", at_least = 1000 }}
{WORDS}
[[tier]]
slug = "seed"
rank = 1
criteria = {{ term = "points", at_least = 100000 }}
{WORDS}
[[tier]]
slug = "tree"
rank = 2
criteria = {{ term = "points", at_least = 200000 }}
{WORDS}
[[segment]]
slug = "french"
of = {{ term = "language", one_of = ["fr"] }}
{WORDS}
[[board]]
slug = "french-month"
period = "month"
segment = "french"
{WORDS}
""".encode()
)


def criteria(*terms: dict[str, Any]) -> SegmentCriteria:
    """The one term, or all of several."""
    wanted = terms[0] if len(terms) == 1 else {"term": "all", "of": list(terms)}
    found: SegmentCriteria = msgspec.convert(wanted, SegmentCriteria)
    return found


async def in_tier(who: Someone, *tiers: str, lapses_at: datetime | None = None) -> None:
    """Let somebody have reached tiers."""
    await execute(
        """
        INSERT INTO tier_held (member_id, tier, reached_at, lapses_at, version, recorded_at)
        SELECT $1, tier, $3, $4, 1, $3 FROM unnest($2::text[]) AS tier
        """,
        who.id,
        list(tiers),
        NOON,
        lapses_at,
    )


async def has_badge(
    who: Someone, badge: str, *, subject: str = "", taken_back_at: datetime | None = None
) -> None:
    """Let somebody have a badge, or have had it."""
    await execute(
        """
        INSERT INTO award (member_id, badge, awarded_at, version, recorded_at, taken_back_at,
                           subject)
        VALUES ($1, $2, $3, 1, $3, $4, $5)
        """,
        who.id,
        badge,
        NOON,
        taken_back_at,
        subject,
    )


async def speaks(who: Someone, locale: str) -> None:
    """Let somebody have chosen a language."""
    await execute(
        "INSERT INTO preferences (member_id, locale, time_zone) VALUES ($1, $2, 'Europe/Paris')",
        who.id,
        locale,
    )


async def joined(who: Someone, days_ago: int) -> None:
    """Let somebody have joined so long ago."""
    moment = NOON - timedelta(days=days_ago)
    await execute("UPDATE player SET joined_at = $2 WHERE member_id = $1", who.id, moment)


async def last_active(who: Someone, day: date) -> None:
    """Let somebody's last active day be this one."""
    await execute("INSERT INTO standing (member_id, last_active_day) VALUES ($1, $2)", who.id, day)
