"""What a catalogue that isn't in force would come to for some members. Reads, and holds nobody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from gamification.catalogue.backfill import closed_at
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.rule import Node, Rule
from gamification.catalogue.words import in_words
from gamification.recognition.expected import Expectation, Rows
from gamification.recognition.histories import Histories
from gamification.recognition.known import Known, earliest
from gamification.recognition.reasons import need_in
from gamification.rules.progress import Need
from gamification.rules.verdict import points_course
from ground.engine import fetch
from ground.languages import Language

Outcome = Literal["earns", "loses", "moves", "stays"]
LANGUAGES: tuple[Language, ...] = tuple(Language)


class Place(NamedTuple):
    """A badge or tier of somebody, on a subject and in a season where there are any."""

    node: Node
    member_id: UUID
    subject: str = ""
    season: str = ""


class Held(NamedTuple):
    """Since when something is held, or would be, and by what."""

    at: datetime
    through: str = ""
    entries: Sequence[int] = ()


class Foreseen(NamedTuple):
    """What would become of something for somebody."""

    place: Place
    outcome: Outcome
    before: Held | None
    after: Held | None

    @property
    def subject(self) -> str:
        """The subject that it is about."""
        held = self.after or self.before
        return self.place.subject or (held.through if held else "")


async def foreseen(
    after: Catalogue,
    nodes: Iterable[Node],
    vanished: Iterable[Node],
    joined_at: Mapping[UUID, datetime],
    now: datetime,
) -> list[Foreseen]:
    """What would become of these badges and tiers, and of those that would be gone."""
    decided = frozenset(nodes)
    held = await _held(joined_at, now)
    expectation = Expectation(after, joined_at, await closed_at(), now)
    known = _known(held, decided | frozenset(vanished))
    rows = await expectation.of_rules(decided, known)
    would = _would_hold(rows)
    places = {place for place in (*held, *would) if place.node in decided or place.node in vanished}
    return [
        Foreseen(
            place, _outcome(held.get(place), would.get(place)), held.get(place), would.get(place)
        )
        for place in sorted(places)
    ]


def _outcome(before: Held | None, after: Held | None) -> Outcome:
    if before is None:
        return "earns"
    if after is None:
        return "loses"
    return "stays" if before.at == after.at else "moves"


async def _held(member_ids: Iterable[UUID], now: datetime) -> dict[Place, Held]:
    rows = await fetch(
        """
        SELECT 'badge' AS what, badge AS slug, member_id, subject, season, awarded_at AS at, through
        FROM award WHERE member_id = ANY($1::uuid[]) AND taken_back_at IS NULL
        UNION ALL
        SELECT 'tier', tier, member_id, '', '', reached_at, '' FROM tier_held
        WHERE member_id = ANY($1::uuid[]) AND (lapses_at IS NULL OR lapses_at > $2)
        """,
        list(member_ids),
        now,
    )
    return {
        Place((row["what"], row["slug"]), row["member_id"], row["subject"], row["season"]): Held(
            row["at"], row["through"]
        )
        for row in rows
    }


def _known(held: Mapping[Place, Held], open_: frozenset[Node]) -> Known:
    """What is held for certain, for who asks whether it is."""
    known = Known({}, {})
    for place, each in held.items():
        if place.node in open_:
            continue
        what, slug = place.node
        kept = known.badges if what == "badge" else known.tiers
        mine = kept[place.member_id]
        kept[place.member_id] = earliest([*mine.items(), (slug, each.at)])
    return known


def _would_hold(rows: Rows) -> dict[Place, Held]:
    found: dict[Place, Held] = {}
    for (member_id, slug, subject, season), row in rows.get("award", {}).items():
        at, _, through, entries, _, taken_back_at = row
        if taken_back_at is None:
            found[Place(("badge", slug), member_id, subject, season)] = Held(at, through, entries)
    for (member_id, slug), row in rows.get("tier_held", {}).items():
        found[Place(("tier", slug), member_id)] = Held(row[0], "", row[3])
    return found


async def reasons(
    after: Catalogue,
    wanted: Sequence[Foreseen],
    joined_at: Mapping[UUID, datetime],
    now: datetime,
) -> dict[Place, dict[Language, Need]]:
    """For each of these, what is asked for and how much of it is there, in each language."""
    rules: dict[tuple[Node, str], Rule] = {(rule.node, rule.season): rule for rule in after.rules}
    places = [
        (each, rule)
        for each in wanted
        if (rule := rules.get((each.place.node, each.place.season))) is not None and rule.spans
    ]
    known = Known({}, {})
    for place, held in (await _held(joined_at, now)).items():
        kept = known.badges if place.node[0] == "badge" else known.tiers
        kept[place.member_id].setdefault(place.node[1], held.at)
    histories = Histories(known, joined_at)
    openers = frozenset(kind for kind in after.kinds if after.opens_subject(kind))
    await histories.read([(rule, e.place.member_id, e.subject) for e, rule in places], openers)
    course: Any = points_course(lambda kind, day: after.kinds[kind].terms_on(day))
    names = {language: NamesInCatalogue(after, language) for language in LANGUAGES}
    found: dict[Place, dict[Language, Need]] = {}
    for each, rule in places:
        history = histories.of(rule, each.place.member_id, each.subject, openers)
        found[each.place] = {
            language: need_in(
                rule.spans[-1],
                history,
                each.subject,
                now,
                course=course,
                say=lambda criteria, name=name: in_words(criteria, name),  # type: ignore[misc]
            )
            for language, name in names.items()
        }
    return found
