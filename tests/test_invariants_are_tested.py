"""Each invariant that holds by now is named by a test, in its words or beside its name."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Their numbers in the design. The others come with what they are about.
HELD = [*range(1, 16), *range(18, 34), *range(39, 44), *range(49, 53)]
NAMED = re.compile(r"\bI(\d{1,2})\b(?: to I(\d{1,2})\b)?")


def named_in(text):
    for found in NAMED.finditer(text):
        first, last = int(found[1]), int(found[2] or found[1])
        yield from range(first, last + 1)


def words_of(path):
    """A module's own words, and those of each test in it."""
    text = path.read_text()
    return re.findall(
        r'\A"""[\s\S]*?"""|def test_[\s\S]*?(?=\n(?:async )?def |\n@|\nclass |\Z)', text
    )


@pytest.fixture(scope="module")
def named():
    paths = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    return {number for path in paths for words in words_of(path) for number in named_in(words)}


@pytest.mark.parametrize("number", HELD)
def test_an_invariant_has_a_test_that_names_it(named, number):
    assert number in named
