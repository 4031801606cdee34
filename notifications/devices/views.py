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
LOCALE = r"^$|^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

AppVersion = Annotated[
    str, Meta(max_length=40, description="The version of the app.", examples=["4.2.0"])
]
Locale = Annotated[
    str,
    Meta(
        max_length=10,
        pattern=LOCALE,
        description="What the device itself speaks.",
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
    locale: Locale = ""

    def registering(self) -> Registering:
        return Registering(
            token=self.token,
            platform=self.platform,
            app_version=self.app_version,
            locale=self.locale,
        )


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """A device on which you can be reached."""

    id: UUID
    platform: Platform
    app_version: AppVersion
    locale: Locale
    first_seen_at: datetime
    last_seen_at: datetime

    @classmethod
    def of(cls, known: Known) -> Self:
        return cls(**msgspec.structs.asdict(known))


class DevicesView(msgspec.Struct, frozen=True, kw_only=True):
    """All devices on which you can be reached, the last seen first: ten at most."""

    items: list[DeviceView]
