"""From a category and its facts to what a member reads. Pure."""

import gettext
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from ground.languages import Language
from notifications.wording.category import ByLanguage, Category, Facts, Words
from notifications.wording.marks import say
from notifications.wording.registry import CATEGORIES

DOMAIN: Final = "ambassade"
LOCALE: Final = Path(__file__).parent / "locale"
SOMEBODY: Final = say("Somebody")
DISCREET_TITLE: Final = say("There is something new for you")
DISCREET_BODY: Final = say("Open the app to read it.")


class Text(NamedTuple):
    """What is said, where it leads, and an image or nothing."""

    title: str
    body: str
    link: str
    image: str


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language. English is what stands in the code."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, languages=[language.value])


def translated(text: str, language: Language) -> str:
    """A marked text in a language."""
    return translations(language).gettext(text)


def render(
    category: str,
    facts: Facts | dict[str, Any],
    language: Language,
    *,
    likes: int = 1,
    names: Sequence[str] = (),
    discreet: bool = False,
) -> Text:
    """What to say, in a language.

    `names` are those of the last people it is about; `likes` how many it is said of. When
    `discreet`, what is personal is left out: for a locked screen.
    """
    what = CATEGORIES[category]
    known = facts if isinstance(facts, Facts) else msgspec.convert(facts, what.facts)
    blanks = _blanks(known, language, likes, names)
    link = what.link.format_map(blanks)
    if discreet and what.personal:
        title, body = translated(DISCREET_TITLE, language), translated(DISCREET_BODY, language)
        return Text(title, body, link, "")
    return Text(
        _said(what.title, language, blanks),
        _said(what.body, language, blanks),
        link,
        str(blanks.get(what.image, "")),
    )


def collapse_key(category: Category, facts: Facts) -> str:
    """What makes it one with its like; empty if nothing does."""
    fields: dict[str, Any] = msgspec.structs.asdict(facts)
    return category.collapses.format_map(fields)


def _blanks(
    facts: Facts, language: Language, likes: int, names: Sequence[str]
) -> dict[str, str | int]:
    blanks: dict[str, str | int] = {
        name: value.in_language(language) if isinstance(value, ByLanguage) else value
        for name, value in msgspec.structs.asdict(facts).items()
    }
    who = names[0] if names and names[0] else translated(SOMEBODY, language)
    return blanks | {"who": who, "others": likes - 1}


def _said(words: Words, language: Language, blanks: dict[str, str | int]) -> str:
    others = int(blanks["others"])
    if others and words.several is not None:
        chosen = translations(language).ngettext(*words.several, others)
    else:
        chosen = translated(words.one, language)
    return chosen.format_map(blanks).rstrip()
