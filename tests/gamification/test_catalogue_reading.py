"""A catalogue that can't be published says where and why, all at once."""

import pytest

from gamification.catalogue.checking import check
from gamification.catalogue.errors import CatalogueInvalid
from gamification.catalogue.reading import LONGEST, read_catalogue, read_toml
from tests.gamification.drafts import KINDS, NAMES, badge, board, count, file, nested, tier


def test_a_catalogue_without_mistakes_is_accepted():
    found = check(file(badge=[badge()], tier=[tier()], board=[board()]))

    assert [rule.slug for rule in found.rules] == ["badge", "tier"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        pytest.param(b"a = 1\nb = = 2\n", "line 2", id="what isn't TOML"),
        pytest.param(b"a = 1\nb = '\xff'\n", "Not UTF-8 at line 2", id="what isn't UTF-8"),
        pytest.param(b"x = " + b"[" * 5000, "Nested too deeply", id="depth without end"),
        pytest.param(b"#" * (LONGEST + 1), "at most 1 MiB", id="more than anybody writes"),
        pytest.param(b"x = 1\nx = 2\n", "line 2", id="a key given twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_and_where(written, says):
    with pytest.raises(CatalogueInvalid) as refusal:
        read_toml(written)

    assert says in str(refusal.value)


@pytest.mark.parametrize(
    ("tables", "pointer", "says"),
    [
        ({"bagde": []}, "/bagde", "Not one of season, kind, badge, tier, board"),
        ({"badge": badge()}, "/badge", "[[badge]]"),
        ({"badge": [3]}, "/badge/0", "Expected `object`"),
        ({"badge": [badge(), badge(colour="red")]}, "/badge/1/colour", "unknown field"),
        ({"badge": [{"slug": "a"}]}, "/badge/0/name", "missing required field"),
        ({"badge": [badge({"kind": "post"})]}, "/badge/0/criteria/term", "missing required"),
        ({"badge": [badge({"term": "cuont"})]}, "/badge/0/criteria/term", "cuont"),
        ({"badge": [badge(count(at_least="3"))]}, "/badge/0/criteria/at_least", "got `str`"),
        ({"badge": [badge(count(at_least=0))]}, "/badge/0/criteria/at_least", ">= 1"),
        ({"badge": [badge(count(kind="Post"))]}, "/badge/0/criteria/kind", "Not a slug"),
        ({"badge": [badge(slug="a\n")]}, "/badge/0/slug", "Not a slug"),
        ({"badge": [badge(slug="a/b")]}, "/badge/0/slug", "Not a slug"),
        ({"badge": [badge(slug="é" * 90)]}, "/badge/0/slug", "length <= 80"),
        ({"badge": [badge(image="../x.svg")]}, "/badge/0/image", "matching regex"),
        ({"badge": [badge(price=5)]}, "/badge/0/price", "unknown field"),
        (
            {"badge": [badge({"term": "all", "of": [count(), count(wher=1)]})]},
            "/badge/0/criteria/of/1/wher",
            "unknown field",
        ),
        ({"badge": [badge({"term": "all", "of": []})]}, "/badge/0/criteria/of", "length >= 1"),
        ({"tier": [tier(rank=0)]}, "/tier/0/rank", ">= 1"),
        ({"kind": [{"slug": "k", "name": {"fr": "k"}}]}, "/kind/0/name/en", "missing"),
        ({"kind": [{"slug": "k", "name": NAMES["name"], "points": 1.5}]}, "/kind/0/points", "int"),
        ({"badge": [badge(name={"fr": "a\0", "en": "b"})]}, "/badge/0/name/fr", "NUL"),
        ({"badge": [badge(nested(30))]}, "/badge/0/criteria" + "/of/0" * 11, "Nested too deeply"),
    ],
)
def test_what_has_the_wrong_shape_is_refused_at_its_place(tables, pointer, says):
    with pytest.raises(CatalogueInvalid) as refusal:
        read_catalogue({"kind": KINDS, **tables})

    details = {error.pointer: error.detail for error in refusal.value.errors}
    assert says in details[pointer]


def test_mistakes_in_several_definitions_are_told_together():
    with pytest.raises(CatalogueInvalid) as refusal:
        read_catalogue({"kind": [{}], "badge": [badge(), {}], "bord": []})

    assert [error.pointer for error in refusal.value.errors] == [
        "/kind/0/slug",
        "/badge/1/slug",
        "/bord",
    ]


def test_of_very_many_mistakes_the_first_hundred_are_told():
    with pytest.raises(CatalogueInvalid) as refusal:
        read_catalogue({"badge": [{}] * 500})

    assert str(refusal.value) == "500 mistakes"
    assert len(refusal.value.errors) == 100
