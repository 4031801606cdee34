"""Crediting an entry anew, as it was stamped when it first came."""

from datetime import datetime
from uuid import UUID

from gamification.boards import copy, scores
from gamification.catalogue.compiled import Catalogue
from gamification.challenges import hearing as challenges
from gamification.challenges.listening import revision
from gamification.holds.chain import RELEASE
from gamification.ledger import intake, journal
from gamification.ledger.draft import Draft, needs_day, points_by_member, priced
from gamification.ledger.merge import again
from gamification.recognition import neighbours
from gamification.recognition.service import hear, recognise
from gamification.rules.facts import Fact
from ground.engine import fetchrow
from ground.unit_of_work import after_commit


async def hold_around(catalogue: Catalogue, fact: Fact) -> dict[UUID, datetime]:
    """Lock all whom crediting it anew could concern, in the order of all crediting.

    Return since when each is a member.
    """
    members = {fact.member_id}
    if catalogue.sibling_rules:
        await intake.hold_families({fact.parent} - {""})
        members |= await neighbours.owners(catalogue, [again(fact, fact.member_id, day_only=False)])
    players = await intake.hold_players(members)
    return {member_id: player.joined_at for member_id, player in players.items()}


async def credit_again(
    catalogue: Catalogue, fact: Fact, joined_at: dict[UUID, datetime], now: datetime
) -> int:
    """Write the entry anew, with the day and the worth it had, and let it have its consequences.

    Whom it could concern is locked by `hold_around`. Return the new entry's id.
    """
    row = await fetchrow(
        "SELECT nextval('ledger_entry_id_seq') AS fresh, day_only FROM ledger_entry WHERE id = $1",
        fact.id,
    )
    if row is None:
        raise LookupError("the ledger only grows")
    anew = fact._replace(
        id=row["fresh"], source=RELEASE, key=str(fact.id), recorded_at=now, reversed_at=None
    )
    draft = Draft(anew, row["day_only"])
    days = {draft.day_key} if needs_day(catalogue, draft) else set()
    ledgered = priced(catalogue, [draft], await journal.day_parts(days))
    await journal.keep_day_parts((key, day.parts) for key, day in ledgered.days.items())
    await journal.write(ledgered.entries)
    heard = await hear(catalogue, [(anew, 1)])
    await recognise(catalogue, heard, points_by_member(ledgered.entries), joined_at, now)
    changed = await scores.add(catalogue, ledgered.gains)
    if changed:
        after_commit(lambda: copy.tell(changed))
    await challenges.hear(await revision(), [(anew, 1)])
    return anew.id
