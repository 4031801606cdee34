"""Looking at a catalogue by itself, without a database. Pure."""

from datetime import UTC, datetime

from gamification.catalogue.changes import new_versions
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.errors import CatalogueInvalid
from gamification.catalogue.history import compiled
from gamification.catalogue.validation import faults

NOTHING = compiled(0, [], {})


def check(file: CatalogueFile) -> Catalogue:
    """The catalogue that the file alone would make, without numbers of flows.

    Raises `CatalogueInvalid` with all that doesn't fit together, or `CriteriaCycle`.
    """
    refuse_faults(file, NOTHING)
    versions = new_versions(file, [], datetime.min.replace(tzinfo=UTC), to_the_past=True)
    catalogue = compiled(0, versions, {})
    # Sorting into layers refuses circles.
    _ = catalogue.layers
    return catalogue


def refuse_faults(file: CatalogueFile, before: Catalogue) -> None:
    """Raise `CatalogueInvalid` if anything speaks against publishing the file over `before`."""
    wrong = faults(file, before)
    if wrong:
        raise CatalogueInvalid.with_faults(wrong)
