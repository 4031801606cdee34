"""Where sockets are reached from outside."""

from typing import Final
from urllib.parse import urlsplit

from server.config import Settings

PATH: Final = "/live"
_SCHEMES: Final = {"https": "wss", "http": "ws"}


def socket_url(settings: Settings) -> str:
    """`LIVE_URL`, or `/live` where the API is: a proxy leads one path elsewhere."""
    if settings.live_url:
        return settings.live_url
    parts = urlsplit(settings.public_url)
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{PATH}"


def own_origin(settings: Settings) -> str:
    """The origin of our own pages."""
    parts = urlsplit(settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"
