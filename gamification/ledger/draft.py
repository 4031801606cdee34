"""From activities to entries: what is refused, what it is worth, what the day gains. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from gamification.boards.scores import Gain
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import MOST_POINTS
from gamification.ledger.activity import PARENT, Activity
from gamification.ledger.intake import Known
from gamification.ledger.journal import DayKey, NewEntry
from gamification.ledger.stamps import is_in_the_future, stamped
from gamification.ledger.worth import Day, Part
from gamification.rules.facts import Fact
from ground import programme
from ground.programme import zone_named

QUANTITY_LIMIT = 1_000_000
WORTH_LIMIT = 100_000_000
# A quantity up to this is within both limits, whatever a kind is worth.
SMALL = WORTH_LIMIT // MOST_POINTS


class Draft(NamedTuple):
    """An activity that can be recorded, before it has its id and its points."""

    fact: Fact
    day_only: bool

    @property
    def day_key(self) -> DayKey:
        return (self.fact.member_id, self.fact.kind, self.fact.day)


def refusal(catalogue: Catalogue, activity: Activity, player: Known | None) -> str | None:
    """Why an activity can't be recorded, or `None`."""
    if player is None:
        return "unknown_member"
    if player.state not in ("active", "unclaimed"):
        return "member_left"
    kind = catalogue.kinds.get(activity.kind)
    if kind is None or kind.retired:
        return "unknown_kind"
    if not -SMALL <= activity.quantity <= SMALL:
        worth = max(terms.worth_of(activity.quantity) for _, terms in kind.terms_from)
        if abs(activity.quantity) > QUANTITY_LIMIT or worth > WORTH_LIMIT:
            return "quantity_out_of_range"
    if not isinstance(activity.fields.get(PARENT, ""), str):
        return "parent_not_a_text"
    return None


def drafted(
    catalogue: Catalogue, activity: Activity, player: Known, entry_id: int, now: datetime
) -> Draft | None:
    """The entry of an activity, or `None` when it lies in the future."""
    zone = zone_named(player.time_zone)
    stamp = stamped(activity.occurred_at, zone, programme.zone())
    if is_in_the_future(stamp, now, zone):
        return None
    kind = catalogue.kinds[activity.kind]
    terms = kind.terms_on(stamp.local_day)
    # By position: this is made for every activity, and names cost.
    fact = Fact(
        entry_id,
        activity.member_id,
        activity.kind,
        activity.subject,
        str(activity.fields.get(PARENT, "")),
        activity.quantity,
        stamp.moment,
        stamp.local_day,
        activity.fields,
        terms.worth_of(activity.quantity),
        not kind.definition.received,
        terms.bucket_of(stamp.moment, zone),
        stamp.programme_day,
        activity.source,
        activity.key,
        now,
    )
    return Draft(fact, stamp.day_only)


class Ledgered(NamedTuple):
    """Entries with their points, what boards gain, and the days that changed."""

    entries: list[NewEntry]
    gains: list[Gain]
    days: dict[DayKey, Day]


def needs_day(catalogue: Catalogue, draft: Draft) -> bool:
    """Whether what else happened that day matters to what an entry is worth."""
    fact = draft.fact
    return fact.worth > 0 and not catalogue.kinds[fact.kind].terms_on(fact.day).simple


def priced(
    catalogue: Catalogue, drafts: list[Draft], parts: Mapping[DayKey, dict[Part, int]]
) -> Ledgered:
    """Give each draft its points. `parts` are the days as they stood."""
    entries: list[NewEntry] = []
    gains: list[Gain] = []
    days: dict[DayKey, Day] = {}
    before: dict[DayKey, dict[date, int]] = {}
    for draft in drafts:
        fact = draft.fact
        if not needs_day(catalogue, draft):
            entries.append(NewEntry(fact=fact, day_only=draft.day_only, points=fact.worth))
            gains.append(Gain(fact.member_id, fact.kind, fact.programme_day, fact.worth))
            continue
        key = draft.day_key
        if key not in days:
            terms = catalogue.kinds[fact.kind].terms_on(fact.day)
            days[key] = Day(terms, dict(parts.get(key, {})))
            before[key] = days[key].by_programme_day()
        points, reason = days[key].add(Part(fact.programme_day, fact.bucket), fact.worth)
        entries.append(NewEntry(fact=fact, day_only=draft.day_only, points=points, reason=reason))
    for key, day in days.items():
        gains += shifted(key, before[key], day.by_programme_day())
    return Ledgered(entries, gains, days)


def shifted(key: DayKey, before: Mapping[date, int], after: Mapping[date, int]) -> list[Gain]:
    """What each of the programme's days gained by a change of a member's day."""
    member_id, kind, _ = key
    return [
        Gain(member_id, kind, day, after.get(day, 0) - before.get(day, 0))
        for day in sorted({*before, *after})
        if after.get(day, 0) != before.get(day, 0)
    ]


def points_by_member(entries: list[NewEntry]) -> dict[UUID, int]:
    """What each member gained."""
    gained: dict[UUID, int] = {}
    for entry in entries:
        gained[entry.fact.member_id] = gained.get(entry.fact.member_id, 0) + entry.points
    return gained
