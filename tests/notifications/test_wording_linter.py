"""Words that press people are refused, and harmless ones get through."""

import pytest

from ground.languages import Language
from notifications.outbox.reasons import REASONS
from notifications.wording.catalogue import found, kept
from notifications.wording.lint import WordingRefused, lint, refuse_pressure
from notifications.wording.pressure import Pressure

REFUSED = {
    Language.FRENCH: {
        Pressure.GUILT: [
            "Vous nous manquez",
            "Nous sommes déçus de ne plus vous voir.",
            "Vous n’avez toujours pas donné votre avis",
            "VOUS N'AVEZ ENCORE RIEN PARTAGE",
            "On comptait sur vous.",
            "Ne laissez pas tomber votre équipe",
            "Après tout ce que nous avons fait ensemble…",
        ],
        Pressure.SHAME: [
            "Tout le monde a participé sauf vous",
            "Vous êtes le seul à ne pas avoir voté",
            "N’avez-vous pas un peu honte ?",
            "Votre équipe est à la traîne.",
        ],
        Pressure.URGENCY: [
            "Dernière chance pour participer",
            "derniere  chance",
            "Plus que 2 heures pour voter",
            "Dépêchez-vous de répondre",
            "Ne ratez pas ce défi",
            "Vous allez perdre votre série",
            "C’est urgent",
            "Participez !!",
            "PARTICIPEZ TOUT DE SUITE",
        ],
        Pressure.MONEY: [
            "Gagnez 10 € par avis",
            "Gagnez de l’argent avec vos avis",
            "Un bon d'achat pour chaque parrainage",
            "-20 % de réduction sur votre commande",
            "Vos avis sont rémunérés",
            "Une carte cadeau vous attend",
        ],
    },
    Language.ENGLISH: {
        Pressure.GUILT: [
            "We miss you!",
            "You still haven't left a review",
            "Don't let your team down",
            "We are disappointed",
            "We were counting on you",
            "Have you forgotten us?",
        ],
        Pressure.SHAME: [
            "Everyone has voted but you",
            "Only you haven’t answered",
            "You are the only one who did nothing",
            "You are falling behind",
        ],
        Pressure.URGENCY: [
            "Last chance to join",
            "Hurry, it ends tonight",
            "Only 3 hours left",
            "Don’t miss this",
            "Act now",
            "You will lose your streak",
            "Join today!!!",
            "JOIN US RIGHT NOW",
        ],
        Pressure.MONEY: [
            "Earn $5 for each review",
            "A gift card for every friend",
            "10% off your next order",
            "Get paid for what you love",
            "Make money with your reviews",
        ],
    },
}
ACCEPTED = {
    Language.FRENCH: [
        "L’entrée est gratuite, venez si vous voulez.",
        "Vous pouvez gagner un badge.",
        "La médaille d’argent de la saison",
        "Un nouveau palier : cœur d'argent",
        "La remise des badges a lieu le 3 mars.",
        "Un défi pour la réduction des déchets",
        "Rien d’urgent : répondez quand vous voulez.",
        "Ce n'est pas urgent",
        "Le défi se termine le 12 mars à 18 h.",
        "Il y a 30 places.",
        "Dernier jour de la saison",
        "Vous n'avez rien à faire.",
        "Merci à tout le monde, et à vous aussi",
        "Une visite de l’Eurovision",
        "Bonne nouvelle ! Le défi commence.",
        "Le SAV et la RSE vous répondent",
        "Votre avis compte pour d’autres personnes.",
    ],
    Language.ENGLISH: [
        "It is free, come if you like.",
        "Win a badge",
        "Pay attention to the small print",
        "Your help paid off",
        "The silver medal of the season",
        "No hurry: answer whenever you like.",
        "One more week, without a hurry",
        "This isn't about winning",
        "There are 30 places.",
        "The challenge ends on 12 March at 6 pm.",
        "The last day of the season",
        "Everybody can join, and you can too",
        "You have not to do anything",
        "Reducing waste, together",
        "The discussion goes on",
        "FAQ and API news",
    ],
}


@pytest.mark.parametrize(
    ("language", "reason", "text"),
    [
        pytest.param(language, reason, text, id=text)
        for language, reasons in REFUSED.items()
        for reason, texts in reasons.items()
        for text in texts
    ],
)
def test_pressure_is_found(language, reason, text):
    assert reason in {finding.reason for finding in lint(text, language)}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param(language, text, id=text)
        for language, texts in ACCEPTED.items()
        for text in texts
    ],
)
def test_harmless_words_get_through(language, text):
    assert lint(text, language) == []


def test_a_finding_says_where_and_which_words():
    text = "Bonjour, c’est la Dernière   Chance."
    [finding] = lint(text, Language.FRENCH)
    assert text[finding.place :].startswith(finding.words)
    assert finding.words == "Dernière   Chance"


def test_a_refusal_names_each_place():
    with pytest.raises(WordingRefused) as refused:
        refuse_pressure(
            {
                "/title/fr": ("Dernière chance", Language.FRENCH),
                "/title/en": ("A new challenge", Language.ENGLISH),
                "/body/en": ("We miss you. Hurry!", Language.ENGLISH),
            }
        )
    assert [error.pointer for error in refused.value.errors] == [
        "/title/fr",
        "/body/en",
        "/body/en",
    ]
    assert "presses for time" in refused.value.errors[0].detail
    assert refuse_pressure({"/title/en": ("Welcome", Language.ENGLISH)}) is None


def test_long_texts_are_read_in_no_time():
    """I42: each pattern is linear."""
    for text in ("tous " * 4_000, "plus que " * 2_000, "A" * 20_000, "everyone a " * 2_000):
        for language in Language:
            lint(text, language)


def _texts(message):
    return [message] if isinstance(message, str) else list(message)


def test_what_we_ship_presses_nobody():
    english = [text for message in found() if message.id for text in _texts(message.id)]
    french = [
        text for message in kept(Language.FRENCH) if message.id for text in _texts(message.string)
    ]
    assert len(english) >= len(REASONS) + 40
    assert len(french) == len(english)
    pressing = [(text, lint(text, Language.ENGLISH)) for text in english]
    pressing += [(text, lint(text, Language.FRENCH)) for text in french]
    assert [each for each in pressing if each[1]] == []
