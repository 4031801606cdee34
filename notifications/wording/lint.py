"""Reads what is written for members, and says where it would press them. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Final

import msgspec

from ground.errors import AmbassadeError, FieldError
from ground.languages import Language
from notifications.wording.pressure import EXPLAINED, PHRASES, Pressure

# A pair of capitals can be two abbreviations; three words in a row are shouted.
SHOUTED: Final = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{4,}(?:[^\w\n]+[A-ZÀ-ÖØ-Þ]{2,}){2,}\b")
APOSTROPHES: Final = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "´": "'"})  # noqa: RUF001


class Finding(msgspec.Struct, frozen=True):
    """Some words that press: where they begin, and how."""

    place: int
    words: str
    reason: Pressure

    @property
    def explained(self) -> str:
        return f"“{self.words}” {EXPLAINED[self.reason]}"


class WordingRefused(AmbassadeError):
    """A text that would press members; `errors` say which words, and why."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "wording_refused"
    title = "This text would press those who read it"


def lint(text: str, language: Language) -> list[Finding]:
    """What in a text presses its readers, from beginning to end."""
    plain = _plain(text)
    found = {
        (match.start(), match.end()): reason
        for reason, pattern in _patterns(language).items()
        for match in pattern.finditer(plain)
    }
    found |= {match.span(): Pressure.URGENCY for match in SHOUTED.finditer(text)}
    return [Finding(start, text[start:end], found[start, end]) for start, end in sorted(found)]


def refuse_pressure(texts: Mapping[str, tuple[str, Language]]) -> None:
    """Raise unless all texts leave their readers in peace. They come by the pointer to each."""
    errors = tuple(
        FieldError(pointer, finding.explained)
        for pointer, (text, language) in texts.items()
        for finding in lint(text, language)
    )
    if errors:
        raise WordingRefused(errors[0].detail, errors=errors)


def refuse_pressing_name(name: str, pointer: str) -> None:
    """Raise if a name that members are shown presses them, in whichever language it is.

    Shame is left to its readers: people who call themselves lazy mean nobody else.
    """
    found = (finding for language in Language for finding in lint(name, language))
    said = {finding.explained for finding in found if finding.reason is not Pressure.SHAME}
    errors = tuple(FieldError(pointer, each) for each in sorted(said))
    if errors:
        raise WordingRefused(errors[0].detail, errors=errors)


@cache
def _patterns(language: Language) -> dict[Pressure, re.Pattern[str]]:
    return {
        reason: re.compile("|".join(_spaced(each) for each in every))
        for reason in Pressure
        if (every := [each for kind in PHRASES[language] for each in kind.get(reason, ())])
    }


def _spaced(pattern: str) -> str:
    """A space in a pattern is any white space, one that may be missing any or none.

    Not inside of a look behind, whose width has to be known.
    """
    parts = re.split(r"(\(\?<![^)]*\))", pattern)
    return "".join(
        part if part.startswith("(?<!") else part.replace(" ?", r"\s?").replace(" ", r"\s+")
        for part in parts
    )


def _plain(text: str) -> str:
    """Without accents and in small letters, each character where it was."""
    return "".join(
        (unicodedata.normalize("NFD", char.lower()) or char)[0] for char in text
    ).translate(APOSTROPHES)
