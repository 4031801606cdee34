from datetime import date, timedelta

import msgspec
import pytest

from gamification.catalogue.errors import CatalogueInvalid
from gamification.catalogue.names import NamesInCatalogue
from gamification.catalogue.prefixed import prefixed
from gamification.catalogue.publishing import publish, retire
from gamification.catalogue.reading import read_catalogue
from gamification.catalogue.service import current
from gamification.credit import credit, reverse
from gamification.ledger.activity import Activity
from gamification.players.tables import Population
from gamification.segments import service
from gamification.segments.criteria import SegmentCriteria
from gamification.segments.errors import SegmentNotFound
from gamification.segments.service import Place
from gamification.segments.words import members_in_words
from ground import clock
from ground.languages import Language
from tests.gamification.boards import NOON, somebody
from tests.gamification.segments import (
    CATALOGUE,
    OPERATOR,
    criteria,
    has_badge,
    in_tier,
    joined,
    last_active,
    speaks,
)


@pytest.fixture
async def programme(database):
    with clock.frozen(NOON):
        await publish(CATALOGUE, to_the_past=True)
        yield


async def who(*terms):
    """The members whom criteria are of."""
    catalogue = await current()
    wanted = criteria(*terms)
    service.refuse_faults(wanted, catalogue, "/of")
    places = await service.page(wanted, catalogue, before=None, limit=100)
    assert (await service.count(wanted, catalogue)).members == len(places)
    return {place.member_id for place in places}


async def did(who, key, *, days_ago=0, kind="post"):
    """Let somebody do something."""
    return await credit(
        Activity(
            member_id=who.id,
            kind=kind,
            source="s",
            key=key,
            occurred_at=clock.now() - timedelta(days=days_ago),
        )
    )


async def test_a_tier_is_the_one_that_a_member_is_in_now(programme):
    anna, bilal, chloe, dora = [await somebody() for _ in range(4)]
    await in_tier(anna, "seed")
    await in_tier(bilal, "seed", "tree")
    await in_tier(chloe, "tree", lapses_at=NOON - timedelta(minutes=1))

    assert await who({"term": "tier", "one_of": ["seed"]}) == {anna.id}
    assert await who({"term": "tier", "one_of": ["seed", "tree"]}) == {anna.id, bilal.id}
    assert await who({"term": "tier", "at_least": "seed"}) == {anna.id, bilal.id}
    assert await who({"term": "tier", "at_least": "tree"}) == {bilal.id}
    nobody = {"term": "none", "of": [{"term": "tier", "at_least": "seed"}]}
    assert await who(nobody) == {chloe.id, dora.id}


async def test_grace_that_runs_is_still_the_tier(programme):
    anna = await somebody()
    await in_tier(anna, "tree", lapses_at=NOON + timedelta(minutes=1))
    assert await who({"term": "tier", "at_least": "tree"}) == {anna.id}


async def test_a_badge_that_was_taken_back_is_none(programme):
    anna, bilal = await somebody(), await somebody()
    await has_badge(anna, "host")
    await has_badge(bilal, "host", taken_back_at=NOON)
    assert await who({"term": "badge", "one_of": ["host"]}) == {anna.id}


@pytest.mark.parametrize(
    ("day", "active", "silent"),
    [
        pytest.param(date(2026, 11, 21), True, False, id="active today"),
        pytest.param(date(2026, 11, 15), True, False, id="active six days ago"),
        pytest.param(date(2026, 11, 14), False, True, id="silent for seven days"),
        pytest.param(None, False, True, id="never active, and here for long"),
    ],
)
async def test_active_and_silent(programme, day, active, silent):
    anna = await somebody()
    await joined(anna, 100)
    if day is not None:
        await last_active(anna, day)
    assert (await who({"term": "active", "within_days": 7}) == {anna.id}) is active
    assert (await who({"term": "silent", "for_days": 7}) == {anna.id}) is silent


async def test_who_just_joined_is_not_silent_yet(programme):
    anna = await somebody()
    await joined(anna, 6)
    assert await who({"term": "silent", "for_days": 7}) == set()
    await joined(anna, 7)
    assert await who({"term": "silent", "for_days": 7}) == {anna.id}


async def test_activities_count_within_the_days_that_are_asked_for(programme):
    anna, bilal = await somebody(), await somebody()
    await did(anna, "1")
    await did(anna, "2", days_ago=6)
    await did(bilal, "3")
    await did(bilal, "4", days_ago=7)
    assert await who({"term": "count", "at_least": 2, "within_days": 7}) == {anna.id}
    two_in_eight = {"term": "count", "kind": "post", "at_least": 2, "within_days": 8}
    assert await who(two_in_eight) == {anna.id, bilal.id}


async def test_what_is_only_received_counts_when_it_is_named(programme):
    anna = await somebody()
    await did(anna, "1", kind="thanks")
    assert await who({"term": "count", "at_least": 1, "within_days": 7}) == set()
    thanked = {"term": "count", "kind": "thanks", "at_least": 1, "within_days": 7}
    assert await who(thanked) == {anna.id}


async def test_what_was_reversed_never_happened(programme):
    anna = await somebody()
    credited = await did(anna, "1")
    await did(anna, "2")
    await reverse([credited.entry_id], reason="a mistake")
    assert await who({"term": "count", "at_least": 1, "within_days": 7}) == {anna.id}
    assert await who({"term": "count", "at_least": 2, "within_days": 7}) == set()


async def test_what_comes_in_late_belongs_to_its_own_day(programme):
    anna = await somebody()
    await did(anna, "1", days_ago=30)
    assert await who({"term": "count", "at_least": 1, "within_days": 29}) == set()
    assert await who({"term": "count", "at_least": 1, "within_days": 31}) == {anna.id}


@pytest.mark.parametrize(
    ("term", "fits"),
    [
        pytest.param({"at_least_days": 30}, True, id="thirty days at least"),
        pytest.param({"at_least_days": 31}, False, id="not thirty-one"),
        pytest.param({"at_most_days": 30}, True, id="thirty days at most"),
        pytest.param({"at_most_days": 29}, False, id="more than twenty-nine"),
        pytest.param({"at_least_days": 10, "at_most_days": 40}, True, id="between the two"),
    ],
)
async def test_tenure(programme, term, fits):
    anna = await somebody()
    await joined(anna, 30)
    assert (await who({"term": "tenure", **term}) == {anna.id}) is fits


async def test_languages_and_populations(programme):
    anna, bilal, chloe = await somebody(), await somebody(population="employee"), await somebody()
    await speaks(anna, "fr")
    await speaks(bilal, "en")
    assert await who({"term": "language", "one_of": ["fr"]}) == {anna.id}
    assert await who({"term": "language", "one_of": ["en", "fr"]}) == {anna.id, bilal.id}
    not_french = {"term": "none", "of": [{"term": "language", "one_of": ["fr"]}]}
    assert await who(not_french) == {bilal.id, chloe.id}
    staff = {"term": "population", "one_of": ["employee", "partner"]}
    assert await who(staff) == {bilal.id}


async def test_all_any_and_none_combine(programme):
    anna, bilal, chloe = [await somebody() for _ in range(3)]
    await speaks(anna, "fr")
    await in_tier(anna, "seed")
    await speaks(bilal, "fr")
    await in_tier(chloe, "seed")
    french, seed = {"term": "language", "one_of": ["fr"]}, {"term": "tier", "one_of": ["seed"]}
    assert await who(french, seed) == {anna.id}
    assert await who({"term": "any", "of": [french, seed]}) == {anna.id, bilal.id, chloe.id}
    assert await who(french, {"term": "none", "of": [seed]}) == {bilal.id}
    assert await who({"term": "none", "of": [french, seed]}) == set()


async def test_only_active_members_who_compete_are_in_a_segment(programme):
    anna = await somebody(visibility="hidden")
    await somebody(state="left", visibility="hidden")
    await somebody(state="unclaimed", visibility="hidden")
    await somebody(state="merged", visibility="hidden")
    await somebody(staff=True)
    assert await who({"term": "population", "one_of": ["customer"]}) == {anna.id}


async def test_a_count_says_how_many_appear_and_of_which_population(programme):
    await somebody(visibility="hidden")
    await somebody()
    await somebody(population="partner")
    counted = await service.count(criteria({"term": "tenure", "at_most_days": 1}), await current())
    assert (counted.members, counted.appear) == (3, 2)
    assert counted.by_population == {
        Population.CUSTOMER: 2,
        Population.EMPLOYEE: 0,
        Population.PARTNER: 1,
    }


async def test_nobody_is_counted_as_nobody(programme):
    counted = await service.count(criteria({"term": "tier", "at_least": "tree"}), await current())
    assert (counted.members, counted.appear) == (0, 0)


async def test_pages_show_everybody_once_and_the_newest_first(programme):
    people = [await somebody() for _ in range(7)]
    for number, someone in enumerate(people):
        # Two who joined in the same instant are told apart by their ids.
        await joined(someone, number // 2)
    wanted, catalogue = criteria({"term": "tenure", "at_most_days": 9}), await current()
    seen, before = [], None
    while page := await service.page(wanted, catalogue, before=before, limit=2):
        seen += page
        before = page[-1]
    assert seen == sorted(seen, reverse=True)
    assert {place.member_id for place in seen} == {someone.id for someone in people}
    assert len(seen) == 7
    assert isinstance(seen[0], Place)


async def test_one_statement_counts_and_one_reads_a_page_whatever_the_criteria(
    programme, statements
):
    wanted = criteria(
        {"term": "tier", "at_least": "seed"},
        {"term": "badge", "one_of": ["host"]},
        {"term": "count", "at_least": 1, "within_days": 30},
        {"term": "any", "of": [{"term": "silent", "for_days": 3}]},
    )
    catalogue = await current()
    with statements() as sent:
        await service.count(wanted, catalogue)
        await service.page(wanted, catalogue, before=None, limit=20)
    assert len(sent) == 2


async def test_an_unknown_segment_is_not_found(programme):
    segment, _ = await service.segment("french")
    assert segment.name.en == "A name"
    with pytest.raises(SegmentNotFound):
        await service.segment("german")


WRONG = {
    "a tier that isn't there": (
        {"term": "tier", "one_of": ["seed", "forest"]},
        ("/of/one_of/1", "There is no tier 'forest'"),
    ),
    "a floor that isn't there": (
        {"term": "tier", "at_least": "forest"},
        ("/of/at_least", "There is no tier 'forest'"),
    ),
    "a tier that names nothing": (
        {"term": "tier"},
        ("/of", "Names either `one_of` or `at_least`"),
    ),
    "a badge that isn't there": (
        {"term": "all", "of": [{"term": "badge", "one_of": ["ghost"]}]},
        ("/of/of/0/one_of/0", "There is no badge 'ghost'"),
    ),
    "a kind that isn't there": (
        {"term": "count", "kind": "film", "at_least": 1, "within_days": 1},
        ("/of/kind", "There is no kind 'film'"),
    ),
    "a tenure without an end": (
        {"term": "tenure"},
        ("/of", "Says `at_least_days`, `at_most_days` or both"),
    ),
    "a tenure that fits nobody": (
        {"term": "tenure", "at_least_days": 9, "at_most_days": 8},
        ("/of/at_most_days", "Less than `at_least_days`: this fits nobody"),
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_criteria_are_refused_with_the_place_and_the_reason(programme, case):
    term, fault = WRONG[case]
    with pytest.raises(CatalogueInvalid) as refused:
        await who(term)
    assert [(each.pointer, each.detail) for each in refused.value.errors] == [fault]


async def test_criteria_that_go_too_deep_are_refused(programme):
    deep = {"term": "active", "within_days": 1}
    for _ in range(5):
        deep = {"term": "all", "of": [deep]}
    with pytest.raises(CatalogueInvalid) as refused:
        await who(deep)
    place = refused.value.errors[0]
    assert (place.pointer, place.detail) == (f"/of{'/of/0' * 5}", "More than 5 levels deep")
    assert await who(deep["of"][0]) == set()


async def test_too_many_terms_are_refused(programme):
    many = [{"term": "active", "within_days": 1}] * 15
    with pytest.raises(CatalogueInvalid) as refused:
        await who({"term": "any", "of": many}, {"term": "any", "of": many})
    assert [(each.pointer, each.detail) for each in refused.value.errors] == [
        ("/of", "33 terms; 30 at most")
    ]


async def test_few_terms_may_count_activities(programme):
    many = [{"term": "count", "at_least": 1, "within_days": 366}] * 6
    with pytest.raises(CatalogueInvalid) as refused:
        await who({"term": "any", "of": many})
    assert [(each.pointer, each.detail) for each in refused.value.errors] == [
        ("/of", "6 terms that count activities; 5 at most")
    ]
    assert await who({"term": "any", "of": many[1:]}) == set()


async def test_a_badge_that_is_earned_again_and_again_counts_once(programme):
    words = {"fr": "Un", "en": "One"}
    earned = {"term": "count", "kind": "post", "at_least": 9, "per_subject": True}
    badge = {"slug": "liked", "name": words, "description": words, "earned": "per_subject"}
    await publish(read_catalogue({"badge": [badge | {"criteria": earned}]}))
    anna, bilal = await somebody(), await somebody()
    await has_badge(anna, "liked", subject="post:1")
    await has_badge(anna, "liked", subject="post:2")
    assert await who({"term": "badge", "one_of": ["liked"]}) == {anna.id}
    await has_badge(bilal, "host")
    assert await who({"term": "badge", "one_of": ["liked", "host"]}) == {anna.id, bilal.id}


async def test_a_retired_tier_fits_nobody_any_more(programme):
    anna = await somebody()
    await in_tier(anna, "seed", "tree")
    before = criteria({"term": "tier", "at_least": "tree"})
    await retire("tier", "tree", by=OPERATOR)
    assert await service.page(before, await current(), before=None, limit=9) == []
    assert await who({"term": "tier", "one_of": ["seed"]}) == {anna.id}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"term": "any", "of": []}, id="nothing in it"),
        pytest.param({"term": "segment", "slug": "french"}, id="another segment"),
        pytest.param({"term": "language", "one_of": ["de"]}, id="a language that isn't shipped"),
        pytest.param({"term": "active", "within_days": 0}, id="no day"),
        pytest.param({"term": "count", "at_least": 1, "within_days": 367}, id="over a year"),
        pytest.param({"term": "active", "within_days": 7, "visibility": "hidden"}, id="unknown"),
    ],
)
def test_what_has_another_shape_is_no_criterion(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, SegmentCriteria)


async def test_a_board_names_a_segment_that_is_there(programme):
    words = {"fr": "Un", "en": "One"}
    board = {"slug": "b", "name": words, "description": words, "segment": "german"}
    with pytest.raises(CatalogueInvalid) as refused:
        await publish(read_catalogue({"board": [board]}))
    assert [(each.pointer, each.detail) for each in refused.value.errors] == [
        ("/board/0/segment", "There is no segment 'german'")
    ]


async def test_a_segment_that_a_board_is_for_is_not_retired(programme):
    with pytest.raises(CatalogueInvalid) as refused:
        await retire("segment", "french", by=OPERATOR)
    assert [(each.pointer, each.detail) for each in refused.value.errors] == [
        ("/segment", "The board 'french-month' is for 'french'")
    ]
    await retire("board", "french-month", by=OPERATOR)
    await retire("segment", "french", by=OPERATOR)
    assert (await current()).segments == {}


def test_a_prefix_goes_before_all_that_a_segment_names():
    of = criteria(
        {"term": "tier", "at_least": "seed"},
        {"term": "badge", "one_of": ["host"]},
        {"term": "count", "kind": "post", "at_least": 1, "within_days": 1},
        {"term": "active", "within_days": 1},
    )
    (french,) = CATALOGUE.segment
    file = msgspec.structs.replace(CATALOGUE, segment=[msgspec.structs.replace(french, of=of)])
    other = prefixed(file, "x")
    assert other.segment[0].slug == "x:french"
    assert other.board[-1].segment == "x:french"
    assert other.segment[0].of == criteria(
        {"term": "tier", "at_least": "x:seed"},
        {"term": "badge", "one_of": ["x:host"]},
        {"term": "count", "kind": "x:post", "at_least": 1, "within_days": 1},
        {"term": "active", "within_days": 1},
    )


SAID = [
    (
        {"term": "tier", "at_least": "seed"},
        "au palier «\u00a0Un nom\u00a0» ou au-dessus",
        "in the tier “A name” or above",
    ),
    (
        {"term": "tier", "one_of": ["seed", "tree"]},
        "au palier «\u00a0Un nom\u00a0» ou «\u00a0Un nom\u00a0»",
        "in the tier “A name” or “A name”",
    ),
    (
        {"term": "badge", "one_of": ["host"]},
        "avec le badge «\u00a0Un nom\u00a0»",
        "with the badge “A name”",
    ),
    (
        {"term": "active", "within_days": 30},
        "actifs au cours des 30 derniers jours",
        "active in the last 30 days",
    ),
    ({"term": "silent", "for_days": 1}, "sans activité depuis 1 jour", "silent for 1 day"),
    (
        {"term": "count", "kind": "post", "at_least": 1, "within_days": 7},
        "avec au moins 1 article au cours des 7 derniers jours",
        "with at least 1 post in the last 7 days",
    ),
    (
        {"term": "count", "at_least": 1000, "within_days": 366},
        "avec au moins 1\u202f000 activités au cours des 366 derniers jours",
        "with at least 1,000 activities in the last 366 days",
    ),
    (
        {"term": "tenure", "at_least_days": 30},
        "membres depuis au moins 30 jours",
        "members for at least 30 days",
    ),
    (
        {"term": "tenure", "at_most_days": 90},
        "membres depuis au plus 90 jours",
        "members for at most 90 days",
    ),
    (
        {"term": "tenure", "at_least_days": 30, "at_most_days": 90},
        "membres depuis 30 à 90 jours",
        "members for 30 to 90 days",
    ),
    (
        {"term": "language", "one_of": ["fr", "en"]},
        "qui lisent en français ou anglais",
        "who read French or English",
    ),
    (
        {
            "term": "all",
            "of": [
                {"term": "population", "one_of": ["customer", "partner"]},
                {"term": "none", "of": [{"term": "silent", "for_days": 60}]},
            ],
        },
        "clients ou partenaires et (sauf sans activité depuis 60 jours)",
        "customers or partners and (except silent for 60 days)",
    ),
]


@pytest.mark.parametrize(("term", "french", "english"), SAID)
async def test_criteria_are_said_in_both_languages(programme, term, french, english):
    catalogue = await current()
    said = [
        members_in_words(criteria(term), NamesInCatalogue(catalogue, language))
        for language in (Language.FRENCH, Language.ENGLISH)
    ]
    assert said == [french, english]
