"""What can be told to members, and all that follows from what it is."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from ground.languages import Language
from notifications.wording.marks import Several

LONGEST_TEXT: Final = 2_000
Name = Annotated[str, Meta(max_length=500)]
Slug = Annotated[str, Meta(max_length=200)]
A_DAY: Final = timedelta(days=1)


class Kind(StrEnum):
    """News happened to me, service is always said, a solicitation asks something of me."""

    NEWS = "news"
    SERVICE = "service"
    SOLICITATION = "solicitation"


class Channel(StrEnum):
    """How something reaches a member."""

    INBOX = "inbox"
    LIVE = "live"
    PUSH = "push"
    DIGEST = "digest"


class Patience(StrEnum):
    """Whether a push leaves at once, with what comes in the next minutes, or not at all."""

    NOW = "now"
    SOON = "soon"
    DIGEST = "digest"


# What is alike within this time is said once.
SOON: Final = timedelta(minutes=10)
EVERYWHERE: Final = frozenset(Channel)
QUIETLY: Final = frozenset({Channel.INBOX, Channel.LIVE, Channel.DIGEST})
NOT_IN_A_DIGEST: Final = frozenset({Channel.INBOX, Channel.LIVE, Channel.PUSH})


class ByLanguage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that somebody wrote, in each shipped language."""

    fr: Annotated[str, Meta(max_length=LONGEST_TEXT)]
    en: Annotated[str, Meta(max_length=LONGEST_TEXT)]

    def in_language(self, language: Language) -> str:
        return self.en if language is Language.ENGLISH else self.fr


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a category has to know to say what it says. Ids and public names only."""


class Words(msgspec.Struct, frozen=True):
    """What is said of one, and of `{others}` more like it."""

    one: str
    several: Several | None = None


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of thing to tell.

    Texts and `link` are filled with the facts; texts also with `{who}` (the last person it is
    about) and `{others}`. What has the same `collapses` for a member, once filled, becomes one
    as long as it is unread. What is `personal` is not written on a locked screen unless
    the member allows it. `lasts` is how long a push or an asking is worth it. What isn't `listed`
    isn't among the preferences: it is for few, or nothing sends it so far.
    """

    slug: str
    label: str
    kind: Kind
    title: Words
    body: Words
    link: str
    facts: type[Facts] = Facts
    channels: frozenset[Channel] = EVERYWHERE
    patience: Patience = Patience.SOON
    lasts: timedelta = 3 * A_DAY
    collapses: str = ""
    personal: bool = False
    listed: bool = True
    # The fact that names an image, if any.
    image: str = ""

    @property
    def asks(self) -> bool:
        """Whether it draws on the member's attention."""
        return self.kind is Kind.SOLICITATION

    @property
    def waits(self) -> timedelta | None:
        """How long it waits in the outbox; nothing if it never goes there."""
        pushed = Channel.PUSH in self.channels and self.patience is not Patience.DIGEST
        if not pushed:
            return timedelta(0) if self.asks else None
        return timedelta(0) if self.patience is Patience.NOW else SOON

    def may_be_switched(self, channel: Channel) -> bool:
        """Whether the member decides about this channel of it."""
        if channel not in self.channels or self.kind is Kind.SERVICE:
            return False
        return channel is not Channel.INBOX or self.asks
