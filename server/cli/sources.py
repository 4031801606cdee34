"""What somewhere that an import comes from may be called."""

import re
from typing import Final

import click

from community.keys.key import RESERVED

# It stands before every slug of an imported catalogue, and these have 80 characters.
SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def acceptable_source(name: str) -> str:
    """The name of a source, if it can be one."""
    if not SOURCE.fullmatch(name) or name in RESERVED:
        raise click.ClickException(
            f"{name!r} can't be the name of a source: small letters, digits and . _ - only, at "
            "most 40, a letter or digit first, and not `ambassade`. Name it with --source."
        )
    return name
