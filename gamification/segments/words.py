"""Criteria over members as people say them, in French and in English. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.phrases import Forms
from gamification.catalogue.words import number_in
from gamification.segments.criteria import (
    Active,
    Belongs,
    Did,
    HasBadge,
    InAll,
    InAny,
    InNone,
    InTier,
    SegmentCriteria,
    Silent,
    Speaks,
    Tenure,
)
from gamification.segments.phrases import ENGLISH, FRENCH, SegmentPhrases


def members_in_words(criteria: SegmentCriteria, names: NamesInCatalogue) -> str:
    """Whom the criteria are of: "customers and active in the last 30 days"."""
    say = _Speaker(names, ENGLISH if names.language == "en" else FRENCH)
    return say.criteria(criteria)


class _Speaker(NamedTuple):
    names: NamesInCatalogue
    phrases: SegmentPhrases

    def criteria(self, criteria: SegmentCriteria) -> str:
        match criteria:
            case InAll(of=of):
                return self._joined(map(self._part, of), self.phrases.both)
            case InAny(of=of):
                return self._joined(map(self._part, of), self.phrases.either)
            case InNone(of=of):
                parts = self._joined(map(self._part, of), self.phrases.either)
                return self.phrases.without.format(parts=parts)
            case InTier() | HasBadge():
                return self._holds(criteria)
            case Active() | Silent() | Did():
                return self._acts(criteria)
            case Tenure() | Speaks() | Belongs():
                return self._is(criteria)

    def _part(self, part: SegmentCriteria) -> str:
        text = self.criteria(part)
        return f"({text})" if isinstance(part, InAll | InAny | InNone) else text

    def _holds(self, term: InTier | HasBadge) -> str:
        match term:
            case HasBadge(one_of=badges):
                # Staff reads this: a secret badge goes by its slug.
                names = self._quoted(self.names.badge(slug) or slug for slug in badges)
                return self.phrases.with_badge[len(badges) > 1].format(names=names)
            case InTier(at_least=str() as tier):
                return self.phrases.or_above.format(names=self._quoted([self.names.tier(tier)]))
            case InTier(one_of=tiers):
                names = self._quoted(self.names.tier(slug) for slug in tiers or [])
                return self.phrases.in_tier.format(names=names)

    def _acts(self, term: Active | Silent | Did) -> str:
        match term:
            case Active(within_days=days):
                return self._counted(days, self.phrases.active)
            case Silent(for_days=days):
                return self._counted(days, self.phrases.silent)
            case Did(kind=kind, at_least=n, within_days=days):
                return self.phrases.did.format(
                    n=self._number(n),
                    kind=self.names.kind(kind, several=n > 1),
                    within=self._counted(days, self.phrases.within),
                )

    def _is(self, term: Tenure | Speaks | Belongs) -> str:
        match term:
            case Tenure():
                return self._tenure(term)
            case Speaks(one_of=languages):
                names = [self.phrases.languages[each] for each in languages]
                return self.phrases.reads.format(names=self._joined(names, self.phrases.either))
            case Belongs(one_of=populations):
                names = [self.phrases.populations[each] for each in populations]
                return self._joined(names, self.phrases.either)

    def _tenure(self, term: Tenure) -> str:
        least, most = term.at_least_days, term.at_most_days
        days = self._counted(most or least or 0, self.phrases.days)
        if least is None:
            return self.phrases.tenure_to.format(days=days)
        if most is None:
            return self.phrases.tenure_from.format(days=days)
        return self.phrases.tenure_between.format(first=self._number(least), days=days)

    def _quoted(self, names: Iterable[str]) -> str:
        quoted = (self.phrases.quoted.format(name=name) for name in names)
        return self._joined(quoted, self.phrases.either)

    def _joined(self, parts: Iterable[str], last: str) -> str:
        *others, final = parts
        return f"{', '.join(others)}{last}{final}" if others else final

    def _counted(self, n: int, forms: Forms) -> str:
        return forms[n > 1].format(n=self._number(n))

    def _number(self, n: int) -> str:
        return number_in(self.phrases.locale, n)
