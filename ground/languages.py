"""The languages that texts for people exist in, and which of them a reader prefers."""

from enum import StrEnum
from functools import lru_cache

LONGEST_HEADER = 200


class Language(StrEnum):
    """A shipped language. The first one is the answer when in doubt."""

    FRENCH = "fr"
    ENGLISH = "en"


@lru_cache(maxsize=1_000)
def preferred(accept_language: str, *, otherwise: Language = Language.FRENCH) -> Language:
    """The best shipped language for an `Accept-Language` header."""
    best, best_weight = otherwise, 0.0
    for wish in accept_language[:LONGEST_HEADER].split(","):
        tag, _, parameter = wish.strip().partition(";")
        weight = _weight(parameter)
        primary = tag.strip().lower().partition("-")[0]
        if primary in set(Language) and weight > best_weight:
            best, best_weight = Language(primary), weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
