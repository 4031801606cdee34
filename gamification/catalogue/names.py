"""What the things of a catalogue are called, for sentences about them."""

from typing import NamedTuple

from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import BadgeDefinition
from gamification.catalogue.phrases import ENGLISH, FRENCH
from gamification.rules.criteria import ANY_KIND


class NamesInCatalogue(NamedTuple):
    """The names of a catalogue in a language."""

    catalogue: Catalogue
    language: str

    def kind(self, slug: str, *, several: bool) -> str:
        """A kind of activity, one or several."""
        if slug == ANY_KIND:
            return (ENGLISH if self.language == "en" else FRENCH).activity[several]
        found = self.catalogue.kinds.get(slug)
        if found is None:
            return slug
        kind = found.definition
        return (kind.plural or kind.name if several else kind.name).in_locale(self.language)

    def badge(self, slug: str) -> str | None:
        """A badge's name, unless it is a secret one."""
        rule = self.catalogue.rules_by_node.get(("badge", slug))
        if rule is None:
            return slug
        if isinstance(rule.definition, BadgeDefinition) and rule.definition.secret:
            return None
        return rule.definition.name.in_locale(self.language)

    def season(self, slug: str) -> str:
        """A season's name."""
        found = self.catalogue.seasons.get(slug)
        return slug if found is None else found.definition.name.in_locale(self.language)

    def tier(self, slug: str) -> str:
        """A tier's name."""
        rule = self.catalogue.rules_by_node.get(("tier", slug))
        return slug if rule is None else rule.definition.name.in_locale(self.language)
