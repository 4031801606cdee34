"""The season of the demo: the quarter that runs, with a board and a badge of its own. Pure."""

from datetime import date, timedelta
from typing import Final

from gamification.catalogue.definitions import (
    BadgeDefinition,
    BoardDefinition,
    CatalogueFile,
    SeasonDefinition,
    Words,
)
from gamification.rules.criteria import ANY_KIND, Distinct

NAMES: Final = (
    Words(fr="Hiver", en="Winter"),
    Words(fr="Printemps", en="Spring"),
    Words(fr="Été", en="Summer"),
    Words(fr="Automne", en="Autumn"),
)


def season_of(today: date) -> CatalogueFile:
    """The quarter of a day as a season, with what belongs to it."""
    quarter = (today.month - 1) // 3
    starts_on = today.replace(month=3 * quarter + 1, day=1)
    after = (starts_on + timedelta(days=95)).replace(day=1)
    words = NAMES[quarter]
    return CatalogueFile(
        season=[
            SeasonDefinition(
                slug=f"{words.en.lower()}-{today.year}",
                name=Words(fr=f"{words.fr} {today.year}", en=f"{words.en} {today.year}"),
                description=Words(
                    fr="Trois mois pour se retrouver.", en="Three months to meet again."
                ),
                starts_on=starts_on,
                ends_on=after - timedelta(days=1),
            )
        ],
        board=[
            BoardDefinition(
                slug="season",
                name=Words(fr="La saison", en="The season"),
                description=Words(
                    fr="Un nouveau départ à chaque saison.", en="A new start each season."
                ),
                period="season",
            )
        ],
        badge=[
            BadgeDefinition(
                slug="of-the-season",
                name=Words(fr="De la saison", en="Of the season"),
                description=Words(
                    fr="Dix jours parmi nous, à son rythme.", en="Ten days among us, at one’s pace."
                ),
                thanks=Words(
                    fr="Cette saison n’aurait pas été la même sans vous.",
                    en="This season wouldn’t have been the same without you.",
                ),
                earned="per_season",
                criteria=Distinct(kind=ANY_KIND, of="day", at_least=10),
            )
        ],
    )
