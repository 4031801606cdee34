"""Carrying out an act by hand for its members, with all that follows."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from gamification.by_hand import rulings, told
from gamification.by_hand.act import Act, Outcome, Result, Wanted
from gamification.by_hand.errors import NotGivable
from gamification.by_hand.tables import Does
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Node, Rule
from gamification.credit import credit_many
from gamification.holds.chain import STAFF
from gamification.ledger.activity import Activity, Status
from gamification.ledger.intake import Known
from gamification.recognition.settle import settle_members
from gamification.standings.telling import note_awards
from ground import programme
from ground.engine import fetch


def refuse_ungivable(catalogue: Catalogue, wanted: Wanted | Act, now: datetime) -> None:
    """Raise unless the catalogue in force has it. What is retired can only be taken or left."""
    if wanted.does is Does.CREDIT:
        kind = catalogue.kinds.get(wanted.slug)
        if kind is None or kind.retired:
            raise NotGivable(f"There is no kind {wanted.slug} in force.")
        return
    rule = rule_of(catalogue, wanted, now)
    if rule.retired and wanted.does is Does.GIVE:
        raise NotGivable(f"There is no badge {wanted.slug} in force.")
    if rule.once and wanted.subject:
        raise NotGivable(f"{wanted.slug} is earned once: it has no subject.")
    if not rule.once and not wanted.subject:
        raise NotGivable(f"{wanted.slug} is earned with a subject: name it.")


def rule_of(catalogue: Catalogue, wanted: Wanted | Act, now: datetime) -> Rule:
    """What else decides about the badge: of a badge of seasons, in the one that runs."""
    published = catalogue.rules_by_node.get(("badge", wanted.slug))
    if published is None:
        raise NotGivable(f"There is no badge {wanted.slug} in force.")
    rule = catalogue.rule_on(published, now.astimezone(programme.zone()).date())
    if rule is None:
        raise NotGivable(f"{wanted.slug} is earned per season, and none runs.")
    return rule


def worth_of(catalogue: Catalogue, wanted: Wanted) -> int:
    """The points that an act is worth to each member, before caps and at the most."""
    if wanted.does is not Does.CREDIT:
        return 0
    kind = catalogue.kinds[wanted.slug]
    return max(terms.worth_of(wanted.quantity) for _, terms in kind.terms_from)


async def carried_out(
    catalogue: Catalogue, act: Act, players: Mapping[UUID, Known], now: datetime
) -> list[Result]:
    """Do it for those who are still there. Their rows are held by the caller."""
    there = [each for each in act.members if each in players and players[each].state == "active"]
    gone = [
        Result(member_id=each, outcome=Outcome.GONE) for each in act.members if each not in there
    ]
    if act.does is Does.CREDIT:
        credited = await _credited(act, there, now)
        await told.tell_credited(act, credited)
        return credited + gone
    changed = await _ruled(catalogue, act, there, now)
    await told.tell_given(catalogue, act, changed)
    return [
        Result(member_id=each, outcome=Outcome.DONE if each in changed else Outcome.UNCHANGED)
        for each in there
    ] + gone


async def _credited(act: Act, members: Collection[UUID], now: datetime) -> list[Result]:
    answers = await credit_many(
        [
            Activity(
                member_id=member_id,
                kind=act.slug,
                source=STAFF,
                key=str(act.id),
                occurred_at=now,
                subject=act.subject,
                quantity=act.quantity,
            )
            for member_id in members
        ]
    )
    return [
        Result(
            member_id=member_id,
            outcome=Outcome.DONE if answer.status is Status.RECORDED else Outcome.UNCHANGED,
            points=answer.points,
            awards=answer.awards,
        )
        for member_id, answer in zip(members, answers, strict=True)
    ]


async def _ruled(
    catalogue: Catalogue, act: Act, members: Collection[UUID], now: datetime
) -> set[UUID]:
    """Give, take or leave a badge. Return for whom that changed anything."""
    rule = rule_of(catalogue, act, now)
    rows = await fetch(
        """
        SELECT member_id, taken_back_at IS NULL AS held, hand IS NOT NULL AS by_hand FROM award
        WHERE member_id = ANY($1::uuid[]) AND badge = $2 AND subject = $3 AND season = $4
        """,
        list(members),
        act.slug,
        act.subject,
        rule.season,
    )
    holders = {row["member_id"] for row in rows if row["held"]}
    gives: bool | None
    match act.does:
        case Does.GIVE:
            changed, gives = set(members) - holders, True
        case Does.TAKE:
            changed, gives = holders, False
        case _:
            changed, gives = {row["member_id"] for row in rows if row["by_hand"]}, None
    if changed:
        places = [(each, act.slug, act.subject, rule.season) for each in changed]
        for were_held in (True, False):
            of_these = [place for place in places if (place[0] in holders) is were_held]
            note_awards(of_these, were_held=were_held)
        await rulings.rule(act.id, places, gives=gives, version=rule.version, at=now)
        await settle_members(changed, around(catalogue, {rule.node}))
    return changed


def around(catalogue: Catalogue, nodes: Collection[Node]) -> set[Node]:
    """These badges, and what looks at them."""
    return {
        *nodes,
        *(rule.node for node in nodes for rule in catalogue.dependents.get(node, ())),
    }
