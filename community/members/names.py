"""What people may call themselves. A name is plain text: whoever shows it escapes it."""

import unicodedata
from typing import Final

LONGEST: Final = 60
MARKS_IN_A_ROW: Final = 4

# They turn text around, so that a name could rewrite what stands beside it.
BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and symbols by category, and yet nothing is seen.
BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
# Joiners are part of Persian words and of emoji; they need something to join.
JOINERS: Final = frozenset("\u200c\u200d")
# Controls, lone surrogates, private use, unassigned, breaks of lines and paragraphs.
UNWANTED: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


class NameNotAcceptable(ValueError):
    """The name can't be shown safely, or not at all. The message says why."""


def clean_name(raw: str) -> str:
    """The name as it is kept: composed, trimmed, single-spaced."""
    if len(raw) > LONGEST * 4:
        raise NameNotAcceptable(f"has at most {LONGEST} characters")
    for character in raw:
        _refuse_unwanted(character)
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    if not any(_is_seen(character) for character in name):
        raise NameNotAcceptable("has at least one letter, digit or symbol")
    if len(name) > LONGEST:
        raise NameNotAcceptable(f"has at most {LONGEST} characters")
    if name[0] in JOINERS or name[-1] in JOINERS:
        raise NameNotAcceptable("has no invisible characters at its ends")
    if _most_marks_in_a_row(name) > MARKS_IN_A_ROW:
        raise NameNotAcceptable("has no towers of accents")
    return name


def _refuse_unwanted(character: str) -> None:
    category = unicodedata.category(character)
    invisible = category == "Cf" and character not in JOINERS and not _is_tag(character)
    if character in BIDI or invisible or category in UNWANTED:
        raise NameNotAcceptable("has no control characters and none that turn the text around")


def _is_tag(character: str) -> bool:
    # The flags of Wales and Scotland are spelt with them.
    return "\U000e0020" <= character <= "\U000e007f"


def _is_seen(character: str) -> bool:
    kind = unicodedata.category(character)
    return (kind[0] in "LN" or kind == "So") and character not in BLANK


def _most_marks_in_a_row(name: str) -> int:
    most = row = 0
    for character in name:
        row = row + 1 if unicodedata.category(character)[0] == "M" else 0
        most = max(most, row)
    return most
