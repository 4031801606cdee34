"""The phones that the sandbox stands for, and what they received."""

from collections import OrderedDict, deque
from datetime import datetime
from typing import Any, Final

import msgspec

from ground import clock
from server.sandbox.wanted import Message

MOST_PHONES: Final = 60
MOST_SHOWN: Final = 8
MOST_RECEIVED: Final = 200_000


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a phone has, and for the how manieth time."""

    token: str
    collapse_id: str
    platform: str
    title: str
    body: str
    link: str
    image: str
    at: datetime
    times: int = 1


class Phones:
    """What was accepted. The last phones are kept with what they show, newest on top."""

    def __init__(self) -> None:
        self.shown: OrderedDict[str, deque[Received]] = OrderedDict()
        # Token and collapse id of everything, in the order in which it was accepted.
        self.accepted: list[tuple[str, str]] = []

    def receive(self, message: Message) -> None:
        """Show a message, in place of the one with the same collapse id."""
        found = _of(message)
        if len(self.accepted) < MOST_RECEIVED:
            self.accepted.append((found.token, found.collapse_id))
        shown = self.shown.pop(found.token, None) or deque(maxlen=MOST_SHOWN)
        before = next((each for each in shown if each.collapse_id == found.collapse_id), None)
        if before is not None and found.collapse_id:
            shown.remove(before)
            found = msgspec.structs.replace(found, times=before.times + 1)
        shown.appendleft(found)
        self.shown[found.token] = shown
        if len(self.shown) > MOST_PHONES:
            self.shown.popitem(last=False)

    def forget(self) -> None:
        self.shown.clear()
        self.accepted.clear()


def _of(message: Message) -> Received:
    said, data = message.notification, message.data or {}
    return Received(
        token=message.token or message.fid or f"/topics/{message.topic or message.condition}",
        collapse_id=_collapse_id(message),
        platform=next((p for p in ("android", "apns", "webpush") if getattr(message, p)), ""),
        title=(said and said.title) or "",
        body=(said and said.body) or "",
        link=data.get("link", ""),
        image=(said and said.image) or "",
        at=clock.now(),
    )


def _collapse_id(message: Message) -> str:
    if message.android is not None:
        return message.android.collapse_key or ""
    if message.apns is not None:
        return (message.apns.headers or {}).get("apns-collapse-id", "")
    notification: dict[str, Any] = (message.webpush and message.webpush.notification) or {}
    return str(notification.get("tag", ""))
