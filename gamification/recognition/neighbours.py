"""Subjects beside and below those that were touched: what one member does can be another's matter.

A vote on an earlier answer may end what a later answer was the first to do.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.recognition.candidates import Candidates
from gamification.rules.facts import Fact
from ground.engine import fetch


async def touch(
    catalogue: Catalogue, candidates: Candidates, changes: Iterable[tuple[Fact, int]]
) -> set[UUID]:
    """Touch the neighbours' rules. Return whose they are."""
    if not catalogue.sibling_rules:
        return set()
    moments: dict[str, datetime] = {}
    for fact, _ in changes:
        if fact.subject and fact.kind in catalogue.neighbourly_kinds:
            moments[fact.subject] = min(fact.moment, moments.get(fact.subject, fact.moment))
    if not moments:
        return set()
    rows = await fetch(
        """
        SELECT DISTINCT o.subject AS cause, n.member_id, n.subject, n.kind, false AS below
        FROM ledger_entry o JOIN ledger_entry n ON n.parent = o.parent AND n.kind = o.kind
        WHERE o.subject = ANY($1::text[]) AND o.subject <> '' AND o.parent <> ''
            AND n.parent <> '' AND n.subject <> o.subject
        UNION ALL
        SELECT DISTINCT n.parent, n.member_id, n.subject, n.kind, true
        FROM ledger_entry n WHERE n.parent = ANY($1::text[]) AND n.parent <> ''
        """,
        sorted(moments),
    )
    members = set()
    for cause, member_id, subject, kind, below in rows:
        for rule in catalogue.sibling_rules:
            concerned = rule.looks_at_parents if below else any(t.kind == kind for t in rule.firsts)
            if concerned:
                members.add(member_id)
                candidates.touch(rule, member_id, subject, moments[cause], shaken=True)
    return members
