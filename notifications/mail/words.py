"""What is said to who doesn't want mail any more."""

from enum import StrEnum
from typing import Final, NamedTuple

from notifications.wording.marks import say


class Page(StrEnum):
    """Where somebody stands with unsubscribing."""

    ASKS = "asks"
    DONE = "done"
    UNKNOWN = "unknown"


class Texts(NamedTuple):
    """A heading, a sentence or two, and what the button says, if there is one."""

    title: str
    text: str
    button: str


PAGES: Final = {
    Page.ASKS: Texts(
        say("No more mail?"),
        say("Your address is then forgotten here. What is new stays in your inbox in the app."),
        say("No more mail"),
    ),
    Page.DONE: Texts(
        say("No more mail"),
        say(
            "It is done, and your address is forgotten here. You can choose mail again in the app."
        ),
        "",
    ),
    Page.UNKNOWN: Texts(
        say("This link leads to nobody any more"),
        say("Nothing is sent because of it. If mail still comes, its newest link ends it."),
        "",
    ),
}
