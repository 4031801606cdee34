"""What the catalogue holds, as managers write it: kinds, badges, tiers, boards and the like."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gamification.ledger.worth import CoolDown, Terms
from gamification.rules.criteria import Criteria, KindSlug, Slug
from gamification.segments.criteria import SegmentCriteria

MOST_POINTS = 10_000

Text = Annotated[str, Meta(min_length=1, max_length=500, examples=["Merci !"])]
# One of the images that are shipped, or one elsewhere.
Image = Annotated[
    str, Meta(max_length=300, pattern=r"^([a-z0-9][a-z0-9-]*\.svg|https://[^\s\"'<>\\]+)(?!\n)$")
]


class _Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Words(_Definition, frozen=True):
    """A text in the languages that the product ships."""

    fr: Text
    en: Annotated[Text, Meta(examples=["Thank you!"])]

    def in_locale(self, locale: str) -> str:
        """The text in this language; French when there is none."""
        return self.en if locale.startswith("en") else self.fr


class KindDefinition(_Definition, frozen=True):
    """A kind of activity, and what it is worth.

    `received` kinds happen to a member, such as thanks from another: they count, and don't
    make the member's day an active one. A kind that `opens_subject` brings its subject into
    being, as a post does.
    """

    slug: Slug
    name: Words
    # How several are called, where it differs.
    plural: Words | None = None
    points: Annotated[int, Meta(ge=0, le=MOST_POINTS)] = 0
    daily_cap: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    cool_down: CoolDown | None = None
    received: bool = False
    opens_subject: bool = False

    @property
    def terms(self) -> Terms:
        return Terms(self.points, self.daily_cap, self.cool_down)


class BadgeDefinition(_Definition, frozen=True):
    """A badge and what earns it.

    Earned `once`, once `per_subject`, or once `per_season` by what was done in it. A `kept`
    one stays when later facts speak against it; any is taken back when what earned it turns
    out never to have happened. A `secret` one is shown only to who has it.
    """

    slug: Slug
    name: Words
    description: Words
    criteria: Criteria
    family: Slug | None = None
    level: Annotated[int, Meta(ge=1, le=10)] | None = None
    earned: Literal["once", "per_subject", "per_season"] = "once"
    kept: bool = True
    secret: bool = False
    image: Image | None = None
    thanks: Words | None = None


class TierDefinition(_Definition, frozen=True):
    """A symbolic tier. Only facts that are taken back can end it, and not at once.

    It goes on while `stays_while` holds (without one, while the criteria do), and for
    `grace_days` after that.
    """

    slug: Slug
    name: Words
    description: Words
    rank: Annotated[int, Meta(ge=1, le=100)]
    criteria: Criteria
    stays_while: Criteria | None = None
    grace_days: Annotated[int, Meta(ge=0, le=365)] = 30
    image: Image | None = None


class BoardDefinition(_Definition, frozen=True):
    """A board: points of a period, of some kinds or all, among everyone or a part of them.

    With a population and a segment, whoever is in both competes. One of a `season` is about
    the season it names, or else about whichever one runs.
    """

    slug: Slug
    name: Words
    description: Words
    period: Literal["all_time", "month", "week", "season"] = "all_time"
    season: Slug | None = None
    kinds: Annotated[list[KindSlug], Meta(max_length=50)] = []
    population: Literal["customer", "employee", "partner"] | None = None
    segment: Slug | None = None


class SegmentDefinition(_Definition, frozen=True):
    """A segment: a saved criterion over members, for whom boards and other things can be."""

    slug: Slug
    name: Words
    description: Words
    of: SegmentCriteria


class SeasonDefinition(_Definition, frozen=True):
    """A named period, from its first to its last day in the programme's time zone.

    Several may run at once.
    """

    slug: Slug
    name: Words
    description: Words
    starts_on: date
    ends_on: date


class CatalogueFile(_Definition, frozen=True):
    """A catalogue as a TOML file holds it."""

    season: Annotated[list[SeasonDefinition], Meta(max_length=200)] = []
    kind: Annotated[list[KindDefinition], Meta(max_length=1000)] = []
    badge: Annotated[list[BadgeDefinition], Meta(max_length=1000)] = []
    tier: Annotated[list[TierDefinition], Meta(max_length=100)] = []
    board: Annotated[list[BoardDefinition], Meta(max_length=200)] = []
    segment: Annotated[list[SegmentDefinition], Meta(max_length=200)] = []


Definition = (
    SeasonDefinition
    | KindDefinition
    | BadgeDefinition
    | TierDefinition
    | BoardDefinition
    | SegmentDefinition
)
What = Literal["season", "kind", "badge", "tier", "board", "segment"]

SHAPES: dict[What, type[Definition]] = {
    "season": SeasonDefinition,
    "kind": KindDefinition,
    "badge": BadgeDefinition,
    "tier": TierDefinition,
    "board": BoardDefinition,
    "segment": SegmentDefinition,
}
