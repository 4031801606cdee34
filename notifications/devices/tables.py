"""The phones and browsers that members can be reached on."""

from enum import StrEnum

from piccolo.columns import UUID, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class Platform(StrEnum):
    """What an app runs on."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class Device(Table, tablename="device"):
    """One installation of the app. Its token belongs to whoever signed in on it last."""

    # Made by the app when it is installed.
    id = UUID(primary_key=True, default=None, null=False)
    member_id = UUID(default=None, null=False, index=True)
    # How Firebase calls the installation.
    token = Varchar(length=2048, unique=True)
    platform = Varchar(length=10)
    app_version = Varchar(length=40, default="")
    locale = Varchar(length=10, default="")
    first_seen_at = Timestamptz(default=None, null=False)
    last_seen_at = Timestamptz(default=None, null=False, index=True)
    # When Firebase said that the token is another project's. Nothing is sent until it is renewed.
    set_aside_at = Timestamptz(null=True, default=None)

    device_platform_is_known = Check("platform IN ('android', 'ios', 'web')")
    a_device_has_a_token = Check("token <> ''")
