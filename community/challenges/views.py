"""What is said about challenges over HTTP."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.images import address_of
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.views import Description, How, ImageAddress, Name, Slug
from gamification.catalogue.words import in_words
from gamification.challenges.challenge import EVERYBODY, Challenge
from gamification.challenges.reading import MyPart, Reached, Said, Seen
from gamification.challenges.tables import Team
from ground.languages import Language

A_DAY: Final = timedelta(days=1)

Stage = Literal["scheduled", "running", "paused", "reached", "ended", "cancelled"]
Word = Annotated[
    str, Meta(max_length=500, examples=["On prolonge d’une semaine, sans se presser."])
]
SquadRef = Annotated[UUID | None, Meta(description="The squad; null where there is none.")]
ContributorName = Annotated[
    str, Meta(max_length=60, description="Plain text.", examples=["Luciole"])
]


class ParticipationWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one takes part: with a squad where the challenge is one of squads."""

    squad: Annotated[
        UUID | None, Meta(description="One of yours; only where `team` is `squad`.")
    ] = None


class MilestoneView(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the goal."""

    percent: int
    reached_at: Annotated[datetime | None, Meta(description="Once reached, it stays reached.")]


class ProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """How far it has come."""

    done: int
    percent: Annotated[int, Meta(description="Of the goal, rounded down; it may pass 100.")]
    helpers: Annotated[int, Meta(description="How many helped, whether they appear or not.")]
    milestones: list[MilestoneView]
    reached_at: Annotated[datetime | None, Meta(description="When the goal was reached.")]
    stretch_reached_at: datetime | None

    @classmethod
    def of(cls, challenge: Challenge, reached: Reached | None) -> "ProgressView | None":
        if reached is None:
            return None
        moments = dict(reached.milestones)
        return cls(
            done=reached.done,
            percent=reached.done * 100 // challenge.goal,
            helpers=reached.helpers,
            milestones=[
                MilestoneView(percent=percent, reached_at=moments.get(percent))
                for percent in challenge.milestones
            ],
            reached_at=reached.goal_at,
            stretch_reached_at=reached.stretch_at,
        )


class MyPartView(msgspec.Struct, frozen=True, kw_only=True):
    """Your own part, which nobody else is told."""

    takes_part: bool
    declined: Annotated[bool, Meta(description="You said no, and aren't asked again.")]
    squad: SquadRef
    joined_at: datetime | None
    given: Annotated[int, Meta(description="What of yours counts. It stays when you leave.")]
    counted_today: Annotated[
        int, Meta(description="What of your day counts so far: see `daily_cap`.")
    ]

    @classmethod
    def of(cls, challenge: Challenge, mine: MyPart) -> "MyPartView":
        return cls(
            takes_part=mine.takes_part,
            declined=mine.declined,
            squad=mine.team if challenge.team is Team.SQUAD else None,
            joined_at=mine.joined_at,
            given=mine.given,
            counted_today=mine.counted_today,
        )


class SaidView(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the programme's managers to who takes part."""

    about: Literal["extended", "paused", "resumed", "cancelled"]
    word: Word
    said_at: datetime

    @classmethod
    def of(cls, said: Said, language: Language) -> "SaidView":
        return cls(about=said.about, word=said.words.in_locale(language), said_at=said.said_at)


class UnlockView(msgspec.Struct, frozen=True, kw_only=True):
    """The badge for everyone who helped, once the goal is reached."""

    slug: Slug
    name: Name
    image_url: ImageAddress

    @classmethod
    def of(cls, slug: str | None, catalogue: Catalogue, language: Language) -> "UnlockView | None":
        rule = None if slug is None else catalogue.rules_by_node.get(("badge", slug))
        if slug is None or rule is None:
            return None
        badge = rule.definition
        return cls(
            slug=slug, name=badge.name.in_locale(language), image_url=address_of(badge.image)
        )


class ChallengeView(msgspec.Struct, frozen=True, kw_only=True):
    """A goal that a community or a squad reaches together, or one of one's own."""

    id: UUID
    title: Name
    description: Description
    state: Stage
    team: Annotated[
        Literal["community", "squad", "personal"],
        Meta(description="Who reaches the goal: everybody together, each squad, or each member."),
    ]
    how: How
    goal: int
    stretch_goal: Annotated[
        int | None, Meta(description="It runs on to this once the goal is reached.")
    ]
    daily_cap: Annotated[
        int | None,
        Meta(description="How much of anybody's day counts, so that nobody carries it alone."),
    ]
    counts_since_start: Annotated[
        bool, Meta(description="Whether what you did since the start counts when you join later.")
    ]
    shows_ranking: Annotated[
        bool, Meta(description="Whether contributions are told with how much each gave.")
    ]
    starts_at: datetime
    ends_at: datetime
    days_left: Annotated[
        int, Meta(description="Days until it starts, or else until it ends; 0 once it is over.")
    ]
    season: Annotated[Slug | None, Meta(description="The season that it belongs to.")]
    unlocks: UnlockView | None
    progress: Annotated[
        ProgressView | None,
        Meta(description="Of everybody, of your squad or of you; null while you are in no squad."),
    ]
    mine: MyPartView
    thanks: Annotated[
        Word | None, Meta(description="For you who helped, once the goal is reached.")
    ]
    said: Annotated[list[SaidView], Meta(description="What managers said, the latest last.")]

    @classmethod
    def of(
        cls, seen: Seen, catalogue: Catalogue, language: Language, now: datetime
    ) -> "ChallengeView":
        challenge, texts = seen.challenge, seen.challenge.texts
        names = NamesInCatalogue(catalogue, language)
        return cls(
            id=challenge.id,
            title=texts.title.in_locale(language),
            description=texts.description.in_locale(language),
            state=msgspec.convert(challenge.stage(now).value, Stage),
            team=challenge.team.value,
            how=in_words(challenge.counts, names),
            goal=challenge.goal,
            stretch_goal=challenge.stretch_goal,
            daily_cap=challenge.daily_cap,
            counts_since_start=challenge.counts_since_start,
            shows_ranking=challenge.shows_ranking,
            starts_at=challenge.starts_at,
            ends_at=challenge.ends_at,
            days_left=days_left(challenge, now),
            season=challenge.season,
            unlocks=UnlockView.of(challenge.badge, catalogue, language),
            progress=ProgressView.of(challenge, seen.reached),
            mine=MyPartView.of(challenge, seen.mine),
            thanks=thanks_of(seen, language),
            said=[SaidView.of(each, language) for each in seen.said],
        )


class ContributorView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who helped and chose to appear."""

    name: ContributorName
    is_me: bool
    given: Annotated[int | None, Meta(description="How much, where the challenge shows a ranking.")]


class FollowedView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the challenge's news are: subscribe to `channel` after `position`."""

    channel: Annotated[
        str,
        Meta(max_length=80, examples=["challenge:8f0e1c5a-0c8e-4a53-9a0b-1f4f3c1d2e77"]),
    ]
    position: Annotated[int, Meta(description="What is told up to here is in this answer.")]
    epoch: Annotated[str, Meta(max_length=40, examples=["3f9a1c2b7d10"])]


class OneChallengeView(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge, some of who helped, and how to follow it."""

    challenge: ChallengeView
    contributors: Annotated[
        list[ContributorView], Meta(description="Some of who helped and chose to appear.")
    ]
    live: FollowedView


class SquadProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """How far a squad has come."""

    squad: SquadRef
    name: Annotated[
        str | None,
        Meta(
            description="Null for a squad that isn't open, unless it is yours.",
            examples=["Les Lucioles"],
        ),
    ]
    is_mine: bool
    done: int
    percent: int
    helpers: int
    reached_at: datetime | None

    @classmethod
    def of(
        cls, challenge: Challenge, reached: Reached, names: Mapping[UUID, str], mine: set[UUID]
    ) -> "SquadProgressView":
        shown = reached.team in names
        return cls(
            squad=reached.team if shown else None,
            name=names.get(reached.team),
            is_mine=reached.team in mine,
            done=reached.done,
            percent=reached.done * 100 // challenge.goal,
            helpers=reached.helpers,
            reached_at=reached.goal_at,
        )


def days_left(challenge: Challenge, now: datetime) -> int:
    """The days until it starts or ends, begun ones included."""
    if challenge.over_at is not None and challenge.over_at <= now:
        return 0
    moment = challenge.starts_at if now < challenge.starts_at else challenge.ends_at
    return max(0, math.ceil((moment - now) / A_DAY))


def thanks_of(seen: Seen, language: Language) -> str | None:
    """What who helped is told, once the goal of their team is reached."""
    thanks = seen.challenge.texts.thanks
    reached = seen.reached is not None and seen.reached.goal_at is not None
    if thanks is None or not reached or not seen.mine.given:
        return None
    return thanks.in_locale(language)


def whose(challenge: Challenge, mine: MyPart) -> UUID | None:
    """Whose contributions a member is shown: everybody's, or those of their own team."""
    return EVERYBODY if challenge.team is Team.COMMUNITY else mine.team
