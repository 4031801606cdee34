"""Something in the catalogue as managers see it: what is published of it, and its draft. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from gamification.catalogue.definitions import Definition, What
from gamification.catalogue.history import Version
from ground.preconditions import PreconditionFailed, PreconditionMissing


class Drafted(NamedTuple):
    """A draft. Without a definition, that of a retirement."""

    what: What
    slug: str
    revision: int
    definition: Definition | None
    based_on: int
    edited_by: str
    edited_at: datetime


class Thing(NamedTuple):
    """A kind, badge or another thing: its latest version, and its draft."""

    what: What
    slug: str
    version: Version | None
    draft: Drafted | None

    @property
    def number(self) -> int:
        """The number of its latest version; 0 before the first."""
        return self.version.version if self.version else 0

    @property
    def etag(self) -> str:
        """Another one after each publication and each save."""
        return f'"{self.number}-{self.draft.revision if self.draft else 0}"'

    @property
    def outdated(self) -> bool:
        """Whether another version was published since the draft was saved."""
        return self.draft is not None and self.draft.based_on != self.number

    @property
    def exists(self) -> bool:
        return self.version is not None or self.draft is not None

    def require(self, if_match: str | None, if_none_match: str | None) -> None:
        """Raise unless the caller has seen it as it is."""
        if if_match is None and if_none_match is None:
            raise PreconditionMissing
        if if_none_match is not None and (if_none_match.strip() != "*" or self.exists):
            raise PreconditionFailed
        if if_match is None:
            return
        given = {each.strip() for each in if_match.split(",")}
        if not self.exists or not given & {"*", self.etag}:
            raise PreconditionFailed


def latest_of(what: What, versions: Iterable[Version]) -> Mapping[str, Version]:
    """The latest version of each thing, by slug."""
    ordered = sorted(versions, key=lambda version: version.version)
    return {each.slug: each for each in ordered if each.what == what}
