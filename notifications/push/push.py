"""What is pushed to a phone, before anybody knows how Firebase wants to have it."""

from datetime import datetime
from typing import Final

import msgspec

# What phones show before they cut it off themselves.
LONGEST_TITLE: Final = 65
LONGEST_BODY: Final = 240
# Apple takes no more bytes.
LONGEST_COLLAPSE_ID: Final = 64
# FCM takes no more bytes of what is for the app.
LONGEST_PAYLOAD: Final = 4096
RESERVED: Final = frozenset({"from", "message_type", "collapse_key"})
RESERVED_PREFIXES: Final = ("google.", "gcm.")


class Push(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a phone shows, and what the app does when it is touched.

    A second one with the same collapse id takes the place of the first on the phone. `channel`
    is what the member switches off in the settings of an Android phone. `link` is a path in the
    app, and on the web below the programme's address.
    """

    title: str
    body: str
    collapse_id: str
    channel: str
    expires_at: datetime
    link: str = "/"
    image: str | None = None
    # Wakes the phone: only for what can't wait.
    urgent: bool = False
    # How many there are to read.
    badge: int | None = None
    data: dict[str, str] = {}

    def __post_init__(self) -> None:
        if not 0 < len(self.collapse_id.encode()) <= LONGEST_COLLAPSE_ID:
            raise ValueError("a collapse id has from 1 to 64 bytes")
        taken = [key for key in self.data if is_reserved(key)]
        if taken:
            raise ValueError(f"Firebase keeps {taken[0]!r} for itself")


def is_reserved(key: str) -> bool:
    """Whether Firebase refuses data of this name."""
    return key in RESERVED or key.startswith(RESERVED_PREFIXES)


def shortened(text: str, most: int) -> str:
    """A text that fits, cut between words where it can be."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    words, space, _ = cut.rpartition(" ")
    kept = words if space and len(words) > most // 2 else cut
    return kept.rstrip(" ,;:.-") + "…"
