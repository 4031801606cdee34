"""What becomes of a notification whose time has come: decided when it is sent. Pure."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from notifications.attention.budget import Ceiling, asks_of, free_after_noes, free_from
from notifications.attention.quiet import decent_from
from notifications.wording.category import Category, Channel, Kind, Patience


class Why(StrEnum):
    """Why something came, came later, or didn't."""

    SENT = "sent"
    EXPIRED = "expired"
    GONE = "gone"
    SEEN = "seen"
    SWITCHED_OFF = "switched_off"
    PAUSED = "paused"
    QUIET = "quiet"
    RESTING = "resting"
    SAID_NO = "said_no"
    NO_ASKING = "no_asking"
    BUDGET = "budget"
    ALIKE = "alike"
    NO_DEVICE = "no_device"
    GIVEN_UP = "given_up"
    STOPPED = "stopped"


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How a member wants to be spoken to."""

    zone: ZoneInfo
    quiet: tuple[int, int] = (21 * 60, 8 * 60)
    quiet_days: frozenset[int] = frozenset()
    paused_until: datetime | None = None
    asks: int | None = None
    choices: dict[str, dict[str, bool]] = {}
    lock_screen: bool = False

    def want(self, category: Category, channel: Channel) -> bool:
        """Whether they want this category through this channel."""
        if channel not in category.channels:
            return False
        if not category.may_be_switched(channel):
            return True
        return self.choices.get(category.slug, {}).get(channel.value, True)

    def channels_of(self, category: Category) -> frozenset[Channel]:
        """The channels through which they want it."""
        if category.slug not in self.choices:
            return category.channels
        return frozenset(each for each in category.channels if self.want(category, each))


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """What a member was asked already, and what they said to it."""

    ceiling: Ceiling = Ceiling()
    spent: Sequence[datetime] = ()
    # This very asking was counted before a crash: it costs nothing again.
    counted: bool = False
    noes: int = 0
    last_no_at: datetime | None = None
    rest_until: datetime | None = None


class Send(msgspec.Struct, frozen=True):
    """It leaves now, through these channels."""

    channels: frozenset[Channel]


class Defer(msgspec.Struct, frozen=True):
    """Look again then."""

    until: datetime
    why: Why


class Digest(msgspec.Struct, frozen=True):
    """Nothing is pushed any more; it stays in the inbox and comes with the digest."""

    why: Why


class Drop(msgspec.Struct, frozen=True):
    """It never reaches the member. Only what asks for something can be dropped."""

    why: Why


Plan = Send | Defer | Digest | Drop


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A notification whose time has come, and how long it is worth it."""

    category: Category
    expires_at: datetime
    # The member read it in the app meanwhile.
    is_read: bool = False


def decide(due: Due, wishes: Wishes | None, attention: Attention, now: datetime) -> Plan:
    """Whether it leaves now, through what, or why not."""
    if wishes is None:
        return Drop(Why.GONE)
    channels = wishes.channels_of(due.category)
    not_at_all = _not_at_all(due, channels, now)
    if not_at_all is not None:
        return _never(due.category, not_at_all)
    wait = _wait(due.category, wishes, attention, now)
    if wait is None:
        return Send(channels)
    until, why = wait
    if until is None or until >= due.expires_at:
        return _never(due.category, why)
    return Defer(until, why)


def _never(category: Category, why: Why) -> Digest | Drop:
    """What asks nothing is in the inbox already, and stays there."""
    return Drop(why) if category.asks else Digest(why)


def _not_at_all(due: Due, channels: frozenset[Channel], now: datetime) -> Why | None:
    """What no waiting would change."""
    if due.is_read:
        return Why.SEEN
    doors = {Channel.INBOX, Channel.PUSH} if due.category.asks else {Channel.PUSH}
    if not doors & channels:
        return Why.SWITCHED_OFF
    return Why.EXPIRED if due.expires_at <= now else None


def _wait(
    category: Category, wishes: Wishes, attention: Attention, now: datetime
) -> tuple[datetime | None, Why] | None:
    """Until when to wait, or for ever; nothing if there is nothing to wait for."""
    if category.kind is Kind.SERVICE and category.patience is Patience.NOW:
        return None
    if wishes.paused_until and wishes.paused_until > now and category.kind is not Kind.SERVICE:
        return wishes.paused_until, Why.PAUSED
    if category.asks:
        waiting = _wait_to_ask(wishes, attention, now)
        if waiting is not None:
            return waiting
    decent = decent_from(now, wishes.zone, wishes.quiet, wishes.quiet_days)
    return None if decent == now else (decent, Why.QUIET)


def _wait_to_ask(
    wishes: Wishes, attention: Attention, now: datetime
) -> tuple[datetime | None, Why] | None:
    if attention.rest_until is not None and attention.rest_until > now:
        return attention.rest_until, Why.RESTING
    after_noes = free_after_noes(attention.noes, attention.last_no_at, now)
    if after_noes > now:
        return after_noes, Why.SAID_NO
    if attention.counted:
        return None
    asks = asks_of(attention.ceiling, wishes.asks)
    free = free_from(attention.spent, asks, attention.ceiling.window, now)
    if free is None:
        return None, Why.NO_ASKING
    return None if free <= now else (free, Why.BUDGET)
