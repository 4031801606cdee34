"""The journeys that are there from the beginning. Managers change them like any other."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from notifications.journeys.plan import (
    ACTIVITY,
    BADGE,
    JOINED,
    SEEN,
    TIER,
    Begins,
    Body,
    Happened,
    Plan,
    Says,
    Send,
    Title,
    Wait,
    WaitForAnniversary,
    WaitForSilence,
)

WELCOME: Final = Plan(
    name=Title(fr="Bienvenue", en="Welcome"),
    purpose=Body(
        fr="Les premiers jours : comment ça marche, et une idée pour commencer.",
        en="The first days: how things work, and an idea to begin with.",
    ),
    begins=Begins(on=(JOINED,), within_hours=72),
    steps=(
        Send(
            says=Says.NEWS,
            title=Title(fr="Bienvenue", en="Welcome"),
            body=Body(
                fr="Voici ce qu’on fait ensemble ici, et ce que vous y trouverez.",
                en="Here is what we do together, and what you will find.",
            ),
            to="/me/standing",
        ),
        Wait(days=2),
        Send(
            says=Says.ASK,
            title=Title(fr="Une idée pour commencer", en="An idea to begin with"),
            body=Body(
                fr="Choisissez ce qui vous fait plaisir : voici par où d’autres ont commencé.",
                en="Choose what you enjoy: here is how others began.",
            ),
            to="/challenges",
        ),
        Wait(days=5),
        Send(
            says=Says.ASK,
            title=Title(fr="Si vous avez une question", en="If you have a question"),
            body=Body(
                fr="Il y a toujours quelqu’un pour y répondre. Prenez votre temps.",
                en="There is always somebody to answer it. Take your time.",
            ),
            to="/",
        ),
    ),
    goal=Happened(fact=ACTIVITY),
    lasts_days=14,
)

SUCCESS: Final = Plan(
    name=Title(fr="Après une réussite", en="After a success"),
    purpose=Body(
        fr="Quand vous venez d’obtenir un badge ou un palier, une idée pour la suite, une seule.",
        en="When you have just earned a badge or a tier: one idea of what to do next, only one.",
    ),
    begins=Begins(on=(BADGE, TIER), within_hours=12),
    steps=(
        Wait(hours=3),
        Send(
            says=Says.ASK,
            title=Title(fr="Vous venez d’obtenir : {name}", en="You have just earned: {name}"),
            body=Body(
                fr="Si le cœur vous en dit, voici un défi où ce que vous savez faire compte.",
                en="If you feel like it, here is a challenge where what you can do counts.",
            ),
            to="/challenges",
        ),
    ),
    # Said within 72 hours or never: 12 to begin, a day here, and 36 hours on the way out.
    lasts_days=1,
    again_after_days=14,
)

REACTIVATION: Final = Plan(
    name=Title(fr="Des nouvelles", en="A word after a while"),
    purpose=Body(
        fr="Après des mois sans vous voir, un mot, un seul, jusqu’à votre retour.",
        en="After months without you: one word, a single one, until you are back.",
    ),
    begins=Begins(on=(JOINED, ACTIVITY, SEEN)),
    steps=(
        WaitForSilence(days=120),
        Send(
            says=Says.ASK,
            title=Title(
                fr="Des nouvelles de la communauté", en="What the community has been up to"
            ),
            body=Body(
                fr="Si vous avez envie de voir ce qui s’est fait ensemble, c’est ici.",
                en="If you would like to see what was done together, it is here.",
            ),
            to="/challenges",
        ),
    ),
    again_after_days=0,
)

ANNIVERSARY: Final = Plan(
    name=Title(fr="Anniversaire", en="Anniversary"),
    purpose=Body(
        fr="Un merci, chaque année, le jour où vous nous avez rejoints.",
        en="A thank you each year, on the day you joined.",
    ),
    begins=Begins(on=(JOINED,)),
    steps=(
        WaitForAnniversary(),
        Send(
            says=Says.NEWS,
            title=Title(
                fr="C’est votre anniversaire parmi nous",
                en="It is your anniversary with us",
            ),
            body=Body(
                fr="Merci d’être là. Voici le chemin parcouru.",
                en="Thank you for being here. See how far you have come.",
            ),
            to="/me/standing",
        ),
    ),
    again_after_days=0,
    repeats=True,
)

SHIPPED: Final[Mapping[str, Plan]] = MappingProxyType(
    {
        "anniversary": ANNIVERSARY,
        "reactivation": REACTIVATION,
        "success": SUCCESS,
        "welcome": WELCOME,
    }
)
