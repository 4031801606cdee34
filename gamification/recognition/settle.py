"""Deciding again about members who did nothing just now: after a publication, or by the clock."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from gamification.catalogue.members import everybody
from gamification.catalogue.rule import Node, Rule
from gamification.catalogue.service import in_force
from gamification.ledger import intake
from gamification.recognition.candidates import Candidates
from gamification.recognition.held import Ruling
from gamification.recognition.known import Known
from gamification.recognition.pushed import push_rulings
from gamification.recognition.service import LONG_AGO, Decision
from gamification.recognition.told import tell_earned
from gamification.standings.keep import standings_of
from gamification.standings.telling import note_awards, note_members, note_rulings
from ground import clock
from ground.engine import fetch
from ground.unit_of_work import unit_of_work

PAGE = 500


async def settle(nodes: Collection[Node] | None = None) -> int:
    """Decide about these badges and tiers (or all) for everyone with entries.

    Return how many rulings there were. In an outer unit of work all of it is one transaction.
    """
    made = 0
    last = UUID(int=0)
    while members := await everybody(last):
        made += len(await settle_members(members, nodes))
        last = max(members)
    return made


async def take_back(member_ids: Collection[UUID], nodes: Collection[Node]) -> int:
    """Take back from members what the catalogue doesn't know any more. Return how many."""
    badges = [slug for what, slug in nodes if what == "badge"]
    tiers = [slug for what, slug in nodes if what == "tier"]
    taken = 0
    if badges:
        rows = await fetch(
            """
            UPDATE award SET taken_back_at = coalesce(taken_back_at, $3), hand = NULL
            WHERE member_id = ANY($1::uuid[]) AND badge = ANY($2::text[])
                AND (taken_back_at IS NULL OR hand IS NOT NULL)
            RETURNING member_id, badge, subject, season
            """,
            list(member_ids),
            badges,
            clock.now(),
        )
        note_awards((tuple(row) for row in rows), were_held=True)
        taken += len(rows)
    if tiers:
        rows = await fetch(
            """
            DELETE FROM tier_held WHERE member_id = ANY($1::uuid[]) AND tier = ANY($2::text[])
            RETURNING member_id
            """,
            list(member_ids),
            tiers,
        )
        note_members({row["member_id"] for row in rows})
        taken += len(rows)
    return taken


async def settle_members(
    member_ids: Collection[UUID], nodes: Collection[Node] | None = None
) -> list[Ruling]:
    """Decide about these badges and tiers (or all) for some members."""
    async with unit_of_work():
        catalogue = await in_force(await intake.catalogue_revision())
        rules = [rule for rule in catalogue.rules if nodes is None or rule.node in nodes]
        players = await intake.hold_players(member_ids)
        candidates = Candidates()
        for member_id in players:
            for rule in rules:
                candidates.touch_member(rule, member_id, LONG_AGO, shaken=True)
        known = Known({}, await standings_of(list(players)))
        joined_at = {member_id: player.joined_at for member_id, player in players.items()}
        rulings = await Decision(catalogue, candidates, known, joined_at, clock.now()).made()
        note_rulings(rulings)
        push_rulings(rulings)
        return rulings


async def settle_by_the_clock(now: datetime) -> int:
    """Award what time alone completes, such as a year of membership; end tiers whose grace is over.

    Safe to run at any time and again; a run that was missed is made up for by the next.
    """
    async with unit_of_work():
        catalogue = await in_force(await intake.catalogue_revision())
    rules = [rule for rule in catalogue.rules if rule.by_the_clock and not rule.retired]
    made = 0
    for rule in rules:
        last = UUID(int=0)
        while members := await _page_in_time_for(rule, now, last):
            made += await _settle_and_tell(members, rule, now)
            last = members[-1]
    return made + await _end_grace(now)


async def _settle_and_tell(members: Collection[UUID], rule: Rule, now: datetime) -> int:
    async with unit_of_work():
        rulings = await settle_members(members, [rule.node])
        await tell_earned(rulings, now)
    return len(rulings)


async def _end_grace(now: datetime) -> int:
    rows = await fetch(
        "SELECT DISTINCT member_id, tier FROM tier_held WHERE lapses_at <= $1 LIMIT 10000", now
    )
    by_tier: dict[str, list[UUID]] = {}
    for row in rows:
        by_tier.setdefault(row["tier"], []).append(row["member_id"])
    for tier, members in by_tier.items():
        await settle_members(members, [("tier", tier)])
    return len(rows)


async def _page_in_time_for(rule: Rule, now: datetime, after: UUID) -> list[UUID]:
    """Members who are there for long enough and don't hold what the rule gives."""
    days = min(term.at_least_days for term in rule.by_the_clock)
    rows = await fetch(
        """
        SELECT p.member_id FROM player p
        WHERE p.member_id > $1 AND p.joined_at <= $2 AND p.state = 'active'
            AND NOT EXISTS (SELECT FROM award a WHERE a.member_id = p.member_id AND a.badge = $3
                AND a.subject = '' AND a.taken_back_at IS NULL)
            AND NOT EXISTS (SELECT FROM tier_held t WHERE t.member_id = p.member_id
                AND t.tier = $4 AND t.lapses_at IS NULL)
        ORDER BY p.member_id LIMIT $5
        """,
        after,
        now - timedelta(days=days),
        rule.slug if rule.node[0] == "badge" else "",
        rule.slug if rule.node[0] == "tier" else "",
        PAGE,
    )
    return [row["member_id"] for row in rows]
