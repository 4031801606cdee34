"""Catalogues as somebody might write them, as short as they can be said."""

from gamification.catalogue.definitions import CatalogueFile
from gamification.catalogue.reading import read_catalogue

NAMES = {
    "name": {"fr": "Un nom", "en": "A name"},
    "description": {"fr": "Un mot", "en": "A word"},
}
KINDS = [
    {"slug": "post", "name": NAMES["name"], "opens_subject": True},
    {"slug": "vote", "name": NAMES["name"], "received": True},
]


def count(kind="post", at_least=1, **more):
    return {"term": "count", "kind": kind, "at_least": at_least, **more}


def badge(criteria=None, slug="badge", **more):
    return {"slug": slug, **NAMES, "criteria": criteria or count(), **more}


def tier(criteria=None, slug="tier", rank=1, **more):
    return {"slug": slug, **NAMES, "rank": rank, "criteria": criteria or count(), **more}


def board(slug="board", **more):
    return {"slug": slug, **NAMES, **more}


def nested(levels):
    criteria = count()
    for _ in range(levels):
        criteria = {"term": "all", "of": [criteria]}
    return criteria


def file(**tables) -> CatalogueFile:
    return read_catalogue({"kind": KINDS, **tables})
