"""Which time zones there are: the same on every machine, since a package brings the list."""

from functools import cache
from importlib.resources import files

# It stands in the database for "not set".
NOT_A_PLACE = "Factory"


@cache
def known_zones() -> frozenset[str]:
    """The names of the IANA database."""
    names = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return frozenset(names) - {NOT_A_PLACE}
