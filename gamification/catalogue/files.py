"""The catalogue as a file: out of what is in force, and into drafts."""

from gamification.catalogue.drafts import service as drafts
from gamification.catalogue.drafts.thing import Thing
from gamification.catalogue.reading import read_toml
from gamification.catalogue.service import latest_revision, publications
from gamification.catalogue.toml import as_toml
from ground.callers import Caller


async def exported() -> str:
    """What is in force, as TOML that can be loaded elsewhere."""
    return as_toml(await publications(await latest_revision()))


async def drafted(written: bytes, *, by: Caller) -> list[Thing]:
    """Save as drafts what a file says otherwise than what is published."""
    return await drafts.save_file(read_toml(written), by=by)
