"""What is said about devices over HTTP."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import msgspec
from msgspec import Meta

from notifications.devices.service import Known, Registering
from notifications.devices.tables import Platform

# What Firebase gives out; anything else can't be one.
TOKEN = r"^[A-Za-z0-9_:.\-~%]+$"  # noqa: S105
LONGEST_LOCALE = 10
LOCALE = r"^$|^[A-Za-z]{2,3}([_-][A-Za-z0-9]{1,8})*(?!\n)$"

AppVersion = Annotated[
    str, Meta(max_length=40, description="The version of the app.", examples=["4.2.0"])
]
LocaleSaid = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=LOCALE,
        description="The language of the device, as its system calls it. Pushes are "
        "in the member's own language all the same: the `locale` of `/v1/me`.",
        examples=["fr-FR"],
    ),
]
LocaleKept = Annotated[
    str,
    Meta(
        max_length=10,
        description="The language of the device, with its script and region.",
        examples=["fr-FR"],
    ),
]


class DeviceWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The device that the app runs on."""

    token: Annotated[
        str,
        Meta(
            min_length=8,
            max_length=2048,
            pattern=TOKEN,
            description="What Firebase gave the app, to be reached by.",
            examples=["fKq3:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx"],
        ),
    ]
    platform: Platform
    app_version: AppVersion = ""
    locale: LocaleSaid = ""

    def registering(self) -> Registering:
        return Registering(
            token=self.token,
            platform=self.platform,
            app_version=self.app_version,
            locale=_shortened(self.locale),
        )


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """A device on which you can be reached."""

    id: UUID
    platform: Platform
    app_version: AppVersion
    locale: LocaleKept
    first_seen_at: datetime
    last_seen_at: datetime

    @classmethod
    def of(cls, known: Known) -> Self:
        return cls(**msgspec.structs.asdict(known))


class DevicesView(msgspec.Struct, frozen=True, kw_only=True):
    """All devices on which you can be reached, the last seen first: ten at most."""

    items: list[DeviceView]


def _shortened(said: str) -> str:
    """The beginning of what systems call a language: `fr_CH` and `fr-CH-u-mu-celsius` are one."""
    kept = ""
    for part in said.replace("_", "-").split("-"):
        longer = f"{kept}-{part}" if kept else part
        # After a single letter there is no region any more, but calendars and units.
        if len(part) == 1 or len(longer) > LONGEST_LOCALE:
            break
        kept = longer
    return kept
