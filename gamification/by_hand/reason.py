"""Why staff did something, in the words that the member reads. Pure."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ground.languages import Language

# Something to read, without control characters. Each character is looked at once.
ReasonText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=r"^[ \t\n]*[^\s\x00-\x1f\x7f][^\x00-\x08\x0b-\x1f\x7f]*$",
        description="What the member reads, in this language.",
        examples=["Merci pour votre aide à la fête du 12."],
    ),
]


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason in French, in English, or both. Who reads the other one reads what there is."""

    fr: ReasonText | None = None
    en: Annotated[ReasonText, Meta(examples=["Thank you for helping on the 12th."])] | None = None

    def __post_init__(self) -> None:
        if self.fr is None and self.en is None:
            raise ValueError("Give a reason in `fr`, in `en`, or in both")

    def in_language(self, language: Language) -> str:
        """What somebody of this language reads."""
        french, english = self.fr or self.en or "", self.en or self.fr or ""
        return english if language is Language.ENGLISH else french

    def stored(self) -> str:
        """As it is kept in the database."""
        return msgspec.json.encode(self).decode()


_decoder = msgspec.json.Decoder(Reason)


def reason_in(stored: str | None) -> Reason | None:
    """A reason that was kept; nothing where there was none, or it was forgotten."""
    return None if stored is None or stored == "{}" else _decoder.decode(stored)


def told(stored: str | None, language: Language) -> str | None:
    """What a member reads of a reason that was kept."""
    reason = reason_in(stored)
    return None if reason is None else reason.in_language(language)
