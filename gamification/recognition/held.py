"""What members hold: badges and tiers as they are kept, read and written for many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from gamification.catalogue.rule import Rule
from gamification.recognition.known import earliest
from gamification.rules.verdict import Verdict
from ground.engine import execute, fetch


class HeldAt(NamedTuple):
    """Something held: a badge (on a subject, or through one) or a tier.

    What staff gave or took `by_hand` is left alone by criteria; what it took is `kept_from`.
    """

    at: datetime
    version: int
    through: str = ""
    lapses_at: datetime | None = None
    by_hand: bool = False
    kept_from: bool = False
    spared: bool = False


# Whose, which badge or tier, on which subject, in which season.
HeldPlace = tuple[UUID, str, str, str]


def held_place(rule: Rule, member_id: UUID, subject: str) -> HeldPlace:
    """Where what a rule gives is kept."""
    return member_id, rule.slug, "" if rule.once else subject, rule.season


class Held:
    """The badges and tiers of some members."""

    def __init__(self) -> None:
        self.badges: dict[HeldPlace, HeldAt] = {}
        self.tiers: dict[HeldPlace, HeldAt] = {}

    def of(self, rule: Rule, member_id: UUID, subject: str) -> HeldAt | None:
        """What the member holds of this rule."""
        kept = self.badges if rule.node[0] == "badge" else self.tiers
        return kept.get(held_place(rule, member_id, subject))

    def since(self, member_id: UUID) -> tuple[dict[str, datetime], dict[str, datetime]]:
        """Since when the member holds each badge and each tier."""
        badges = [
            (slug, held.at)
            for (who, slug, _, _), held in self.badges.items()
            if who == member_id and not held.kept_from
        ]
        tiers = [
            (slug, held.at) for (who, slug, _, _), held in self.tiers.items() if who == member_id
        ]
        return earliest(badges), earliest(tiers)

    def since_by_member(self) -> dict[UUID, tuple[dict[str, datetime], dict[str, datetime]]]:
        """The same for everyone at once."""
        found: dict[UUID, tuple[list[tuple[str, datetime]], list[tuple[str, datetime]]]]
        found = defaultdict(lambda: ([], []))
        for number, kept in enumerate((self.badges, self.tiers)):
            for (who, slug, _, _), held in kept.items():
                if not held.kept_from:
                    found[who][number].append((slug, held.at))
        return {who: (earliest(badges), earliest(tiers)) for who, (badges, tiers) in found.items()}

    async def read(
        self, member_ids: Collection[UUID], rules: Iterable[Rule], subjects: Collection[str]
    ) -> None:
        """Read what members hold of these rules and of what these look at, where it matters."""
        badges, tiers, whole = set[str](), set[str](), set[str]()
        for rule in rules:
            (badges if rule.node[0] == "badge" else tiers).add(rule.slug)
            for what, slug in rule.looks_at:
                (whole if what == "badge" else tiers).add(slug)
        if member_ids and (badges or whole):
            rows = await fetch(
                """
                SELECT member_id, badge, subject, season, awarded_at, version, through,
                    hand IS NOT NULL, taken_back_at IS NOT NULL
                FROM award
                WHERE member_id = ANY($1::uuid[])
                    AND (taken_back_at IS NULL OR hand IS NOT NULL) AND (
                    (badge = ANY($2::text[]) AND (subject = '' OR subject = ANY($3::text[])))
                    OR badge = ANY($4::text[]))
                """,
                list(member_ids),
                sorted(badges),
                list(subjects),
                sorted(whole),
            )
            for *place, at, version, through, by_hand, gone in rows:
                member_id, badge, subject, season = place
                self.badges[member_id, badge, subject, season] = HeldAt(
                    at, version, through, by_hand=by_hand, kept_from=gone
                )
        if member_ids and tiers:
            rows = await fetch(
                """
                SELECT member_id, tier, reached_at, version, lapses_at, spared FROM tier_held
                WHERE member_id = ANY($1::uuid[]) AND tier = ANY($2::text[])
                """,
                list(member_ids),
                sorted(tiers),
            )
            for member_id, tier, at, version, lapses_at, spared in rows:
                self.tiers[member_id, tier, "", ""] = HeldAt(
                    at, version, lapses_at=lapses_at, spared=spared
                )


class Ruling(NamedTuple):
    """A decision about a rule: held by this verdict or not at all, and what was held before."""

    rule: Rule
    member_id: UUID
    subject: str
    verdict: Verdict | None
    through: str = ""
    before: HeldAt | None = None

    @property
    def earned(self) -> bool:
        """Whether it is held now and wasn't."""
        return self.verdict is not None and self.before is None


async def write_badges(rulings: Sequence[Ruling], now: datetime) -> None:
    """Award badges, and take back those without a verdict."""
    given = [(ruling, ruling.verdict) for ruling in rulings if ruling.verdict is not None]
    if given:
        await execute(
            """
            INSERT INTO award AS a (member_id, badge, subject, season, through, awarded_at, version,
                entries, recorded_at)
            SELECT m, b, s, se, t, at, v, string_to_array(e, ',')::bigint[], $9
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                $6::timestamptz[], $7::int[], $8::text[]) AS w (m, b, s, se, t, at, v, e)
            ON CONFLICT (member_id, badge, subject, season) DO UPDATE
            SET through = excluded.through, awarded_at = excluded.awarded_at,
                version = excluded.version, entries = excluded.entries, taken_back_at = NULL,
                recorded_at = CASE WHEN a.taken_back_at IS NULL THEN a.recorded_at
                    ELSE excluded.recorded_at END
            """,
            [ruling.member_id for ruling, _ in given],
            [ruling.rule.slug for ruling, _ in given],
            [ruling.subject for ruling, _ in given],
            [ruling.rule.season for ruling, _ in given],
            [ruling.through for ruling, _ in given],
            [verdict.at for _, verdict in given],
            [verdict.version for _, verdict in given],
            [",".join(map(str, verdict.entries)) for _, verdict in given],
            now,
        )
    taken = [ruling for ruling in rulings if ruling.verdict is None]
    if taken:
        await execute(
            """
            UPDATE award SET taken_back_at = $5
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS w (m, b, s, se)
            WHERE member_id = m AND badge = b AND subject = s AND season = se
                AND taken_back_at IS NULL
            """,
            [ruling.member_id for ruling in taken],
            [ruling.rule.slug for ruling in taken],
            [ruling.subject for ruling in taken],
            [ruling.rule.season for ruling in taken],
            now,
        )


async def write_tiers(rulings: Sequence[Ruling], now: datetime) -> None:
    """Set tiers, and end those without a verdict."""
    given = [(ruling, ruling.verdict) for ruling in rulings if ruling.verdict is not None]
    if given:
        await execute(
            """
            INSERT INTO tier_held (member_id, tier, reached_at, lapses_at, spared, version,
                entries, recorded_at)
            SELECT m, t, at, l, s, v, string_to_array(e, ',')::bigint[], $8
            FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bool[],
                $6::int[], $7::text[]) AS w (m, t, at, l, s, v, e)
            ON CONFLICT (member_id, tier) DO UPDATE
            SET reached_at = excluded.reached_at, lapses_at = excluded.lapses_at,
                spared = excluded.spared, version = excluded.version, entries = excluded.entries
            """,
            [ruling.member_id for ruling, _ in given],
            [ruling.rule.slug for ruling, _ in given],
            [verdict.at for _, verdict in given],
            [verdict.lapses_at for _, verdict in given],
            [verdict.spared for _, verdict in given],
            [verdict.version for _, verdict in given],
            [",".join(map(str, verdict.entries)) for _, verdict in given],
            now,
        )
    ended = [ruling for ruling in rulings if ruling.verdict is None]
    if ended:
        await execute(
            """
            DELETE FROM tier_held USING unnest($1::uuid[], $2::text[]) AS w (m, t)
            WHERE member_id = m AND tier = t
            """,
            [ruling.member_id for ruling in ended],
            [ruling.rule.slug for ruling in ended],
        )
