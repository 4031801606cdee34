"""What can't be in a campaign, and where. Pure."""

from collections.abc import Collection, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from ground.errors import FieldError
from ground.languages import Language
from notifications.campaigns.asking import asks
from notifications.campaigns.definition import Campaign, Steps


def faults(campaign: Campaign, image_hosts: Collection[str]) -> list[FieldError]:
    """Everything that is wrong with it, but for words that press."""
    return [FieldError(pointer, why) for pointer, why in _faults(campaign, image_hosts)]


def texts(campaign: Campaign) -> dict[str, tuple[str, Language]]:
    """All that it says to members, by the pointer to each."""
    return {
        f"/{part}/{language.value}": (getattr(campaign, part).in_language(language), language)
        for part in ("title", "body")
        for language in Language
    }


def _faults(campaign: Campaign, image_hosts: Collection[str]) -> Iterator[tuple[str, str]]:
    for pointer, (text, language) in texts(campaign).items():
        if pointer.startswith("/title") and not text.strip():
            yield pointer, "says nothing"
        words = None if campaign.asks else asks(text, language)
        if words is not None:
            yield pointer, f"“{words}” asks for something: make it a solicitation"
    if campaign.image_url is not None:
        why = _wrong_with(campaign.image_url, image_hosts)
        if why:
            yield "/image_url", why
    if isinstance(campaign.ramp, Steps):
        percents = campaign.ramp.percents
        if any(later <= earlier for earlier, later in pairwise(percents)):
            yield "/ramp/percents", "don't rise"


def _wrong_with(url: str, image_hosts: Collection[str]) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no address"
    if parts.scheme != "https" or not url.isprintable() or not url.isascii() or " " in url:
        return "begins with https:// and has no blanks"
    if parts.username is not None or parts.password is not None or port is not None:
        return "names a host and nothing more before its path"
    if (parts.hostname or "") not in image_hosts:
        return "is on none of the hosts that images may come from"
    return ""
