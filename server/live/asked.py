"""A question about a right."""

from typing import NamedTuple

from server.live.reader import Reader


class Asked(NamedTuple):
    """Somebody who wants to hear a channel, by what stands after the colon of its name."""

    reader: Reader
    name: str
