"""The page about catalogues says what is so: its examples can be published, no term is left out."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from gamification.catalogue.checking import check
from gamification.catalogue.reading import read_catalogue
from gamification.rules.criteria import Criteria

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
TERMS = [term for term in re.findall(r"`(\{ term = .*?\})`(?= [|,]|, )", PAGE) if "[]" not in term]


def test_the_examples_make_a_catalogue():
    catalogue = check(read_catalogue(tomllib.loads("\n".join(EXAMPLES))))

    assert {rule.slug for rule in catalogue.rules} == {"helper-2", "tree"}
    assert catalogue.kinds.keys() == {"answer", "thanks"}


@pytest.mark.parametrize("written", TERMS)
def test_an_example_of_a_term_is_one(written):
    term = tomllib.loads(f"it = {written}")["it"]

    assert isinstance(msgspec.convert(term, Criteria), get_args(Criteria))


def test_every_term_is_on_the_page():
    tags = {each.__struct_config__.tag for each in get_args(Criteria)}

    assert {tag for tag in tags if not re.search(rf'"{tag}"|`{tag}`', PAGE)} == set()
    assert len(TERMS) == 11
