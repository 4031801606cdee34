"""Seasons by themselves: their days, what is refused, what they are called."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gamification.boards.closing import seasons_to_close
from gamification.catalogue.changes import new_versions
from gamification.catalogue.checking import check
from gamification.catalogue.compiled import Catalogue
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.errors import CatalogueInvalid
from gamification.catalogue.history import compiled
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.prefixed import prefixed
from gamification.catalogue.reading import read_catalogue
from gamification.catalogue.validation import faults
from gamification.catalogue.words import badge_in_words, in_words
from gamification.ledger.stamps import stamped
from gamification.rules.flows import fingerprint
from gamification.seasons.season import Season, current_and_before
from ground import clock
from tests.gamification.drafts import badge, board, count, file

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PARIS, TOKYO = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Tokyo")
WORDS = {"fr": "Automne", "en": "Autumn"}
AUTUMN = Season("autumn", date(2026, 9, 1), date(2026, 11, 30))
POINTS = {"term": "points", "at_least": 5}


def season(slug="autumn", starts_on=date(2026, 9, 1), ends_on=date(2026, 11, 30)):
    return {
        "slug": slug,
        "name": WORDS,
        "description": WORDS,
        "starts_on": starts_on,
        "ends_on": ends_on,
    }


def published(written: CatalogueFile, *, retired: str = "") -> Catalogue:
    versions = new_versions(written, [], NOW, to_the_past=True)
    gone = [
        each._replace(version=2, retired=True, published_at=NOW)
        for each in versions
        if each.slug == retired
    ]
    return compiled(1, [*versions, *gone], {})


def refused(written: CatalogueFile, before: Catalogue) -> dict[str, str]:
    with clock.frozen(NOW):
        return {fault.pointer: fault.detail for fault in faults(written, before)}


@pytest.mark.parametrize(
    ("day", "is_in_it"),
    [
        pytest.param(date(2026, 8, 31), False, id="the day before isn't in it"),
        pytest.param(date(2026, 9, 1), True, id="its first day is"),
        pytest.param(date(2026, 11, 30), True, id="its last day is"),
        pytest.param(date(2026, 12, 1), False, id="the day after isn't"),
    ],
)
def test_a_season_has_both_its_ends(day, is_in_it):
    assert AUTUMN.has(day) is is_in_it


@pytest.mark.parametrize(
    ("at", "is_in_it"),
    [
        pytest.param(datetime(2026, 10, 24, 21, 59, tzinfo=UTC), False, id="still the 24th"),
        pytest.param(datetime(2026, 10, 24, 22, 0, tzinfo=UTC), True, id="the 25th begins at +2"),
        pytest.param(datetime(2026, 10, 25, 22, 59, tzinfo=UTC), True, id="its 25th hour"),
        pytest.param(datetime(2026, 10, 25, 23, 0, tzinfo=UTC), False, id="the 26th begins at +1"),
    ],
)
def test_the_day_that_clocks_go_back_is_25_hours_of_a_season(at, is_in_it):
    only_that_day = Season("long-day", date(2026, 10, 25), date(2026, 10, 25))

    assert only_that_day.has(stamped(at, TOKYO, PARIS).programme_day) is is_in_it


def test_a_season_can_be_a_leap_day():
    leap = Season("leap", date(2028, 2, 29), date(2028, 2, 29))
    noon = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)

    days = [noon + timedelta(days=n) for n in (-1, 0, 1)]

    assert [leap.has(stamped(at, PARIS, PARIS).programme_day) for at in days] == [
        False,
        True,
        False,
    ]


def test_between_two_seasons_the_one_that_ended_last_stays():
    summer = Season("summer", date(2026, 6, 1), date(2026, 8, 31))
    winter = Season("winter", date(2026, 12, 20), date(2027, 2, 28))
    known = [winter, AUTUMN, summer]

    assert current_and_before(known, date(2026, 5, 31)) == (None, None)
    assert current_and_before(known, date(2026, 6, 1)) == (summer, None)
    assert current_and_before(known, date(2026, 11, 30)) == (AUTUMN, summer)
    assert current_and_before(known, date(2026, 12, 10)) == (AUTUMN, summer)
    assert current_and_before(known, date(2026, 12, 20)) == (winter, AUTUMN)


def test_of_seasons_that_overlap_the_one_that_began_last_is_the_current_one():
    fortnight = Season("fortnight", date(2026, 11, 10), date(2026, 11, 23))

    assert current_and_before([AUTUMN, fortnight], date(2026, 11, 21)) == (fortnight, None)
    assert current_and_before([AUTUMN, fortnight], date(2026, 11, 25)) == (AUTUMN, fortnight)


def test_the_period_of_a_long_slug_has_a_mark_that_fits():
    long, longer = (
        Season("a-long-slug-for-a-season" + end, AUTUMN.starts_on, AUTUMN.ends_on)
        for end in ("", "-2")
    )

    assert AUTUMN.period == "season:autumn"
    assert len(long.period) == len(longer.period) == 20
    assert long.period != longer.period


def test_a_season_is_due_two_days_after_its_end_unless_it_was_before_the_programme():
    due = datetime(2026, 12, 2, 23, 0, tzinfo=UTC)
    before, after = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    gone = Season("gone", AUTUMN.starts_on, AUTUMN.ends_on, retired=True)

    assert list(seasons_to_close([AUTUMN], before, due, PARIS)) == ["season:autumn"]
    assert list(seasons_to_close([AUTUMN], before, due - timedelta(seconds=1), PARIS)) == []
    assert list(seasons_to_close([AUTUMN], after, due, PARIS)) == []
    assert list(seasons_to_close([gone], before, due, PARIS)) == []


@pytest.mark.parametrize(
    ("tables", "pointer", "says"),
    [
        pytest.param(
            {"season": [season(ends_on=date(2026, 8, 31))]},
            "/season/0/ends_on",
            "Before it starts",
            id="it ends before it starts",
        ),
        pytest.param(
            {"season": [season(ends_on=date(2027, 10, 6))]},
            "/season/0/ends_on",
            "More than 400 days",
            id="it is too long",
        ),
        pytest.param(
            {"season": [season(starts_on=date.min, ends_on=date(1, 2, 1))]},
            "/season/0/starts_on",
            "Not between 1970-01-01 and 2999-12-31",
            id="it is before all counting of days",
        ),
        pytest.param(
            {"season": [season(starts_on=date(9999, 12, 1), ends_on=date.max)]},
            "/season/0/ends_on",
            "Not between 1970-01-01 and 2999-12-31",
            id="nobody will see its end",
        ),
        pytest.param(
            {"season": [season(), season()]},
            "/season/1/slug",
            "There is another season 'autumn' in this file",
            id="it is there twice",
        ),
        pytest.param(
            {"badge": [badge(count(season="autum"))]},
            "/badge/0/criteria/season",
            "There is no season 'autum'",
            id="criteria name one that isn't there",
        ),
        pytest.param(
            {"badge": [badge({"term": "all", "of": [count(), POINTS | {"season": "x"}]})]},
            "/badge/0/criteria/of/1/season",
            "There is no season 'x'",
            id="so do points",
        ),
        pytest.param(
            {"board": [board(period="season", season="x")]},
            "/board/0/season",
            "There is no season 'x'",
            id="so does a board",
        ),
        pytest.param(
            {"season": [season()], "board": [board(period="month", season="autumn")]},
            "/board/0/season",
            'Only a board with `period = "season"` is about one',
            id="a board of months names one",
        ),
        pytest.param(
            {"badge": [badge({"term": "holds", "badge": "badge"}, earned="per_season")]},
            "/badge/0/earned",
            "Earned per season, and could be without doing anything in it",
            id="a badge of seasons asks for nothing in them",
        ),
        pytest.param(
            {
                "badge": [
                    badge(
                        {
                            "term": "all",
                            "of": [
                                count(),
                                {"term": "age", "of": "membership", "at_least_days": 9},
                            ],
                        },
                        earned="per_season",
                    )
                ]
            },
            "/badge/0/criteria/of/1",
            "Time may be up after the season: ask for a badge",
            id="a badge of seasons waits for time",
        ),
    ],
)
def test_what_doesnt_fit_is_refused_with_its_place(tables, pointer, says):
    assert refused(file(**tables), compiled(0, [], {}))[pointer] == says


def test_a_day_that_isnt_one_is_refused_when_it_is_read():
    with pytest.raises(CatalogueInvalid) as refusal:
        read_catalogue({"season": [season(starts_on="2026-02-30")]})

    [error] = refusal.value.errors
    assert error.pointer == "/season/0/starts_on"


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        pytest.param({"ends_on": date(2026, 12, 24)}, [], id="one that runs can go on"),
        pytest.param({"ends_on": date(2026, 11, 21)}, [], id="it can end today"),
        pytest.param({"ends_on": date(2026, 11, 20)}, ["ends_on"], id="not yesterday"),
        pytest.param({"starts_on": date(2026, 9, 2)}, ["starts_on"], id="nor begin otherwise"),
    ],
)
def test_days_that_have_begun_stay_in_their_season(changes, pointers):
    before = published(file(season=[season()]))

    wrong = refused(file(season=[season() | changes]), before)

    assert list(wrong) == [f"/season/0/{each}" for each in pointers]


def test_a_season_that_is_over_or_retired_doesnt_change():
    over = published(file(season=[season(ends_on=date(2026, 11, 20))]))
    retired = published(file(season=[season()]), retired="autumn")

    assert list(refused(file(season=[season()]), over)) == ["/season/0/ends_on"]
    assert refused(file(season=[season()]), retired) == {
        "/season/0/slug": "Retired: give the other season another slug"
    }
    assert refused(file(badge=[badge(count(season="autumn"))]), retired) == {
        "/badge/0/criteria/season": "There is no season 'autumn'"
    }


def test_one_that_is_to_come_can_move():
    spring = season("spring", date(2027, 3, 1), date(2027, 5, 31))
    before = published(file(season=[spring]))
    moved = spring | {"starts_on": date(2026, 11, 22), "ends_on": date(2027, 4, 1)}

    assert refused(file(season=[moved]), before) == {}


def test_retiring_a_season_ends_it():
    catalogue = published(file(season=[season()]), retired="autumn")

    assert catalogue.seasons["autumn"].days == Season(
        "autumn", date(2026, 9, 1), date(2026, 11, 21), retired=True
    )


def test_a_badge_of_seasons_has_a_rule_for_each_and_is_one_badge():
    catalogue = check(
        file(
            season=[season(), season("winter", date(2026, 12, 1), date(2027, 2, 28))],
            badge=[badge(count(at_least=3), earned="per_season")],
        )
    )

    assert [rule.season for rule in catalogue.rules] == ["autumn", "winter"]
    assert [rule.spans[0].criteria.season for rule in catalogue.rules] == ["autumn", "winter"]
    assert [shown.slug for shown in catalogue.badges] == ["badge"]
    rule = catalogue.rules_by_node["badge", "badge"]
    assert catalogue.rule_on(rule, date(2026, 12, 24)).season == "winter"
    assert catalogue.rule_on(rule, date(2026, 8, 1)) is None


def test_criteria_without_a_season_have_the_flow_they_always_had():
    [plain, named] = [
        read_catalogue({"badge": [badge(count(**more))]}).badge[0].criteria
        for more in ({}, {"season": "autumn"})
    ]

    assert fingerprint(plain) == '["post",{},null,false]'
    assert fingerprint(named) == '["post",{},null,false,"autumn"]'


def test_a_prefix_stands_before_seasons_and_all_that_name_them():
    written = prefixed(
        file(
            season=[season()],
            badge=[badge({"term": "all", "of": [count(season="autumn"), POINTS]})],
            board=[board(period="season", season="autumn")],
        ),
        "shop",
    )

    assert written.season[0].slug == "shop:autumn"
    assert [term.season for term in written.badge[0].criteria.of] == ["shop:autumn", None]
    assert written.board[0].season == "shop:autumn"


@pytest.mark.parametrize(
    ("language", "named", "each"),
    [
        (
            "en",
            "3 A name in the season “Autumn” and 5 points in the season “Autumn”",
            "3 A name, within one season",
        ),
        (
            "fr",
            "3 Un nom pendant la saison «\u00a0Automne\u00a0»"
            " et 5 points pendant la saison «\u00a0Automne\u00a0»",
            "3 Un nom, au cours d’une même saison",
        ),
    ],
)
def test_seasons_are_said_in_words(language, named, each):
    both = {"term": "all", "of": [count(at_least=3), POINTS]}
    of_autumn = {
        "term": "all",
        "of": [part | {"season": "autumn"} for part in both["of"]],
    }
    catalogue = check(
        file(
            season=[season()],
            badge=[badge(of_autumn), badge(count(at_least=3), "each", earned="per_season")],
        )
    )
    names = NamesInCatalogue(catalogue, language)
    one, other = catalogue.badges

    assert in_words(one.criteria, names) == named
    assert badge_in_words(other, names) == each
