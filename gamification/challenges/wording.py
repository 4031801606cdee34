"""What a challenge says presses nobody: no guilt, no false urgency, no money. Pure."""

from collections.abc import Mapping

from gamification.catalogue.definitions import Words
from gamification.challenges.definition import ChallengeDefinition
from ground.languages import Language
from notifications.wording.lint import refuse_pressure


def refuse_pressing_texts(definition: ChallengeDefinition) -> None:
    """Raise unless its texts leave their readers in peace."""
    _refuse(
        {
            "/title": definition.title,
            "/description": definition.description,
            "/thanks": definition.thanks,
        }
    )


def refuse_pressing_word(word: Words | None) -> None:
    """The same, of a word to those who take part."""
    _refuse({"/word": word})


def _refuse(texts: Mapping[str, Words | None]) -> None:
    refuse_pressure(
        {
            f"{pointer}/{language.value}": (words.in_locale(language), language)
            for pointer, words in texts.items()
            if words is not None
            for language in Language
        }
    )
