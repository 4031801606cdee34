"""Reads what is called news, and says where it asks for something after all. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from ground.languages import Language

# A word that opens or goes on a sentence addressed to the reader: what is told isn't.
ASKING: Final[Mapping[Language, re.Pattern[str]]] = {
    Language.FRENCH: re.compile(
        r"\b(?:repondez|participez|votez|partagez|recommandez|parrainez|inscrivez-vous|ecrivez"
        r"|invitez|donnez(?:-nous)? (?:votre|un) avis|remplissez|aidez-nous|rejoignez|likez"
        r"|suivez-nous|completez|laissez (?:un|votre) (?:avis|commentaire)"
        r"|(?:pouvez|pourriez|voulez|voudriez)-vous)\b"
    ),
    Language.ENGLISH: re.compile(
        r"\b(?:(?:please|kindly) \w+|take (?:our|the|this|part)|give us|tell us|help us"
        r"|vote (?:for|now)|sign up|fill (?:in|out)|write (?:a|your) review"
        r"|leave (?:a|your) (?:review|comment)"
        r"|share (?:it|this|your)|invite (?:a|your)|refer (?:a|your)|join (?:us|in|the|now)"
        r"|recommend us|(?:can|could|will|would) you)\b"
    ),
}
APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'"})  # noqa: RUF001


def asks(text: str, language: Language) -> str | None:
    """The first words with which a text asks for something, if it does."""
    plain = "".join(
        (unicodedata.normalize("NFD", char.lower()) or char)[0] for char in text
    ).translate(APOSTROPHES)
    found = ASKING[language].search(plain)
    return None if found is None else text[found.start() : found.end()]
