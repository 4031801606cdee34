"""Subjects beside and below those that were touched: what one member does can be another's matter.

A vote on an earlier answer may end what a later answer was the first to do.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.rule import Rule
from gamification.ledger.activity import PARENT, Activity
from gamification.recognition.candidates import Candidates
from gamification.rules.facts import Fact
from ground.engine import fetch

# What was opened beside these subjects after them: what came before is none the wiser. Written so
# that only the index on subjects fits the first step, and only the one on parents the second:
# where statistics know of no parents yet, the planner may else read all that have one, again for
# each subject.
BESIDE: Final = """
FROM unnest($1::text[]) AS w (subject)
CROSS JOIN LATERAL (
    SELECT o.parent, o.kind, o.occurred_at FROM ledger_entry o
    WHERE o.subject = w.subject AND o.subject <> '' AND o.parent || '' <> '' OFFSET 0
) AS o
CROSS JOIN LATERAL (
    SELECT n.member_id, n.subject, n.kind FROM ledger_entry n
    WHERE n.parent = o.parent AND n.parent <> '' AND n.kind = o.kind
        AND n.occurred_at > o.occurred_at OFFSET 0
) AS n
"""

OWNERS: Final = f"""
SELECT n.member_id {BESIDE}
UNION
SELECT n.member_id FROM unnest($2::text[]) AS w (parent)
CROSS JOIN LATERAL (
    SELECT n.member_id FROM ledger_entry n
    WHERE n.parent = w.parent AND n.parent <> '' OFFSET 0
) AS n
"""  # noqa: S608 - constants of this module

NEIGHBOURS: Final = f"""
SELECT DISTINCT w.subject AS cause, n.member_id, n.subject, n.kind, false AS below {BESIDE}
WHERE n.subject <> w.subject
UNION ALL
SELECT DISTINCT w.subject, n.member_id, n.subject, n.kind, true
FROM unnest($2::text[]) AS w (subject)
CROSS JOIN LATERAL (
    SELECT n.member_id, n.subject, n.kind FROM ledger_entry n
    WHERE n.parent = w.subject AND n.parent <> '' OFFSET 0
) AS n
"""  # noqa: S608


class Cause(NamedTuple):
    """What touched a subject: the first moment, and the kinds of activity."""

    since: datetime
    kinds: frozenset[str]


async def owners(catalogue: Catalogue, activities: Iterable[Activity]) -> set[UUID]:
    """Whose subjects these activities could touch, to be locked along with their own members.

    What others open meanwhile is found again, by `touch()`, after the activities are written.
    """
    subjects, parents = set[str](), set[str]()
    for each in activities:
        if each.kind in catalogue.neighbourly_kinds and each.subject:
            subjects.add(each.subject)
            if catalogue.opens_subject(each.kind):
                parents |= {each.subject, str(each.fields.get(PARENT, ""))}
    if not subjects:
        return set()
    rows = await fetch(OWNERS, sorted(subjects), sorted(parents - {""}))
    return {row["member_id"] for row in rows}


async def touch(
    catalogue: Catalogue, candidates: Candidates, changes: Iterable[tuple[Fact, int]]
) -> set[UUID]:
    """Touch the neighbours' rules. Return whose they are."""
    causes = _causes(catalogue, changes)
    if not causes:
        return set()
    opened = [
        subject
        for subject, cause in causes.items()
        if any(map(catalogue.opens_subject, cause.kinds))
    ]
    rows = await fetch(NEIGHBOURS, sorted(causes), sorted(opened))
    members = set()
    for subject_of_cause, member_id, subject, kind, below in rows:
        cause = causes[subject_of_cause]
        for rule in catalogue.sibling_rules:
            if _concerns(catalogue, rule, cause, kind, below=below):
                members.add(member_id)
                candidates.touch(rule, member_id, subject, cause.since, shaken=True)
    return members


def _causes(catalogue: Catalogue, changes: Iterable[tuple[Fact, int]]) -> dict[str, Cause]:
    causes: dict[str, Cause] = {}
    for fact, _ in changes:
        if fact.subject and fact.kind in catalogue.neighbourly_kinds:
            before = causes.get(fact.subject)
            if before is None:
                causes[fact.subject] = Cause(fact.moment, frozenset((fact.kind,)))
            elif fact.moment < before.since or fact.kind not in before.kinds:
                since = min(fact.moment, before.since)
                causes[fact.subject] = Cause(since, before.kinds | {fact.kind})
    return causes


def _concerns(catalogue: Catalogue, rule: Rule, cause: Cause, kind: str, *, below: bool) -> bool:
    """Whether what happened on a subject can matter to a rule on its neighbour of a kind."""
    opened = any(map(catalogue.opens_subject, cause.kinds))
    if below:
        return opened and rule.looks_at_parents
    return any(
        first.kind == kind and (opened or not cause.kinds.isdisjoint(rule.kinds_inside(first)))
        for first in rule.firsts
    )
