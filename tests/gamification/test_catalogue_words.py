"""Criteria in words: what somebody reads who wants to know what a badge asks for."""

import msgspec
import pytest

from gamification.catalogue.checking import check
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.reading import read_catalogue
from gamification.catalogue.words import in_words
from gamification.rules.criteria import Criteria
from tests.gamification.drafts import badge, tier

SHIPPED = check(
    read_catalogue(
        {
            "kind": [
                {
                    "slug": "answer",
                    "name": {"fr": "réponse", "en": "answer"},
                    "plural": {"fr": "réponses", "en": "answers"},
                    "opens_subject": True,
                },
                {"slug": "thanks", "name": {"fr": "remerciements", "en": "thanks"}},
            ],
            "badge": [
                badge({"term": "points", "at_least": 1}, name={"fr": "Aide", "en": "Helper"}),
                badge({"term": "points", "at_least": 1}, slug="shy", secret=True),
            ],
            "tier": [tier({"term": "points", "at_least": 1}, name={"fr": "Arbre", "en": "Tree"})],
        }
    )
)
ANSWERS = {"term": "count", "kind": "answer", "at_least": 3}
THANKS = {"term": "distinct", "kind": "thanks", "of": "giver", "at_least": 5}


def said(criteria, language: str) -> str:
    term: Criteria = msgspec.convert(criteria, Criteria)
    return in_words(term, NamesInCatalogue(SHIPPED, language))


@pytest.mark.parametrize(
    ("criteria", "english", "french"),
    [
        (ANSWERS, "3 answers", "3 réponses"),
        (ANSWERS | {"at_least": 1}, "1 answer", "1 réponse"),
        (ANSWERS | {"at_least": 1500}, "1,500 answers", "1\u202f500 réponses"),
        (ANSWERS | {"kind": "*"}, "3 activities", "3 activités"),
        (ANSWERS | {"within_days": 7}, "3 answers within 7 days", "3 réponses en 7 jours"),
        (
            ANSWERS | {"where": {"topic": ["soup", "tea"], "own_post": False}},
            "3 answers (own post: no) (topic: soup or tea)",
            "3 réponses (own post\u00a0: non) (topic\u00a0: soup ou tea)",
        ),
        (
            {"term": "sum", "kind": "thanks", "at_least": 10, "per_subject": True},
            "a total of 10 from thanks on one subject",
            "un total de 10 en remerciements sur un même sujet",
        ),
        (THANKS, "thanks from 5 different people", "remerciements de 5 personnes différentes"),
        (
            {"term": "distinct", "kind": "answer", "of": "day", "at_least": 20},
            "answers on 20 different days",
            "réponses sur 20 jours différents",
        ),
        (
            {"term": "distinct", "kind": "answer", "of": "home_town", "at_least": 2},
            "answers with 2 different values of “home town”",
            "réponses avec 2 valeurs différentes de «\u00a0home town\u00a0»",
        ),
        ({"term": "points", "at_least": 100}, "100 points", "100 points"),
        (
            {"term": "streak", "unit": "week", "at_least": 4},
            "4 active weeks in a row (a pause is forgiven)",
            "4 semaines actives d’affilée (une pause est pardonnée)",
        ),
        (
            {"term": "age", "of": "membership", "at_least_days": 730},
            "a member for 2 years",
            "membre depuis 2 ans",
        ),
        (
            {"term": "age", "of": "subject", "at_least_days": 30},
            "a subject that is 30 days old",
            "un sujet qui existe depuis 30 jours",
        ),
        (
            {"term": "age", "of": "subject", "since": "parent", "at_least_days": 30},
            "30 days after what it belongs to",
            "30 jours après ce à quoi le sujet se rattache",
        ),
        (
            {"term": "first", "kind": "answer"},
            "answer before all others in the same place",
            "réponse avant toute autre contribution au même endroit",
        ),
        (
            {"term": "first", "kind": "answer", "that": THANKS | {"per_subject": True}},
            "before other answers in the same place reach "
            "thanks from 5 different people on one subject",
            "avant que d’autres réponses au même endroit n’atteignent "
            "remerciements de 5 personnes différentes sur un même sujet",
        ),
        ({"term": "holds", "badge": "badge"}, "the badge “Helper”", "le badge «\u00a0Aide\u00a0»"),
        ({"term": "holds", "badge": "shy"}, "a secret badge", "un badge secret"),
        ({"term": "holds", "tier": "tier"}, "the tier “Tree”", "le palier «\u00a0Arbre\u00a0»"),
        (
            {"term": "all", "of": [ANSWERS, THANKS, {"term": "points", "at_least": 9}]},
            "3 answers, thanks from 5 different people and 9 points",
            "3 réponses, remerciements de 5 personnes différentes et 9 points",
        ),
        (
            {"term": "all", "of": [ANSWERS, {"term": "any", "of": [ANSWERS, THANKS]}]},
            "3 answers and (3 answers or thanks from 5 different people)",
            "3 réponses et (3 réponses ou remerciements de 5 personnes différentes)",
        ),
        (
            {"term": "none", "of": [ANSWERS, THANKS]},
            "without 3 answers or thanks from 5 different people",
            "sans 3 réponses ni remerciements de 5 personnes différentes",
        ),
        (
            {"term": "at_least", "n": 1, "of": [ANSWERS, THANKS]},
            "1 of these: 3 answers; thanks from 5 different people",
            "1 parmi\u00a0: 3 réponses\u00a0; remerciements de 5 personnes différentes",
        ),
        ({"term": "all", "of": [ANSWERS]}, "3 answers", "3 réponses"),
    ],
)
def test_criteria_in_words(criteria, english, french):
    assert said(criteria, "en") == english
    assert said(criteria, "fr") == french


def test_what_left_the_catalogue_is_said_by_its_slug():
    assert said(ANSWERS | {"kind": "gone"}, "en") == "3 gone"
    assert said({"term": "holds", "badge": "gone"}, "en") == "the badge “gone”"
    assert said({"term": "holds", "tier": "gone"}, "fr") == "le palier «\u00a0gone\u00a0»"
