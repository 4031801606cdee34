"""What is known of a batch's members while it is recognised: totals, standings, awards."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from gamification.recognition import tallies
from gamification.recognition.tallies import Place
from gamification.rules.criteria import Age, Holds
from gamification.rules.facts import Fact, in_order
from gamification.rules.flows import Flow
from gamification.rules.promise import Amount
from gamification.rules.timeline import long_after
from gamification.standings.keep import Stood


class Known:
    """Totals at hand, and a list of those that were asked for and aren't.

    What isn't at hand counts as enough, so a first look is optimistic; `look_up()` fetches
    what the first look missed, and a second look is exact.
    """

    def __init__(self, amounts: dict[Place, Amount], standings: Mapping[UUID, Stood]) -> None:
        self.amounts = amounts
        self.standings = standings
        self.badges: dict[UUID, dict[str, datetime]] = defaultdict(dict)
        self.tiers: dict[UUID, dict[str, datetime]] = defaultdict(dict)
        self.days: dict[Place, dict[date, tuple[int, int]]] = {}
        # The facts that opened subjects and their parents.
        self.openings: dict[str, tuple[Fact, ...]] = {}
        self.wanted: set[Place] = set()
        self.wanted_days: set[Place] = set()

    def amount(self, member_id: UUID, flow: Flow, subject: str) -> Amount | None:
        place = (member_id, flow.number, subject)
        amount = self.amounts.get(place)
        if amount is None:
            self.wanted.add(place)
        return amount

    def peak(
        self, member_id: UUID, flow: Flow, subject: str, window_days: int, *, rises: bool
    ) -> int | None:
        place = (member_id, flow.number, subject)
        days = self.days.get(place)
        if days is None:
            self.wanted_days.add(place)
            return None
        return peak(days, window_days, rises=rises)

    def points(self, member_id: UUID) -> int | None:
        stood = self.standings.get(member_id)
        return None if stood is None else stood.points

    def longest_streak(self, member_id: UUID, unit: str) -> int | None:
        stood = self.standings.get(member_id)
        if stood is None:
            return None
        return stood.paces[unit].best if unit in stood.paces else 0

    def holds(self, member_id: UUID, term: Holds) -> bool:
        badges, tiers = self.badges[member_id], self.tiers[member_id]
        return (term.badge is None or term.badge in badges) and (
            term.tier is None or term.tier in tiers
        )

    def old_enough(self, member_id: UUID, subject: str, term: Age) -> bool | None:
        """Whether a subject came so long after its parent; `None` where that isn't at hand."""
        if term.since is None or subject not in self.openings:
            return None
        mine = [fact for fact in self.openings[subject] if fact.member_id == member_id]
        opened = min(mine, key=in_order, default=None)
        if opened is None:
            return False
        return long_after(term, opened, self.openings.get(opened.parent, ()))

    async def look_up(self) -> None:
        """Fetch what was missed."""
        missed, missed_days = self.wanted, self.wanted_days
        self.wanted, self.wanted_days = set(), set()
        self.amounts |= await tallies.totals(missed)
        self.days |= await tallies.days_of(missed_days)

    @property
    def wants_more(self) -> bool:
        """Whether something was asked for that isn't at hand."""
        return bool(self.wanted or self.wanted_days)


class Glance:
    """What is at hand already, without asking for more: anything else is taken for enough."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.points = known.points
        self.longest_streak = known.longest_streak

    def amount(self, member_id: UUID, flow: Flow, subject: str) -> Amount | None:
        return self._known.amounts.get((member_id, flow.number, subject))

    def peak(self, *_: object, **__: object) -> int | None:
        return None

    def old_enough(self, *_: object) -> bool | None:
        return None

    def holds(self, *_: object) -> bool:
        return True


def peak(days: Mapping[date, tuple[int, int]], window_days: int, *, rises: bool) -> int:
    """The most that any so many local days in a row hold."""
    ordered = sorted(days)
    best = within = start = 0
    column = int(rises)
    for day in ordered:
        within += days[day][column]
        while ordered[start] <= day - timedelta(days=window_days):
            within -= days[ordered[start]][column]
            start += 1
        best = max(best, within)
    return best


def earliest(held: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    """Since when each is held."""
    since: dict[str, datetime] = {}
    for slug, at in held:
        since[slug] = min(at, since.get(slug, at))
    return since
