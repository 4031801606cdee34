"""What managers do with challenges: each an act with its audit entry, announced to who follows."""

from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID, uuid4

import msgspec

from gamification.catalogue.definitions import Words
from gamification.catalogue.service import current
from gamification.challenges import listening
from gamification.challenges.asking import ask_later
from gamification.challenges.challenge import JUST_AFTER, Challenge
from gamification.challenges.definition import ChallengeDefinition
from gamification.challenges.errors import ChallengeInvalid, ChallengeState
from gamification.challenges.keeping import (
    insert,
    locked,
    moved,
    paused_for,
    rewrite,
    tell_change,
)
from gamification.challenges.notifying import notify_later
from gamification.challenges.tables import State
from gamification.challenges.validation import LONGEST, faults, in_zone
from gamification.challenges.wording import refuse_pressing_texts, refuse_pressing_word
from gamification.ledger.intake import hold_everything
from ground import audit, clock, programme
from ground.callers import Caller
from ground.engine import execute, fetchval
from ground.errors import FieldError
from ground.preconditions import PreconditionFailed
from ground.unit_of_work import unit_of_work

About = Literal["extended", "paused", "resumed", "cancelled"]

GOES_ON: Final = (State.SCHEDULED, State.RUNNING, State.PAUSED, State.REACHED)
# What can change once it has started: nothing that anybody counted on.
FREE: Final = frozenset({"title", "description", "thanks", "shows_ranking"})


async def create(definition: ChallengeDefinition, *, by: Caller) -> Challenge:
    """Write a draft. `ChallengeInvalid` with all that speaks against it, `WordingRefused`."""
    refuse_pressing_texts(definition)
    valid = await _valid(definition)
    async with unit_of_work():
        made = await insert(uuid4(), valid, by.actor, clock.now())
        await audit.record(by, "challenges.created", subject=made.channel)
    return made


async def change(
    challenge_id: UUID, definition: ChallengeDefinition, *, revision: int | None, by: Caller
) -> Challenge:
    """Change a challenge. Once it has started only its texts and `shows_ranking` can change.

    `PreconditionFailed` when `revision` is given and isn't the present one.
    """
    refuse_pressing_texts(definition)
    async with unit_of_work():
        await hold_everything()
        before = await locked(challenge_id)
        if revision not in {None, before.revision}:
            raise PreconditionFailed
        wanted = in_zone(definition, programme.zone())
        if before.state is not State.DRAFT:
            _refuse_what_is_settled(before, wanted)
        if not _has_started(before):
            wanted = await _valid(wanted)
        changed = await rewrite(challenge_id, wanted)
        if changed.state is not State.DRAFT:
            await listening.changed()
            tell_change(changed)
        await audit.record(by, "challenges.changed", subject=changed.channel)
    return changed


async def discard(challenge_id: UUID, *, by: Caller) -> None:
    """Throw a draft away. What is published is cancelled instead."""
    async with unit_of_work():
        draft = await locked(challenge_id)
        if draft.state is not State.DRAFT:
            raise ChallengeState("It is published: cancel it instead.")
        await execute("DELETE FROM challenge WHERE id = $1", challenge_id)
        await audit.record(by, "challenges.discarded", subject=draft.channel)


async def publish(challenge_id: UUID, *, by: Caller) -> Challenge:
    """Let it be seen and joined; it starts at its date, with whoever is in. Again: no change."""
    async with unit_of_work():
        await hold_everything()
        draft = await locked(challenge_id)
        if draft.state is not State.DRAFT:
            return draft
        await _valid(definition_of(draft))
        now = clock.now()
        published = await moved(
            draft,
            state=State.SCHEDULED if now < draft.starts_at else State.RUNNING,
            published_at=now,
            # Nothing counts that was done before anybody could know.
            starts_at=max(draft.starts_at, now),
        )
        await ask_later(published)
        await _acted(published, "challenges.published", by)
    return published


async def extend(
    challenge_id: UUID, ends_at: datetime, word: Words | None, *, by: Caller
) -> Challenge:
    """Let it end later, with a word to those who take part."""
    refuse_pressing_word(word)
    async with unit_of_work():
        challenge, now = await _that_goes_on(challenge_id)
        zone = ends_at.tzinfo or programme.zone()
        later = ends_at.replace(tzinfo=zone).astimezone(UTC)
        if later <= challenge.ends_at:
            raise ChallengeInvalid.with_faults([FieldError("/ends_at", "It is later than before")])
        if later - challenge.starts_at > LONGEST + paused_for(challenge, now):
            text = f"It lasts {LONGEST.days} days at most"
            raise ChallengeInvalid.with_faults([FieldError("/ends_at", text)])
        extended = await moved(challenge, ends_at=later)
        await _said(extended, "extended", word, now)
        await _acted(extended, "challenges.extended", by, word)
    return extended


async def pause(challenge_id: UUID, word: Words | None, *, by: Caller) -> Challenge:
    """Let nothing count for a while. Again: no change."""
    refuse_pressing_word(word)
    async with unit_of_work():
        challenge, now = await _that_goes_on(challenge_id)
        if challenge.state is State.PAUSED:
            return challenge
        if now < challenge.starts_at:
            raise ChallengeState("It hasn't started.")
        paused = await moved(
            challenge, state=State.PAUSED, pauses=(*challenge.pauses, now + JUST_AFTER)
        )
        await _said(paused, "paused", word, now)
        await _acted(paused, "challenges.paused", by, word)
    return paused


async def resume(challenge_id: UUID, word: Words | None, *, by: Caller) -> Challenge:
    """Go on. Its end moves on by as long as it paused: a pause costs nobody anything."""
    refuse_pressing_word(word)
    async with unit_of_work():
        challenge, now = await _that_goes_on(challenge_id)
        if challenge.state is not State.PAUSED:
            return challenge
        resumed = await moved(
            challenge,
            state=State.RUNNING if challenge.reached_at is None else State.REACHED,
            pauses=(*challenge.pauses, now + JUST_AFTER),
            ends_at=challenge.ends_at + (now + JUST_AFTER - challenge.pauses[-1]),
        )
        await _said(resumed, "resumed", word, now)
        await _acted(resumed, "challenges.resumed", by, word)
    return resumed


async def cancel(challenge_id: UUID, word: Words | None, *, by: Caller) -> Challenge:
    """End it now, reached or not. What was earned stays earned. Again: no change."""
    refuse_pressing_word(word)
    async with unit_of_work():
        await hold_everything()
        challenge, now = await locked(challenge_id), clock.now()
        if challenge.state is State.CANCELLED:
            return challenge
        _refuse_unless_it_goes_on(challenge, now)
        cancelled = await moved(
            challenge, state=State.CANCELLED, over_at=now + JUST_AFTER, closed_at=now
        )
        await _said(cancelled, "cancelled", word, now)
        await notify_later(cancelled, "cancelled")
        await _acted(cancelled, "challenges.cancelled", by, word)
    return cancelled


def definition_of(challenge: Challenge) -> ChallengeDefinition:
    """A challenge as it was written."""
    return ChallengeDefinition(
        title=challenge.texts.title,
        description=challenge.texts.description,
        thanks=challenge.texts.thanks,
        team=challenge.team.value,
        counts=challenge.counts,
        stretch_goal=challenge.stretch_goal,
        milestones=challenge.milestones,
        starts_at=challenge.starts_at,
        ends_at=challenge.ends_at,
        daily_cap=challenge.daily_cap,
        counts_since_start=challenge.counts_since_start,
        shows_ranking=challenge.shows_ranking,
        badge=challenge.badge,
        season=challenge.season,
        segment=challenge.segment,
    )


async def _valid(definition: ChallengeDefinition) -> ChallengeDefinition:
    wanted = in_zone(definition, programme.zone())
    wrong = list(faults(wanted, await current(), clock.now()))
    if wrong:
        raise ChallengeInvalid.with_faults(wrong)
    return wanted


def _has_started(challenge: Challenge) -> bool:
    return challenge.state is not State.DRAFT and challenge.starts_at <= clock.now()


def _refuse_what_is_settled(before: Challenge, wanted: ChallengeDefinition) -> None:
    """Who joined, joined this challenge, and what was counted was counted by its terms."""
    was = definition_of(before)
    settled = {"team"}
    if _has_started(before):
        settled = set(ChallengeDefinition.__struct_fields__) - FREE
    wrong = [
        FieldError(f"/{name}", "Can't change any more")
        for name in ChallengeDefinition.__struct_fields__
        if name in settled and getattr(was, name) != getattr(wanted, name)
    ]
    if not _has_started(before) and wanted.starts_at < clock.now():
        wrong.append(FieldError("/starts_at", "It lies in the past"))
    if wrong:
        raise ChallengeInvalid.with_faults(wrong)


async def _that_goes_on(challenge_id: UUID) -> tuple[Challenge, datetime]:
    """A challenge that isn't over, held with all crediting, and the moment."""
    await hold_everything()
    challenge, now = await locked(challenge_id), clock.now()
    _refuse_unless_it_goes_on(challenge, now)
    return challenge, now


def _refuse_unless_it_goes_on(challenge: Challenge, now: datetime) -> None:
    over = challenge.over_at is not None or (
        challenge.state is not State.PAUSED and challenge.ends_at <= now
    )
    if challenge.state not in GOES_ON or over:
        raise ChallengeState("It is a draft, or it is over.")


async def _said(challenge: Challenge, about: About, word: Words | None, now: datetime) -> None:
    """Keep a word, and tell it. Why something was cancelled is told with that it was."""
    if word is None:
        return
    said = await fetchval(
        "INSERT INTO challenge_word (challenge, about, words, said_at)"
        " VALUES ($1, $2, $3::jsonb, $4) RETURNING id",
        challenge.id,
        about,
        msgspec.json.encode(word).decode(),
        now,
    )
    if about != "cancelled":
        await notify_later(challenge, "word", word=said)


async def _acted(challenge: Challenge, action: str, by: Caller, word: Words | None = None) -> None:
    """Let who credits listen anew, and tell who follows."""
    await listening.changed()
    tell_change(challenge, word)
    await audit.record(by, action, subject=challenge.channel)
