"""Criteria as people say them, in French and in English. Pure."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol

from babel.numbers import format_decimal

from gamification.catalogue.definitions import BadgeDefinition
from gamification.catalogue.phrases import ENGLISH, FRENCH, Phrases
from gamification.rules.criteria import (
    Age,
    All,
    AnyOf,
    AtLeast,
    ByHand,
    Count,
    Criteria,
    Distinct,
    First,
    Holds,
    Measured,
    NoneOf,
    Points,
    Scalar,
    StreakOf,
    Sum,
)

DAYS_A_YEAR = 365


class Names(Protocol):
    """What kinds, badges and tiers are called in a language."""

    @property
    def language(self) -> str: ...

    def kind(self, slug: str, *, several: bool) -> str: ...

    def badge(self, slug: str) -> str | None:
        """The name; nothing for a secret one."""

    def tier(self, slug: str) -> str: ...

    def season(self, slug: str) -> str: ...


def in_words(criteria: Criteria, names: Names) -> str:
    """The criteria as a part of a sentence: "25 answers and the badge “Host”"."""
    say = _Speaker(names, ENGLISH if names.language.startswith("en") else FRENCH)
    return say.criteria(criteria)


def badge_in_words(badge: BadgeDefinition, names: Names) -> str:
    """What a badge asks for, also where it is asked for in each season."""
    text = in_words(badge.criteria, names)
    if badge.earned != "per_season":
        return text
    phrases = ENGLISH if names.language.startswith("en") else FRENCH
    return phrases.in_one_season.format(text=text)


class _Speaker(NamedTuple):
    names: Names
    phrases: Phrases

    def criteria(self, criteria: Criteria) -> str:  # noqa: C901, PLR0911 - one case a term
        match criteria:
            case Count() | Sum() | Distinct():
                return self._measured(criteria) + self._limits(criteria)
            case Points(at_least=n, season=season):
                return self._counted(n, self.phrases.point) + self._season(season)
            case First():
                return self._first(criteria)
            case Age():
                return self._age(criteria)
            case StreakOf(unit=unit, at_least=n):
                return self._counted(n, self.phrases.in_a_row[unit])
            case Holds():
                return self._holds(criteria)
            case ByHand():
                return self.phrases.by_hand
            case All() | AnyOf() | NoneOf() | AtLeast():
                return self._combined(criteria)

    def _measured(self, term: Measured) -> str:
        kinds = self.names.kind(term.kind, several=True)
        match term:
            case Count(kind=kind, at_least=n):
                return f"{self._number(n)} {self.names.kind(kind, several=self._several(n))}"
            case Sum(at_least=n):
                return self.phrases.total.format(n=self._number(n), kinds=kinds)
            case Distinct(of=of, at_least=n):
                known = self.phrases.different.get(of)
                if known is not None:
                    return f"{kinds} {self._counted(n, known)}"
                unknown = self._counted(n, self.phrases.different_values)
                return f"{kinds} {unknown.format(field=_plain(of))}"

    def _season(self, slug: str | None) -> str:
        if slug is None:
            return ""
        return self.phrases.in_season.format(name=self.names.season(slug))

    def _limits(self, term: Measured) -> str:
        text = "".join(
            self.phrases.where.format(
                field=_plain(name),
                value=self._joined(
                    map(self._value, wanted if isinstance(wanted, list) else [wanted]),
                    self.phrases.either,
                ),
            )
            for name, wanted in sorted(term.where.items())
        )
        if term.per_subject:
            text += self.phrases.on_one_subject
        if term.within_days is not None:
            text += self._counted(term.within_days, self.phrases.within)
        return text + self._season(term.season)

    def _first(self, term: First) -> str:
        if term.that is None:
            kind = self.names.kind(term.kind, several=False)
            return self.phrases.first.format(kind=kind)
        kinds = self.names.kind(term.kind, several=True)
        return self.phrases.first_that.format(kinds=kinds, that=self.criteria(term.that))

    def _age(self, term: Age) -> str:
        years, rest = divmod(term.at_least_days, DAYS_A_YEAR)
        if years and not rest:
            span = self._counted(years, self.phrases.year)
        else:
            span = self._counted(term.at_least_days, self.phrases.day)
        if term.of == "membership":
            return self.phrases.member_for.format(span=span)
        pattern = self.phrases.after_parent if term.since else self.phrases.subject_aged
        return pattern.format(span=span)

    def _holds(self, term: Holds) -> str:
        if term.badge is not None:
            name = self.names.badge(term.badge)
            return self.phrases.badge.format(name=name) if name else self.phrases.hidden_badge
        return self.phrases.tier.format(name=self.names.tier(term.tier or ""))

    def _combined(self, criteria: All | AnyOf | NoneOf | AtLeast) -> str:
        parts = [self._part(part) for part in criteria.of]
        match criteria:
            case All():
                return self._joined(parts, self.phrases.both)
            case AnyOf():
                return self._joined(parts, self.phrases.either)
            case NoneOf():
                return self.phrases.without + self._joined(parts, self.phrases.neither)
            case AtLeast(n=n):
                return self.phrases.some_of.format(
                    n=self._number(n), parts=self.phrases.semicolon.join(parts)
                )

    def _part(self, part: Criteria) -> str:
        text = self.criteria(part)
        return f"({text})" if isinstance(part, All | AnyOf | AtLeast) else text

    def _joined(self, parts: Iterable[str], last: str) -> str:
        *others, final = parts
        return f"{', '.join(others)}{last}{final}" if others else final

    def _value(self, value: Scalar) -> str:
        if isinstance(value, bool):
            return self.phrases.yes if value else self.phrases.no
        return self._number(value) if isinstance(value, int) else value

    def _counted(self, n: int, forms: tuple[str, str]) -> str:
        return forms[self._several(n)].replace("{n}", self._number(n))

    def _number(self, n: int) -> str:
        return number_in(self.phrases.locale, n)

    def _several(self, n: int) -> bool:
        return abs(n) >= self.phrases.several_from


@lru_cache(maxsize=2_048)
def number_in(locale: str, n: int) -> str:
    """A number as it is written there. Goals are few, and each standing says some of them."""
    return format_decimal(n, locale=locale)


def _plain(field: str) -> str:
    return field.replace("_", " ")
