"""What is said of a member's wishes over HTTP."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import asyncpg
import msgspec
from msgspec import UNSET, Meta, UnsetType

from ground.languages import Language
from notifications.attention.budget import Ceiling, asks_of
from notifications.wording.category import Category, Channel, Kind
from notifications.wording.registry import CATEGORIES
from notifications.wording.rendering import translated

Minute = Annotated[
    str,
    Meta(
        min_length=5,
        max_length=5,
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$",
        description="A time of the member's day.",
        examples=["21:00"],
    ),
]
CategorySlug = Annotated[
    str, Meta(max_length=60, description="A kind of message.", examples=["badge.earned"])
]
Often = Literal["daily", "weekly", "monthly", "never"]
Asks = Annotated[int, Meta(ge=0, le=20)]


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        return list(Weekday).index(self)


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when until when nothing is pushed, over midnight if need be."""

    since: Minute
    until: Minute

    @property
    def minutes(self) -> tuple[int, int]:
        hours = (each.split(":") for each in (self.since, self.until))
        since, until = (int(hour) * 60 + int(minute) for hour, minute in hours)
        return since, until

    @classmethod
    def of(cls, since: int, until: int) -> "QuietHours | None":
        if since == until:
            return None
        return cls(since=_clock(since), until=_clock(until))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


class WishesChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change. What isn't given stays.

    `quiet_hours: null` means that no hour is quiet, `asks: null` that the programme's number
    is fine, `paused_until: null` that the pause is over.
    """

    quiet_hours: QuietHours | UnsetType | None = UNSET
    quiet_days: Annotated[list[Weekday], Meta(max_length=7)] | UnsetType = UNSET
    asks: Asks | UnsetType | None = UNSET
    paused_until: Annotated[datetime, Meta(tz=True)] | UnsetType | None = UNSET
    lock_screen: bool | UnsetType = UNSET
    digest: Often | UnsetType = UNSET
    categories: (
        Annotated[dict[CategorySlug, dict[Channel, bool]], Meta(max_length=100)] | UnsetType
    ) = UNSET


class CategoryWishes(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of message, and through what it reaches you. `switchable` is what you decide about."""

    category: CategorySlug
    label: Annotated[str, Meta(max_length=200, examples=["Badges that you earn"])]
    kind: Kind
    channels: dict[Channel, bool]
    switchable: list[Channel]

    @classmethod
    def of(
        cls, category: Category, chosen: dict[str, bool], language: Language
    ) -> "CategoryWishes":
        there = [each for each in Channel if each in category.channels]
        switchable = [each for each in there if category.may_be_switched(each)]
        return cls(
            category=category.slug,
            label=translated(category.label, language),
            kind=category.kind,
            channels={
                each: chosen.get(each.value, True) if each in switchable else True for each in there
            },
            switchable=switchable,
        )


class WishesView(msgspec.Struct, frozen=True, kw_only=True):
    """How you wish to be spoken to.

    You are asked for something at most `asks` times in `asks_days` days, through whatever channel;
    `asks_at_most` is the programme's own limit. `locale` and `time_zone` are changed with your
    profile.
    """

    locale: Language
    time_zone: Annotated[str, Meta(max_length=64, examples=["Europe/Paris"])]
    quiet_hours: QuietHours | None
    quiet_days: list[Weekday]
    asks: int
    asks_at_most: int
    asks_days: int
    paused_until: datetime | None
    lock_screen: bool
    digest: Often
    categories: list[CategoryWishes]

    @classmethod
    def of(cls, row: asyncpg.Record, language: Language) -> "WishesView":
        choices = msgspec.json.decode(row["choices"], type=dict[str, dict[str, bool]])
        ceiling = Ceiling(row["ceiling_asks"], row["ceiling_days"])
        return cls(
            locale=Language(row["locale"]),
            time_zone=row["time_zone"],
            quiet_hours=QuietHours.of(row["quiet_from"], row["quiet_until"]),
            quiet_days=[list(Weekday)[number] for number in row["quiet_days"]],
            asks=asks_of(ceiling, row["asks"]),
            asks_at_most=ceiling.asks,
            asks_days=ceiling.days,
            paused_until=row["paused_until"],
            lock_screen=row["lock_screen"],
            digest=row["digest"],
            categories=[
                CategoryWishes.of(each, choices.get(each.slug, {}), language)
                for each in CATEGORIES.values()
                if each.listed
            ],
        )
