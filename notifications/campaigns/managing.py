"""What managers do with campaigns: each an act with its audit entry."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from ground import audit, clock
from ground.callers import Caller
from ground.engine import execute, fetchval
from ground.jobs import defer
from ground.languages import Language
from ground.preconditions import require_seen
from ground.unit_of_work import unit_of_work
from notifications.campaigns import keeping
from notifications.campaigns.definition import Campaign
from notifications.campaigns.errors import (
    CampaignInvalid,
    CampaignState,
    OwnCampaign,
    TooManyBroadcasts,
)
from notifications.campaigns.keeping import Kept
from notifications.campaigns.limits import A_DAY, limits
from notifications.campaigns.tables import State
from notifications.campaigns.validation import faults, texts
from notifications.notify import notify
from notifications.wording.lint import refuse_pressure

SEND: Final = "campaigns.send"
WITHDRAW: Final = "campaigns.withdraw"
TEST: Final = "campaign.test"
# For so long a proposal may be approved.
WAITS: Final = timedelta(days=7)
FURTHEST: Final = timedelta(days=366)
STOPPABLE: Final = (State.PROPOSED, State.SCHEDULED, State.SENDING, State.SENT)

ALONE: Final = """
SELECT coalesce(sum(size), 0)::bigint FROM campaign
WHERE wanted_by = $1 AND scheduled_at > $2 AND approved_by IS NULL AND id <> $3
"""
BROADCASTS: Final = """
SELECT count(*) FROM campaign WHERE scheduled_at > $1 AND size > $2 AND id <> $3
"""


async def create(definition: Campaign, *, by: Caller) -> Kept:
    """Write a draft. Raises with all that speaks against it."""
    refuse_faults(definition)
    async with unit_of_work():
        made = await keeping.insert(uuid4(), definition, by.member_id, clock.now())
        await audit.record(by, "campaigns.created", subject=made.subject)
    return made


async def change(
    campaign_id: UUID, definition: Campaign, *, if_match: str | None, by: Caller
) -> Kept:
    """Change a draft. What is proposed or scheduled is what was seen, and stays so."""
    refuse_faults(definition)
    async with unit_of_work():
        draft = await _seen(campaign_id, if_match)
        _require(draft, State.DRAFT)
        changed = await keeping.rewrite(campaign_id, definition)
        await audit.record(by, "campaigns.changed", subject=changed.subject)
    return changed


async def discard(campaign_id: UUID, *, by: Caller) -> None:
    """Throw a draft away."""
    async with unit_of_work():
        draft = await keeping.locked(campaign_id)
        _require(draft, State.DRAFT)
        await keeping.remove(campaign_id)
        await audit.record(by, "campaigns.discarded", subject=draft.subject)


async def schedule(
    campaign_id: UUID, at: datetime | None, size: int, *, if_match: str | None, by: Caller
) -> Kept:
    """Let it go out, now or then: at once to a few, after another manager's word to many.

    `size` is how many it is for at the moment.
    """
    async with unit_of_work():
        await _take_turns()
        draft = await _seen(campaign_id, if_match)
        _require(draft, State.DRAFT)
        now = clock.now()
        if at is not None and not now - A_DAY < at <= now + FURTHEST:
            raise CampaignState("It goes out now, or within a year.")
        refuse_faults(draft.definition)
        wanted = await keeping.moved(
            draft,
            state=State.PROPOSED,
            wanted_by=by.member,
            wanted_at=now,
            starts_at=max(at or now, now),
            size=size,
        )
        if size + await _alone(wanted, now) > limits().alone:
            await audit.record(
                by, "campaigns.proposed", subject=wanted.subject, details=_so(wanted)
            )
            return wanted
        scheduled = await _scheduled(wanted, now)
        await audit.record(
            by, "campaigns.scheduled", subject=wanted.subject, details=_so(scheduled)
        )
    return scheduled


async def approve(campaign_id: UUID, *, if_match: str | None, by: Caller) -> Kept:
    """Give the second word to exactly what was seen."""
    async with unit_of_work():
        await _take_turns()
        proposed = await _seen(campaign_id, if_match)
        _require(proposed, State.PROPOSED)
        if proposed.wanted_by == by.member:
            raise OwnCampaign
        now = clock.now()
        if proposed.wanted_at is None or proposed.wanted_at <= now - WAITS:
            raise CampaignState("It waited for too long: refuse it, and have it proposed again.")
        approved = await _scheduled(proposed, now, approved_by=by.member)
        await audit.record(
            by, "campaigns.approved", subject=approved.subject, details=_so(approved)
        )
    return approved


async def refuse(campaign_id: UUID, *, by: Caller) -> Kept:
    """Say no: it is a draft again."""
    async with unit_of_work():
        proposed = await keeping.locked(campaign_id)
        _require(proposed, State.PROPOSED)
        drafted = await _drafted(proposed)
        await audit.record(by, "campaigns.refused", subject=drafted.subject)
    return drafted


async def unschedule(campaign_id: UUID, *, by: Caller) -> Kept:
    """Make it a draft again, before anything has gone out. Again: no change."""
    async with unit_of_work():
        waiting = await keeping.locked(campaign_id)
        if waiting.state is State.DRAFT:
            return waiting
        _require(waiting, State.PROPOSED, State.SCHEDULED)
        drafted = await _drafted(waiting)
        await audit.record(by, "campaigns.unscheduled", subject=drafted.subject)
    return drafted


async def stop(campaign_id: UUID, *, by: Caller) -> Kept:
    """Let nothing more of it leave. What is in an inbox stays. Again: no change."""
    async with unit_of_work():
        going = await keeping.locked(campaign_id)
        if going.state is State.STOPPED:
            return going
        _require(going, *STOPPABLE)
        stopped = await keeping.moved(
            going, state=State.STOPPED, ended_at=clock.now(), next_at=None
        )
        await defer(WITHDRAW, {"campaign": str(campaign_id)})
        await audit.record(by, "campaigns.stopped", subject=stopped.subject)
    return stopped


async def test(campaign_id: UUID, *, by: Caller) -> Kept:
    """Send it to the caller's own devices and inbox, once in each language."""
    async with unit_of_work():
        kept = await keeping.one(campaign_id)
        written = kept.definition
        for language in Language:
            title, body = (each.in_language(language) for each in (written.title, written.body))
            await notify(
                by.member,
                TEST,
                campaign=str(kept.id),
                title={"fr": title, "en": title},
                body={"fr": body, "en": body},
                to=written.link,
                image=written.image_url or "",
            )
        await audit.record(by, "campaigns.tested", subject=kept.subject)
    return kept


def refuse_faults(definition: Campaign) -> None:
    """Raise with all that is wrong with it, or with the words that would press members."""
    wrong = faults(definition, limits().image_hosts)
    if wrong:
        raise CampaignInvalid.with_faults(wrong)
    refuse_pressure(texts(definition))


async def _seen(campaign_id: UUID, if_match: str | None) -> Kept:
    held = await keeping.locked(campaign_id)
    require_seen(held.etag, if_match=if_match, if_none_match=None)
    return held


def _require(kept: Kept, *states: State) -> None:
    if kept.state not in states:
        raise CampaignState(f"It is {kept.state.value}.")


async def _scheduled(wanted: Kept, now: datetime, approved_by: UUID | None = None) -> Kept:
    most = limits()
    if wanted.size > most.alone:
        before = await fetchval(BROADCASTS, now - A_DAY, most.alone, wanted.id)
        if before >= most.broadcasts:
            raise TooManyBroadcasts
    scheduled = await keeping.moved(
        wanted,
        state=State.SCHEDULED,
        approved_by=approved_by,
        scheduled_at=now,
        starts_at=max(wanted.starts_at or now, now),
    )
    if scheduled.starts_at is not None and scheduled.starts_at <= now:
        await defer(SEND, {"campaign": str(wanted.id)})
    return scheduled


async def _drafted(kept: Kept) -> Kept:
    return await keeping.moved(
        kept,
        state=State.DRAFT,
        wanted_by=None,
        wanted_at=None,
        approved_by=None,
        scheduled_at=None,
        starts_at=None,
    )


async def _alone(wanted: Kept, now: datetime) -> int:
    """To how many this manager wrote within a day without another's word."""
    return int(await fetchval(ALONE, wanted.wanted_by, now - A_DAY, wanted.id))


async def _take_turns() -> None:
    """Two at once don't both find room below a limit."""
    await execute("SELECT pg_advisory_xact_lock(hashtext('campaigns'))")


def _so(kept: Kept) -> dict[str, str | int | None]:
    return {
        "members": kept.size,
        "starts_at": None if kept.starts_at is None else kept.starts_at.isoformat(),
        "wanted_by": str(kept.wanted_by),
        "segment": kept.definition.segment,
        "kind": kept.definition.kind,
    }
