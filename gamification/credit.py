"""The door of gamification: credit what members did, and take it back.

Call these in the transaction that writes the activity itself. Everything that follows
(points, streaks, badges, tiers, boards) is done when they return, and none of it is if the
transaction fails.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from gamification.boards import copy, scores
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.service import in_force
from gamification.challenges import hearing as challenges
from gamification.holds import chain
from gamification.ledger import intake, journal, undo
from gamification.ledger.activity import PARENT, Activity, Credited, Status
from gamification.ledger.draft import (
    Draft,
    Ledgered,
    drafted,
    needs_day,
    points_by_member,
    priced,
    refusal,
)
from gamification.recognition import neighbours
from gamification.recognition.held import Ruling
from gamification.recognition.service import hear, recognise
from ground import clock
from ground.engine import meanwhile
from ground.unit_of_work import after_commit, retried, unit_of_work

Key = tuple[str, str, UUID, str]


async def credit(activity: Activity) -> Credited:
    """Credit one activity once per source and key."""
    [credited] = await credit_many([activity])
    return credited


async def credit_many(activities: Sequence[Activity]) -> list[Credited]:
    """Credit activities, each once per source and key, and answer each on its own.

    The number of statements doesn't depend on how many there are. Members' rows are locked
    until the transaction ends, in one order; call it once a transaction where you can.
    """
    if not activities:
        return []
    return await retried(lambda: _credit_many(activities))


async def _credit_many(activities: Sequence[Activity]) -> list[Credited]:
    async with unit_of_work():
        revisions = await intake.revisions()
        catalogue = await in_force(revisions.catalogue)
        members = {each.member_id for each in activities}
        if catalogue.sibling_rules:
            await intake.hold_families(
                {str(each.fields[PARENT]) for each in activities if PARENT in each.fields}
            )
            members |= await neighbours.owners(catalogue, activities)
        players = await intake.hold_players(members)
        now = clock.now()
        answers, drafts = await _sorted_out(catalogue, activities, players, now)
        ledgered = await _priced(catalogue, list(drafts.values()))
        async with meanwhile(journal.write(ledgered.entries)):
            heard = await hear(catalogue, [(entry.fact, 1) for entry in ledgered.entries])
        rulings = await recognise(
            catalogue,
            heard,
            points_by_member(ledgered.entries),
            {member_id: player.joined_at for member_id, player in players.items()},
            now,
        )
        await _tell_boards(catalogue, ledgered.gains)
        await challenges.hear(revisions.challenges, heard.changes)
    _answer(answers, drafts, ledgered, rulings)
    return [answers[place] for place in range(len(activities))]


async def reverse(entry_ids: Collection[int], *, reason: str) -> list[int]:
    """Take entries back: they never happened, and neither did what followed from them.

    Return the ids that were reversed now. Reversing again changes nothing.
    """
    return await retried(lambda: _reverse(entry_ids, reason))


async def _reverse(entry_ids: Collection[int], reason: str) -> list[int]:
    async with unit_of_work():
        revisions = await intake.revisions()
        catalogue = await in_force(revisions.catalogue)
        players = await intake.hold_players(await journal.owners(entry_ids))
        now = clock.now()
        # What was held and released stands under another id.
        entry_ids = await chain.ended(entry_ids, now)
        facts = [fact for fact in await journal.by_id(entry_ids) if fact.reversed_at is None]
        if not facts:
            return []
        undone = await undo.undone(catalogue, facts, reason, now)
        heard = await hear(catalogue, [(fact, -1) for fact in facts])
        await recognise(
            catalogue,
            heard,
            points_by_member(undone.entries),
            {member_id: player.joined_at for member_id, player in players.items()},
            now,
        )
        await _tell_boards(catalogue, undone.gains)
        await challenges.hear(revisions.challenges, heard.changes)
    return [fact.id for fact in facts]


async def _sorted_out(
    catalogue: Catalogue,
    activities: Sequence[Activity],
    players: dict[UUID, intake.Known],
    now: datetime,
) -> tuple[dict[int, Credited], dict[int, Draft]]:
    """Answer what is refused or known already; draft the rest."""
    answers: dict[int, Credited] = {}
    drafts: dict[int, Draft] = {}
    fresh: dict[Key, int] = {}
    copies: dict[int, int] = {}
    ids = await intake.ids_for(activities)
    for place, (activity, (known, entry_id)) in enumerate(zip(activities, ids, strict=True)):
        player = players.get(activity.member_id)
        code = refusal(catalogue, activity, player)
        key = (activity.source, activity.key, activity.member_id, activity.kind)
        if known is not None:
            answers[place] = Credited(status=Status.DUPLICATE, entry_id=known)
        elif key in fresh:
            copies[place] = fresh[key]
        elif player is None or code is not None:
            answers[place] = Credited(status=Status.REJECTED, code=code)
        elif (draft := drafted(catalogue, activity, player, entry_id, now)) is None:
            answers[place] = Credited(status=Status.REJECTED, code="in_the_future")
        else:
            fresh[key], drafts[place] = place, draft
    for place, original in copies.items():
        first = drafts[original].fact.id
        answers[place] = Credited(status=Status.DUPLICATE, entry_id=first)
    return answers, drafts


async def _priced(catalogue: Catalogue, drafts: list[Draft]) -> Ledgered:
    days = {draft.day_key for draft in drafts if needs_day(catalogue, draft)}
    ledgered = priced(catalogue, drafts, await journal.day_parts(days))
    await journal.keep_day_parts((key, day.parts) for key, day in ledgered.days.items())
    return ledgered


async def _tell_boards(catalogue: Catalogue, gains: Sequence[scores.Gain]) -> None:
    changed = await scores.add(catalogue, gains)
    if changed:
        after_commit(lambda: copy.tell(changed))


def _answer(
    answers: dict[int, Credited],
    drafts: dict[int, Draft],
    ledgered: Ledgered,
    rulings: Collection[Ruling],
) -> None:
    earned = _awards_by_entry(ledgered, rulings)
    for place, entry in zip(drafts, ledgered.entries, strict=True):
        answers[place] = Credited(
            status=Status.RECORDED,
            entry_id=entry.fact.id,
            points=entry.points,
            reason=entry.reason,
            awards=tuple(earned.get(entry.fact.id, ())),
        )


def _awards_by_entry(ledgered: Ledgered, rulings: Collection[Ruling]) -> dict[int, list[str]]:
    """Which badges each entry completed. One that no entry names goes to the member's last."""
    last: dict[UUID, int] = {entry.fact.member_id: entry.fact.id for entry in ledgered.entries}
    fresh = {entry.fact.id for entry in ledgered.entries}
    earned: dict[int, list[str]] = {}
    for ruling in rulings:
        if not ruling.earned or ruling.verdict is None or ruling.rule.node[0] != "badge":
            continue
        mine = [entry_id for entry_id in ruling.verdict.entries if entry_id in fresh]
        entry_id = mine[-1] if mine else last.get(ruling.member_id)
        if entry_id is not None:
            earned.setdefault(entry_id, []).append(ruling.rule.slug)
    return earned
