"""What doesn't fit together in a catalogue is refused, with its place and the reason."""

import pytest

from gamification.catalogue.checking import check
from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.errors import CatalogueInvalid, CriteriaCycle
from gamification.catalogue.prefixed import prefixed
from tests.gamification.drafts import KINDS, badge, board, count, file, nested, tier


def wrong_with(**tables) -> dict[str, str]:
    """Each wrong place, and what is said about it."""
    with pytest.raises(CatalogueInvalid) as refusal:
        check(file(**tables))
    return {error.pointer: error.detail for error in refusal.value.errors}


PER_SUBJECT = count("vote", per_subject=True)
FIRST = {"term": "first", "kind": "post"}


@pytest.mark.parametrize(
    ("tables", "pointer", "says"),
    [
        ({"badge": [badge(count("like"))]}, "/badge/0/criteria/kind", "no kind 'like'"),
        (
            {"badge": [badge({"term": "any", "of": [count(), count("like")]})]},
            "/badge/0/criteria/of/1/kind",
            "no kind 'like'",
        ),
        (
            {"badge": [badge({**FIRST, "that": {**PER_SUBJECT, "kind": "like"}})]},
            "/badge/0/criteria/that/kind",
            "no kind 'like'",
        ),
        ({"badge": [badge(earned="per_subject")]}, "/badge/0/earned", "no term"),
        ({"tier": [tier(PER_SUBJECT)]}, "/tier/0/criteria", "isn't about one subject"),
        (
            {"tier": [tier(stays_while={"term": "all", "of": [PER_SUBJECT]})]},
            "/tier/0/stays_while/of/0",
            "isn't about one subject",
        ),
        (
            {"badge": [badge({"term": "first", "kind": "vote"})]},
            "/badge/0/criteria/kind",
            "doesn't open a subject",
        ),
        (
            {"badge": [badge({"term": "first", "kind": "*"})]},
            "/badge/0/criteria/kind",
            "no kind '*'",
        ),
        (
            {"badge": [badge({**FIRST, "that": count("vote")})]},
            "/badge/0/criteria/that",
            "another's",
        ),
        (
            {"badge": [badge({**FIRST, "that": {"term": "points", "at_least": 1}})]},
            "/badge/0/criteria/that",
            "another's",
        ),
        (
            {
                "kind": KINDS[1:],
                "badge": [badge({"term": "age", "of": "subject", "at_least_days": 1})],
            },
            "/badge/0/criteria/of",
            "opens a subject",
        ),
        (
            {
                "badge": [
                    badge(
                        {"term": "age", "of": "membership", "since": "parent", "at_least_days": 1}
                    )
                ]
            },
            "/badge/0/criteria/since",
            "no parent",
        ),
        (
            {"badge": [badge(count(where={"parent": "q1"}))]},
            "/badge/0/criteria/where/parent",
            "Reserved",
        ),
        (
            {"badge": [badge({"term": "distinct", "kind": "post", "of": "parent", "at_least": 2})]},
            "/badge/0/criteria/of",
            "Reserved",
        ),
        (
            {"badge": [badge(count(where={"text": "a" * 2000}))]},
            "/badge/0/criteria/where",
            "Longer than",
        ),
        ({"badge": [badge(nested(8))]}, "/badge/0/criteria" + "/of/0" * 8, "levels deep"),
        (
            {
                "badge": [
                    badge(
                        {
                            "term": "any",
                            "of": [{"term": "any", "of": [count()] * 35} for _ in range(3)],
                        }
                    )
                ]
            },
            "/badge/0/criteria",
            "109 terms",
        ),
        ({"badge": [badge(), badge()]}, "/badge/1/slug", "another badge"),
        ({"kind": [*KINDS, KINDS[0]]}, "/kind/2/slug", "another kind"),
        ({"badge": [badge(level=1)]}, "/badge/0/level", "needs a family"),
        (
            {"badge": [badge(family="f", level=1), badge(slug="b2", family="f", level=1)]},
            "/badge/1/level",
            "level of 'badge'",
        ),
        (
            {"badge": [badge(family="f", level=1), badge(slug="b2", family="f")]},
            "/badge/1/level",
            "a level of its own",
        ),
        ({"tier": [tier(), tier(slug="t2")]}, "/tier/1/rank", "rank of 'tier'"),
        ({"badge": [badge({"term": "holds"})]}, "/badge/0/criteria", "either a badge or a tier"),
        (
            {"badge": [badge({"term": "holds", "badge": "badge", "tier": "tier"})]},
            "/badge/0/criteria",
            "either a badge or a tier",
        ),
        (
            {"badge": [badge({"term": "holds", "badge": "x"})]},
            "/badge/0/criteria/badge",
            "no badge 'x'",
        ),
        (
            {"badge": [badge({"term": "holds", "tier": "x"})]},
            "/badge/0/criteria/tier",
            "no tier 'x'",
        ),
        (
            {"badge": [badge({"term": "at_least", "n": 3, "of": [count(), count()]})]},
            "/badge/0/criteria/n",
            "3 of only 2",
        ),
        ({"board": [board(kinds=["post", "like"])]}, "/board/0/kinds/1", "no kind 'like'"),
        ({"board": [board(kinds=["*"])]}, "/board/0/kinds/0", "names none"),
        ({"badge": [badge(image="x.svg")]}, "/badge/0/image", "shipped"),
    ],
)
def test_what_does_not_fit_together_is_refused_at_its_place(tables, pointer, says):
    assert says in wrong_with(**tables)[pointer]


def holder(slug, of, what="badge"):
    return badge({"term": "none", "of": [{"term": "holds", what: of}]}, slug=slug)


def test_badges_that_wait_for_each_other_are_refused_with_the_circle():
    with pytest.raises(CriteriaCycle) as refusal:
        check(file(badge=[holder("a", "b"), holder("b", "c"), holder("c", "a")]))

    assert set(refusal.value.path) == {"badge a", "badge b", "badge c"}
    assert refusal.value.path[0] == refusal.value.path[-1]


def test_a_badge_that_waits_for_itself_is_refused():
    with pytest.raises(CriteriaCycle) as refusal:
        check(file(badge=[holder("a", "a")]))

    assert str(refusal.value) == "badge a > badge a"


def test_a_tier_and_a_badge_of_the_same_name_are_two_things():
    found = check(file(badge=[holder("a", "a", "tier")], tier=[tier(slug="a")]))

    assert [[rule.node for rule in layer] for layer in found.layers] == [
        [("tier", "a")],
        [("badge", "a")],
    ]


EVERYTHING = {
    "badge": [
        badge(
            {
                "term": "all",
                "of": [
                    count("*"),
                    {**FIRST, "that": PER_SUBJECT},
                    {"term": "none", "of": [{"term": "holds", "badge": "other"}]},
                    {"term": "holds", "tier": "tier"},
                    {"term": "age", "of": "membership", "at_least_days": 2},
                ],
            },
            family="family",
            level=1,
        ),
        badge(slug="other"),
    ],
    "tier": [tier(stays_while=count("vote"))],
    "board": [board(kinds=["vote", "post"])],
}


def test_a_prefix_stands_before_every_slug_and_every_one_asked_for():
    found = prefixed(file(**EVERYTHING), "site")
    whole = check(found)
    [family] = {each.family for each in whole.badges if each.family}

    assert {"site:post", "site:vote"} == whole.kinds.keys()
    assert [rule.slug for rule in whole.rules] == ["site:badge", "site:other", "site:tier"]
    assert family == "site:family"
    assert whole.boards[0].kinds == ["site:vote", "site:post"]
    assert {kind for rule in whole.rules for kind in rule.kinds} == {"*", "site:post", "site:vote"}
    assert whole.rules_by_node["badge", "site:badge"].looks_at == {
        ("badge", "site:other"),
        ("tier", "site:tier"),
    }


def test_no_prefix_leaves_a_catalogue_as_it_is():
    assert prefixed(file(**EVERYTHING), "") == file(**EVERYTHING)


def test_a_slug_that_a_prefix_makes_too_long_is_refused():
    with pytest.raises(CatalogueInvalid) as refusal:
        check(prefixed(file(badge=[badge(slug="b" * 78)]), "site"))

    assert [error.pointer for error in refusal.value.errors] == ["/badge/0/slug"]


def test_tiers_of_two_catalogues_may_have_the_same_rank():
    both = CatalogueFile(
        kind=[*file().kind, *prefixed(file(), "site").kind],
        tier=[*file(tier=[tier()]).tier, *prefixed(file(tier=[tier()]), "site").tier],
    )

    assert [each.slug for each in check(both).tiers] == ["site:tier", "tier"]
