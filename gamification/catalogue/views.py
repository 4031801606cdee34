"""The catalogue as it is read, in one language."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gamification.catalogue.definitions import (
    BadgeDefinition,
    KindDefinition,
    TierDefinition,
)
from gamification.catalogue.images import address_of
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.words import badge_in_words, in_words
from gamification.ledger.worth import CoolDown, Terms

Slug = Annotated[str, Meta(max_length=80, description="Stable.", examples=["helper-2"])]
Name = Annotated[str, Meta(max_length=500, examples=["Bras droit"])]
Description = Annotated[str, Meta(max_length=500, examples=["Des réponses qui aident vraiment."])]
How = Annotated[
    str,
    Meta(
        max_length=20_000,
        description="What it asks for, in words.",
        examples=["25 réponses et remerciements de 5 personnes différentes"],
    ),
]
ImageAddress = Annotated[
    str | None,
    Meta(
        description="May be kept for ever. A path is below this API's own address.",
        examples=["/static/badges/helper-2.svg?v=8d969eef6ecad3c2"],
    ),
]


class BadgeView(msgspec.Struct, frozen=True, kw_only=True):
    """A badge, and how it is earned."""

    slug: Slug
    name: Name
    description: Description
    how: How
    family: Annotated[str, Meta(max_length=80, examples=["helper"])] | None = None
    level: Annotated[int | None, Meta(description="The place in its family.")] = None
    earned: Annotated[
        Literal["once", "per_subject", "per_season"],
        Meta(description="Once, or again for each subject, such as each post, or each season."),
    ] = "once"
    kept: Annotated[
        bool, Meta(description="Whether it stays when later facts speak against it.")
    ] = True
    image_url: ImageAddress = None

    @classmethod
    def of(cls, badge: BadgeDefinition, names: NamesInCatalogue) -> "BadgeView":
        return cls(
            slug=badge.slug,
            name=badge.name.in_locale(names.language),
            description=badge.description.in_locale(names.language),
            how=badge_in_words(badge, names),
            family=badge.family,
            level=badge.level,
            earned=badge.earned,
            kept=badge.kept,
            image_url=address_of(badge.image),
        )


class TierView(msgspec.Struct, frozen=True, kw_only=True):
    """A tier, and what it asks for."""

    slug: Annotated[str, Meta(max_length=80, description="Stable.", examples=["tree"])]
    name: Annotated[str, Meta(max_length=500, examples=["Arbre"])]
    description: Annotated[
        str, Meta(max_length=500, examples=["On vient vers vous, et vous prenez le temps."])
    ]
    rank: Annotated[int, Meta(description="The lowest is the first.")]
    how: How
    image_url: ImageAddress = None

    @classmethod
    def of(cls, tier: TierDefinition, names: NamesInCatalogue) -> "TierView":
        return cls(
            slug=tier.slug,
            name=tier.name.in_locale(names.language),
            description=tier.description.in_locale(names.language),
            rank=tier.rank,
            how=in_words(tier.criteria, names),
            image_url=address_of(tier.image),
        )


class KindView(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of activity, and what it is worth today."""

    slug: Annotated[str, Meta(max_length=80, description="Stable.", examples=["answer"])]
    name: Annotated[str, Meta(max_length=500, examples=["réponse"])]
    plural: Annotated[str, Meta(max_length=500, examples=["réponses"])]
    points: int
    daily_cap: Annotated[int | None, Meta(description="The most points of a day.")] = None
    cool_down: Annotated[
        CoolDown | None, Meta(description="Within it, only one activity has points.")
    ] = None
    received: Annotated[bool, Meta(description="Whether it happens to a member, as thanks do.")] = (
        False
    )

    @classmethod
    def of(cls, kind: KindDefinition, terms: Terms, language: str) -> "KindView":
        return cls(
            slug=kind.slug,
            name=kind.name.in_locale(language),
            plural=(kind.plural or kind.name).in_locale(language),
            points=terms.points,
            daily_cap=terms.daily_cap,
            cool_down=terms.cool_down,
            received=kind.received,
        )
