"""What people name can be read: no address of the API stands in front of it."""

from collections.abc import Iterator

import pytest
from litestar import Litestar

from gamification.catalogue.checking import check
from gamification.catalogue.definitions import SHAPES
from gamification.catalogue.errors import CatalogueInvalid
from gamification.catalogue.validation import RESERVED
from tests.gamification.drafts import NAMES, file


def in_front_of_names(app: Litestar) -> Iterator[tuple[str, str]]:
    """Each literal address where another route has a text that somebody chose."""
    paths = [route.path.split("/") for route in app.routes if route.path.startswith("/v1/")]
    for named in paths:
        for place, component in enumerate(named):
            if component.startswith("{") and component.endswith(":str}"):
                before = named[:place]
                for other in paths:
                    literal = other[place] if other[:place] == before and other[place:] else "{"
                    if not literal.startswith("{"):
                        yield "/".join(before), literal


def test_a_slug_that_an_address_stands_in_front_of_is_reserved(app):
    reserved = {(f"/v1/manage/{what}s", slug) for what, slugs in RESERVED.items() for slug in slugs}

    assert set(in_front_of_names(app)) == reserved


@pytest.mark.parametrize(("what", "slug"), [(w, s) for w, slugs in RESERVED.items() for s in slugs])
def test_a_reserved_slug_is_refused_with_the_reason(what, slug):
    assert what in SHAPES
    thing = {"slug": slug, **NAMES, "of": {"term": "tenure", "at_least_days": 30}}

    with pytest.raises(CatalogueInvalid) as refusal:
        check(file(**{what: [thing]}))

    [error] = refusal.value.errors
    assert error.pointer == f"/{what}/0/slug"
    assert error.detail == f"'{slug}' is reserved: it is an address of the API"
