"""An announcement to everybody: a worker fills all inboxes, and who uses the API meanwhile."""

from statistics import median
from typing import Any, Final

import msgspec

from benchmarks.calls import Failed, drive
from benchmarks.figures import Found, Goal, Wishes
from benchmarks.progress import say
from benchmarks.reads import A_SECOND, STANDING, p99_of_standings, steadily
from benchmarks.settled import settled
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetchrow, fetchval
from ground.roles import Role
from notifications.campaigns import limits, managing
from notifications.campaigns.definition import Campaign
from notifications.campaigns.keeping import Kept
from notifications.campaigns.tables import State

MEMBERS: Final = 100_000
FEW: Final = 5_000
MOST_SECONDS: Final = 20.0
MOST_SLOWER: Final = 1.2
SLICE_SECONDS: Final = 2.0
CAMPAIGN: Final[dict[str, Any]] = {
    "title": {"fr": "Une nouvelle", "en": "News"},
    "body": {"fr": "La saison commence.", "en": "The season begins."},
    "kind": "news",
}
ROWS: Final = "SELECT count(*) FROM notification WHERE category = 'campaign.news'"
HOW_FAR: Final = """
SELECT state, extract(epoch FROM ended_at - began_at)::float AS seconds FROM campaign WHERE id = $1
"""


async def measured(wishes: Wishes) -> Found:
    """Read for a while; then let everybody be told, and go on reading."""
    members = FEW if wishes.quick else MEMBERS
    slice_seconds = min(SLICE_SECONDS, wishes.seconds)
    async with settled(members) as stage:
        # At any hour the same is done.
        await execute("UPDATE preferences SET quiet_from = 0, quiet_until = 0")
        with stage.product() as product, stage.worker(CAMPAIGN_MEMBERS_A_DAY=str(members)):
            await drive(steadily(product, 3))
            slices = max(1, round(wishes.seconds / slice_seconds))
            before = [await p99_of_standings(product, slice_seconds) for _ in range(slices)]
            say(f"telling {members:,} members")
            campaign = await _scheduled(members)
            meanwhile: list[float] = []
            seconds = None
            while seconds is None:
                meanwhile.append(await p99_of_standings(product, slice_seconds))
                seconds = await _took(campaign)
        if await fetchval(ROWS) != members:
            raise Failed("somebody wasn't told, or twice")
    return _found(members, seconds, median(before), median(meanwhile))


def _found(members: int, seconds: float, was: float, now: float) -> Found:
    at_most = MOST_SECONDS * members / MEMBERS
    name = f"{members:,} inbox rows of one announcement"
    return Found(
        goals=[
            Goal(name=name, value=seconds, at_most=at_most, unit="s"),
            Goal(
                name=f"the API's p99 meanwhile, {now:.1f} ms beside {was:.1f} ms before",
                value=now / was,
                at_most=MOST_SLOWER,
                unit="times",
            ),
        ],
        notes=[f"{A_SECOND} reads a second of {STANDING}; {members / seconds:,.0f} rows a second"],
    )


async def _scheduled(members: int) -> Kept:
    """A campaign to everybody that is to go out now: the worker sends it."""
    limits.keep_to(limits.Limits(alone=members))
    manager = Caller(
        kind=CallerKind.MEMBER,
        member_id=await fetchval("SELECT id FROM bench_person LIMIT 1"),
        role=Role.MANAGER,
    )
    made = await managing.create(msgspec.convert(CAMPAIGN, Campaign), by=manager)
    return await managing.schedule(made.id, None, members, if_match=made.etag, by=manager)


async def _took(campaign: Kept) -> float | None:
    """How long it took to write to everybody, once all were written to."""
    row = await fetchrow(HOW_FAR, campaign.id)
    if row is None or row["state"] not in {State.SCHEDULED, State.SENDING, State.SENT}:
        raise Failed("the campaign isn't sent")
    return None if row["state"] != State.SENT else float(row["seconds"])
