"""Marks on texts for translators: `say` for one, `says` for a text with a plural."""

from typing import NamedTuple


class Several(NamedTuple):
    """A text for one, and for many."""

    singular: str
    plural: str


def say(text: str) -> str:
    """A text that has to be translated."""
    return text


def says(singular: str, plural: str) -> Several:
    """A text whose form depends on how many there are."""
    return Several(singular, plural)
