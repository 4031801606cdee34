"""The people of the demo: a made-up community around Luciole, a made-up maker of lamps.

Any likeness to somebody who lives is chance.
"""

from typing import Final, Literal, NamedTuple

from gamification.players.tables import Population, Visibility
from ground.languages import Language
from ground.roles import Role

# How somebody takes part; what each means is in `months`.
Temper = Literal["pillar", "helper", "teller", "host", "quiet", "newcomer", "resting", "staff"]

FRENCH, ENGLISH = Language.FRENCH, Language.ENGLISH
PARIS, LONDON = "Europe/Paris", "Europe/London"
BRUSSELS, MONTREAL, DUBLIN = "Europe/Brussels", "America/Montreal", "Europe/Dublin"
CUSTOMER, EMPLOYEE, PARTNER = Population
HIDDEN, PSEUDONYM, NAME = Visibility


class Character(NamedTuple):
    """Somebody of the demo. `joined` is so many days ago."""

    uid: str
    name: str
    temper: Temper
    joined: int
    language: Language = FRENCH
    zone: str = PARIS
    visibility: Visibility = NAME
    pseudonym: str | None = None
    on_public_sites: bool = False
    population: Population = CUSTOMER
    role: Role = Role.AMBASSADOR


PEOPLE: Final = (
    Character("camille", "Camille Arnoux", "pillar", 91, on_public_sites=True),
    Character("sam", "Sam Okafor", "helper", 90, ENGLISH, LONDON, on_public_sites=True),
    Character("manager", "Élodie Maréchal", "staff", 92, role=Role.MANAGER),
    Character("moderator", "Ben Holloway", "staff", 92, ENGLISH, LONDON, role=Role.MODERATOR),
    Character("admin", "Aurore Prigent", "staff", 92, role=Role.ADMIN),
    Character("nadia", "Nadia Belkacem", "helper", 88),
    Character("hugo", "Hugo Lemaire", "host", 88, on_public_sites=True),
    Character("ines", "Inès Carpentier", "teller", 85, visibility=PSEUDONYM, pseudonym="Veilleuse"),
    Character("theo", "Théo Marchal", "quiet", 85, visibility=HIDDEN),
    Character("louise", "Louise Vasseur", "helper", 82, zone=BRUSSELS),
    Character("mehdi", "Mehdi Charef", "pillar", 80, on_public_sites=True),
    Character("jeanne", "Jeanne Tessier", "resting", 80),
    Character("arthur", "Arthur Poulain", "quiet", 78, visibility=HIDDEN),
    Character("salome", "Salomé Guérin", "teller", 75, zone=MONTREAL),
    Character("lucas", "Lucas Ferreira", "quiet", 74),
    Character(
        "agathe", "Agathe Rousselot", "helper", 70, visibility=PSEUDONYM, pseudonym="Ampoule"
    ),
    Character("yanis", "Yanis Haddad", "host", 68),
    Character("clara", "Clara Besnard", "quiet", 66),
    Character("emile", "Émile Courtois", "resting", 64, visibility=HIDDEN),
    Character("manon", "Manon Delorme", "helper", 60, zone=BRUSSELS, on_public_sites=True),
    Character("rayan", "Rayan Saïdi", "quiet", 55),
    Character("zoe", "Zoé Lambrecht", "teller", 52, zone=BRUSSELS),
    Character("baptiste", "Baptiste Noël", "quiet", 48, visibility=HIDDEN),
    Character("margaux", "Margaux Riou", "helper", 40),
    Character("simon", "Simon Vidalenc", "newcomer", 12),
    Character("adele", "Adèle Kermadec", "newcomer", 5),
    Character("grace", "Grace Whitfield", "pillar", 87, ENGLISH, LONDON, on_public_sites=True),
    Character("oliver", "Oliver Tennant", "quiet", 84, ENGLISH, LONDON, HIDDEN),
    Character("priya", "Priya Venkat", "helper", 79, ENGLISH, LONDON),
    Character("liam", "Liam Corrigan", "host", 77, ENGLISH, DUBLIN),
    Character("chloe", "Chloe Ashdown", "teller", 69, ENGLISH, LONDON, PSEUDONYM, "Glow-worm"),
    Character("noah", "Noah Pritchard", "resting", 65, ENGLISH, LONDON),
    Character("freya", "Freya Holmbeck", "quiet", 58, ENGLISH, DUBLIN, HIDDEN),
    Character("ruby", "Ruby Chambers-Lowe", "helper", 45, ENGLISH, LONDON, PSEUDONYM, "Lantern"),
    Character("leo", "Leo Hartnell", "newcomer", 9, ENGLISH, LONDON),
    Character("zara", "Zara Iqbal", "newcomer", 2, ENGLISH, LONDON, HIDDEN),
    Character("paul", "Paul Tanguy", "quiet", 83, population=EMPLOYEE),
    Character("sonia", "Sonia Mbarek", "helper", 76, population=EMPLOYEE, visibility=HIDDEN),
    Character("megan", "Megan Ellery", "quiet", 71, ENGLISH, LONDON, population=EMPLOYEE),
    Character("atelier", "Atelier Pédalier", "host", 73, population=PARTNER, on_public_sites=True),
    Character("spokes", "Two Spokes", "quiet", 62, ENGLISH, DUBLIN, population=PARTNER),
)
