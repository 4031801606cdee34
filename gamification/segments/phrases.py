"""What criteria over members are said with, language by language."""

from collections.abc import Mapping

import msgspec

from gamification.catalogue.phrases import Forms
from gamification.players.tables import Population
from ground.languages import Language


class SegmentPhrases(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of sentences of a language."""

    locale: str
    quoted: str
    in_tier: str
    or_above: str
    with_badge: Forms
    active: Forms
    silent: Forms
    did: str
    within: Forms
    days: Forms
    tenure_from: str
    tenure_to: str
    tenure_between: str
    reads: str
    languages: Mapping[Language, str]
    populations: Mapping[Population, str]
    both: str
    either: str
    without: str


ENGLISH = SegmentPhrases(
    locale="en",
    quoted="“{name}”",
    in_tier="in the tier {names}",
    or_above="in the tier {names} or above",
    with_badge=("with the badge {names}", "with one of the badges {names}"),
    active=("active in the last day", "active in the last {n} days"),
    silent=("silent for {n} day", "silent for {n} days"),
    did="with at least {n} {kind} {within}",
    within=("in the last day", "in the last {n} days"),
    days=("{n} day", "{n} days"),
    tenure_from="members for at least {days}",
    tenure_to="members for at most {days}",
    tenure_between="members for {first} to {days}",
    reads="who read {names}",
    languages={Language.FRENCH: "French", Language.ENGLISH: "English"},
    populations={
        Population.CUSTOMER: "customers",
        Population.EMPLOYEE: "employees",
        Population.PARTNER: "partners",
    },
    both=" and ",
    either=" or ",
    without="except {parts}",
)

FRENCH = SegmentPhrases(
    locale="fr",
    quoted="«\u00a0{name}\u00a0»",
    in_tier="au palier {names}",
    or_above="au palier {names} ou au-dessus",
    with_badge=("avec le badge {names}", "avec l’un des badges {names}"),
    active=("actifs au cours du dernier jour", "actifs au cours des {n} derniers jours"),
    silent=("sans activité depuis {n} jour", "sans activité depuis {n} jours"),
    did="avec au moins {n} {kind} {within}",
    within=("au cours du dernier jour", "au cours des {n} derniers jours"),
    days=("{n} jour", "{n} jours"),
    tenure_from="membres depuis au moins {days}",
    tenure_to="membres depuis au plus {days}",
    tenure_between="membres depuis {first} à {days}",
    reads="qui lisent en {names}",
    languages={Language.FRENCH: "français", Language.ENGLISH: "anglais"},
    populations={
        Population.CUSTOMER: "clients",
        Population.EMPLOYEE: "collaborateurs",
        Population.PARTNER: "partenaires",
    },
    both=" et ",
    either=" ou ",
    without="sauf {parts}",
)
