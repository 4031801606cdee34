"""Whether a catalogue can be published: what doesn't fit together, with place and reason."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import (
    BadgeDefinition,
    CatalogueFile,
    KindDefinition,
    TierDefinition,
    What,
)
from gamification.catalogue.images import address_of
from gamification.catalogue.prefixed import prefix_of
from gamification.ledger.activity import PARENT
from gamification.rules.criteria import (
    ANY_KIND,
    Age,
    All,
    AnyOf,
    AtLeast,
    ByHand,
    Count,
    Criteria,
    Distinct,
    First,
    Holds,
    NoneOf,
    OfASeason,
    Points,
    Sum,
    about_subjects,
    walk,
)
from gamification.rules.flows import fingerprint
from gamification.seasons import validation as seasons
from gamification.seasons.season import latest_day
from gamification.segments import validation as members
from ground import clock
from ground.errors import FieldError

DEEPEST: Final = 8
MOST_TERMS: Final = 100
LONGEST_SLUG: Final = 80
LONGEST_FLOW: Final = 2000
# Addresses beside those of what managers name: whatever has this slug couldn't be read.
RESERVED: Final[Mapping[What, Collection[str]]] = {"segment": {"previews"}}


class Named(NamedTuple):
    """What criteria may ask for: all that is in force, and the file over it."""

    seasons: Collection[str]
    kinds: Mapping[str, KindDefinition]
    badges: Mapping[str, BadgeDefinition]
    tiers: Mapping[str, TierDefinition]


def faults(file: CatalogueFile, before: Catalogue) -> list[FieldError]:
    """What speaks against publishing the file over what is in force. Empty when nothing does."""
    today = latest_day(clock.now())
    named = Named(
        {slug for slug, season in before.seasons.items() if not season.days.retired}
        | {season.slug for season in file.season},
        {slug: kind.definition for slug, kind in before.kinds.items()}
        | {kind.slug: kind for kind in file.kind},
        {badge.slug: badge for badge in before.badges}
        | {badge.slug: badge for badge in file.badge},
        {tier.slug: tier for tier in before.tiers} | {tier.slug: tier for tier in file.tier},
    )
    return [
        *_slugs("season", [season.slug for season in file.season]),
        *_slugs("kind", [kind.slug for kind in file.kind]),
        *_slugs("badge", [badge.slug for badge in file.badge]),
        *_slugs("tier", [tier.slug for tier in file.tier]),
        *_slugs("board", [board.slug for board in file.board]),
        *_slugs("segment", [segment.slug for segment in file.segment]),
        *seasons.faults(file.season, before, today),
        *_kinds(file, before),
        *_badges(file, named, before),
        *_tiers(file, named),
        *_boards(file, named),
        *_segments(file, named, before),
        *_images("badge", [badge.image for badge in file.badge]),
        *_images("tier", [tier.image for tier in file.tier]),
    ]


def _slugs(what: What, slugs: list[str]) -> Iterator[FieldError]:
    times = Counter(slugs)
    for number, slug in enumerate(slugs):
        place = f"/{what}/{number}/slug"
        if times[slug] > 1 and slugs.index(slug) != number:
            yield FieldError(place, f"There is another {what} {slug!r} in this file")
        if slug in RESERVED.get(what, ()):
            yield FieldError(place, f"{slug!r} is reserved: it is an address of the API")
        if len(slug) > LONGEST_SLUG:
            yield FieldError(place, f"Longer than {LONGEST_SLUG} characters with its prefix")


def _images(what: What, images: list[str | None]) -> Iterator[FieldError]:
    for number, image in enumerate(images):
        if image is not None and address_of(image) is None:
            yield FieldError(f"/{what}/{number}/image", f"No image {image!r} is shipped")


def _kinds(file: CatalogueFile, before: Catalogue) -> Iterator[FieldError]:
    for number, kind in enumerate(file.kind):
        known = before.kinds.get(kind.slug)
        if known is not None and known.definition.opens_subject != kind.opens_subject:
            yield FieldError(
                f"/kind/{number}/opens_subject",
                "Can't change once activities may have been recorded: add another kind",
            )


def _badges(file: CatalogueFile, named: Named, before: Catalogue) -> Iterator[FieldError]:
    earlier = {rule.slug: rule.definition for rule in before.published if rule.node[0] == "badge"}
    for number, badge in enumerate(file.badge):
        place = f"/badge/{number}"
        yield from _criteria(badge.criteria, f"{place}/criteria", named)
        known = earlier.get(badge.slug)
        if isinstance(known, BadgeDefinition) and known.earned != badge.earned:
            yield FieldError(f"{place}/earned", "Can't change: give the other badge another slug")
        if badge.earned == "per_subject" and not about_subjects(badge.criteria):
            yield FieldError(
                f"{place}/earned", "Earned per subject, and no term of the criteria is about one"
            )
        if badge.earned == "per_season":
            yield from seasons.faults_of_badge(badge, place)
        yield from _level(badge, place, named.badges.values())


def _level(
    badge: BadgeDefinition, place: str, others: Iterable[BadgeDefinition]
) -> Iterator[FieldError]:
    if badge.family is None:
        if badge.level is not None:
            yield FieldError(f"{place}/level", "A level needs a family")
        return
    family = [o for o in others if o.family == badge.family and o.slug != badge.slug]
    if badge.level is None and family:
        yield FieldError(f"{place}/level", "Each badge of a family has a level of its own")
    for other in family:
        if badge.level is not None and other.level == badge.level:
            yield FieldError(f"{place}/level", f"The level of {other.slug!r} in the same family")


def _tiers(file: CatalogueFile, named: Named) -> Iterator[FieldError]:
    for number, tier in enumerate(file.tier):
        place = f"/tier/{number}"
        yield from _tier_criteria(tier.criteria, f"{place}/criteria", named)
        if tier.stays_while is not None:
            yield from _tier_criteria(tier.stays_while, f"{place}/stays_while", named)
        for other in named.tiers.values():
            same_ladder = prefix_of(other.slug) == prefix_of(tier.slug)
            if same_ladder and other.slug != tier.slug and other.rank == tier.rank:
                yield FieldError(f"{place}/rank", f"The rank of {other.slug!r}")


def _tier_criteria(criteria: Criteria, place: str, named: Named) -> Iterator[FieldError]:
    yield from _criteria(criteria, place, named)
    for inside, term in walk(criteria):
        # Of a term and what it holds, only the innermost is named.
        if about_subjects(term) and not isinstance(term, All | AnyOf | NoneOf | AtLeast):
            yield FieldError(place + inside, "A tier isn't about one subject")


def _boards(file: CatalogueFile, named: Named) -> Iterator[FieldError]:
    for number, board in enumerate(file.board):
        for position, kind in enumerate(board.kinds):
            place = f"/board/{number}/kinds/{position}"
            if kind == ANY_KIND:
                yield FieldError(place, "A board of every kind names none")
            elif kind not in named.kinds:
                yield FieldError(place, f"There is no kind {kind!r}")
        if board.season is not None:
            place = f"/board/{number}/season"
            if board.period != "season":
                yield FieldError(place, 'Only a board with `period = "season"` is about one')
            elif board.season not in named.seasons:
                yield FieldError(place, f"There is no season {board.season!r}")


def _segments(file: CatalogueFile, named: Named, before: Catalogue) -> Iterator[FieldError]:
    for number, segment in enumerate(file.segment):
        known = members.Known(named.kinds, named.badges, named.tiers)
        yield from members.faults(segment.of, f"/segment/{number}/of", known)
    there = {segment.slug for segment in file.segment} | before.segments.keys()
    for number, board in enumerate(file.board):
        if board.segment is not None and board.segment not in there:
            place = f"/board/{number}/segment"
            yield FieldError(place, f"There is no segment {board.segment!r}")
    written = {board.slug for board in file.board}
    for board in before.boards:
        if board.slug not in written and board.segment not in {None, *there}:
            yield FieldError("/segment", f"The board {board.slug!r} is for {board.segment!r}")


def _criteria(criteria: Criteria, start: str, named: Named) -> Iterator[FieldError]:
    terms = list(walk(criteria))
    if len(terms) > MOST_TERMS:
        yield FieldError(start, f"{len(terms)} terms; {MOST_TERMS} at most")
    for place, term in terms:
        if place.count("/of") + place.count("/that") >= DEEPEST:
            yield FieldError(start + place, f"More than {DEEPEST} levels deep")
        if isinstance(term, ByHand) and (place or start.startswith("/tier")):
            yield FieldError(start + place, "It is for badges, and stands alone")
        yield from _term(term, start + place, named)


def _term(term: Criteria, place: str, named: Named) -> Iterator[FieldError]:
    match term:
        case Count() | Sum() | Distinct():
            yield from _measured(term, place, named)
            yield from _season(term, place, named)
        case Points():
            yield from _season(term, place, named)
        case First():
            yield from _first(term, place, named)
        case Age():
            yield from _age(term, place, named)
        case Holds():
            yield from _holds(term, place, named)
        case AtLeast(n=n, of=of) if n > len(of):
            yield FieldError(f"{place}/n", f"{n} of only {len(of)} terms")
        case _:
            pass


def _measured(term: Count | Sum | Distinct, place: str, named: Named) -> Iterator[FieldError]:
    if term.kind != ANY_KIND and term.kind not in named.kinds:
        yield FieldError(f"{place}/kind", f"There is no kind {term.kind!r}")
    if PARENT in term.where:
        yield FieldError(f"{place}/where/{PARENT}", "Reserved: it says what a subject belongs to")
    if isinstance(term, Distinct) and term.of == PARENT:
        yield FieldError(f"{place}/of", "Reserved: it says what a subject belongs to")
    if len(fingerprint(term).encode()) > LONGEST_FLOW:
        yield FieldError(f"{place}/where", f"Longer than {LONGEST_FLOW} bytes")


def _season(term: OfASeason, place: str, named: Named) -> Iterator[FieldError]:
    if term.season is not None and term.season not in named.seasons:
        yield FieldError(f"{place}/season", f"There is no season {term.season!r}")


def _first(term: First, place: str, named: Named) -> Iterator[FieldError]:
    kind = named.kinds.get(term.kind)
    if kind is None:
        yield FieldError(f"{place}/kind", f"There is no kind {term.kind!r}")
    elif not kind.opens_subject:
        yield FieldError(f"{place}/kind", f"{term.kind!r} doesn't open a subject")
    for inside, other in walk(term.that, "/that") if term.that is not None else ():
        if isinstance(other, Count | Sum | Distinct):
            fit = other.per_subject
        else:
            fit = isinstance(other, All | AnyOf | NoneOf | AtLeast)
        if not fit:
            yield FieldError(place + inside, "Not about the subject beside, which may be another's")


def _age(term: Age, place: str, named: Named) -> Iterator[FieldError]:
    if term.of == "membership" and term.since is not None:
        yield FieldError(f"{place}/since", "A membership has no parent")
    if term.of == "subject" and not any(kind.opens_subject for kind in named.kinds.values()):
        yield FieldError(f"{place}/of", "No kind of this catalogue opens a subject")


def _holds(term: Holds, place: str, named: Named) -> Iterator[FieldError]:
    if (term.badge is None) == (term.tier is None):
        yield FieldError(place, "Names either a badge or a tier")
    if term.badge is not None and term.badge not in named.badges:
        yield FieldError(f"{place}/badge", f"There is no badge {term.badge!r}")
    if term.tier is not None and term.tier not in named.tiers:
        yield FieldError(f"{place}/tier", f"There is no tier {term.tier!r}")
