"""What criteria are said with, language by language."""

from collections.abc import Mapping

import msgspec

# Of one, and of several.
Forms = tuple[str, str]


class Phrases(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of sentences of a language."""

    locale: str
    # French counts "1,5" as one; English counts 0 as several, and no criteria ask for either.
    several_from: int = 2
    activity: Forms
    point: Forms
    day: Forms
    year: Forms
    total: str
    different: Mapping[str, Forms]
    different_values: Forms
    where: str
    yes: str
    no: str
    on_one_subject: str
    within: Forms
    in_season: str
    in_one_season: str
    first: str
    first_that: str
    member_for: str
    subject_aged: str
    after_parent: str
    in_a_row: Mapping[str, Forms]
    badge: str
    tier: str
    hidden_badge: str
    by_hand: str
    both: str
    either: str
    neither: str
    without: str
    some_of: str
    semicolon: str


ENGLISH = Phrases(
    locale="en",
    activity=("activity", "activities"),
    point=("{n} point", "{n} points"),
    day=("{n} day", "{n} days"),
    year=("{n} year", "{n} years"),
    total="a total of {n} from {kinds}",
    different={
        "day": ("on {n} day", "on {n} different days"),
        "subject": ("on {n} subject", "on {n} different subjects"),
        "giver": ("from {n} person", "from {n} different people"),
        "newcomer": ("to {n} newcomer", "to {n} different newcomers"),
    },
    different_values=("with {n} value of “{field}”", "with {n} different values of “{field}”"),
    where=" ({field}: {value})",
    yes="yes",
    no="no",
    on_one_subject=" on one subject",
    within=(" within {n} day", " within {n} days"),
    in_season=" in the season “{name}”",
    in_one_season="{text}, within one season",
    first="{kind} before all others in the same place",
    first_that="before other {kinds} in the same place reach {that}",
    member_for="a member for {span}",
    subject_aged="a subject that is {span} old",
    after_parent="{span} after what it belongs to",
    in_a_row={
        "day": ("{n} active day", "{n} active days in a row (a pause is forgiven)"),
        "week": ("{n} active week", "{n} active weeks in a row (a pause is forgiven)"),
        "month": ("{n} active month", "{n} active months in a row (a pause is forgiven)"),
    },
    badge="the badge “{name}”",
    tier="the tier “{name}”",
    hidden_badge="a secret badge",
    by_hand="given by the team",
    both=" and ",
    either=" or ",
    neither=" or ",
    without="without ",
    some_of="{n} of these: {parts}",
    semicolon="; ",
)

FRENCH = Phrases(
    locale="fr",
    activity=("activité", "activités"),
    point=("{n} point", "{n} points"),
    day=("{n} jour", "{n} jours"),
    year=("{n} an", "{n} ans"),
    total="un total de {n} en {kinds}",
    different={
        "day": ("sur {n} jour", "sur {n} jours différents"),
        "subject": ("sur {n} sujet", "sur {n} sujets différents"),
        "giver": ("de {n} personne", "de {n} personnes différentes"),
        "newcomer": ("à {n} nouvelle personne", "à {n} nouvelles personnes différentes"),
    },
    different_values=(
        "avec {n} valeur de «\u00a0{field}\u00a0»",
        "avec {n} valeurs différentes de «\u00a0{field}\u00a0»",
    ),
    where=" ({field}\u00a0: {value})",
    yes="oui",
    no="non",
    on_one_subject=" sur un même sujet",
    within=(" en {n} jour", " en {n} jours"),
    in_season=" pendant la saison «\u00a0{name}\u00a0»",
    in_one_season="{text}, au cours d’une même saison",
    first="{kind} avant toute autre contribution au même endroit",
    first_that="avant que d’autres {kinds} au même endroit n’atteignent {that}",
    member_for="membre depuis {span}",
    subject_aged="un sujet qui existe depuis {span}",
    after_parent="{span} après ce à quoi le sujet se rattache",
    in_a_row={
        "day": ("{n} jour actif", "{n} jours actifs d’affilée (une pause est pardonnée)"),
        "week": ("{n} semaine active", "{n} semaines actives d’affilée (une pause est pardonnée)"),
        "month": ("{n} mois actif", "{n} mois actifs d’affilée (une pause est pardonnée)"),
    },
    badge="le badge «\u00a0{name}\u00a0»",
    tier="le palier «\u00a0{name}\u00a0»",
    hidden_badge="un badge secret",
    by_hand="remis par l’équipe",
    both=" et ",
    either=" ou ",
    neither=" ni ",
    without="sans ",
    some_of="{n} parmi\u00a0: {parts}",
    semicolon="\u00a0; ",
)
