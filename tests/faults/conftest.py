"""An installation with a programme in it, and a look behind its door."""

from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from community.charter import service as charter
from community.keys import service as keys
from community.keys.scopes import Scope
from community.members.importing import ImportedPerson, import_members
from gamification.catalogue.publishing import publish
from ground import valkey
from ground.engine import close_pool, connect_to, execute, open_pool
from server.cli.operator import operator
from tests.faults.installation import Installation, installed
from tests.gamification.programme import JOINED, catalogue

PEOPLE = ["alice", "bob", "chiara", "dora", "emil", "fanny"]


class Programme(msgspec.Struct, frozen=True):
    """A shop's key, and how it calls the members."""

    key: str
    people: list[str]


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Real processes. Each test leaves them running."""
    with installed() as installation:
        yield installation


@pytest.fixture(scope="module")
async def behind(
    installation: Installation, servers: list[str], database_url: str, redis_url: str
) -> AsyncIterator[Installation]:
    """The installation, with this process's own connections to its servers."""
    await close_pool()
    await valkey.close_valkey()
    connect_to(installation.database_url)
    await open_pool()
    valkey.open_valkey(installation.valkey.url)
    yield installation
    await close_pool()
    await valkey.close_valkey()
    connect_to(database_url)
    await open_pool()
    valkey.open_valkey(redis_url)


@pytest.fixture(scope="module")
async def catalogued(behind: Installation) -> Installation:
    """The installation, with the catalogue of these tests."""
    await charter.publish_first()
    await publish(catalogue(), to_the_past=True)
    return behind


@pytest.fixture(scope="module")
async def lively(catalogued: Installation) -> Installation:
    """The installation, with its live process."""
    if not catalogued.has("live"):
        catalogued.start_live()
    return catalogued


@pytest.fixture
async def programme(catalogued, request) -> Programme:
    """Members who appear on boards, and a key of a shop that knows them."""
    shop = f"shop-{abs(hash(request.node.name))}"
    found = await import_members(
        shop, [ImportedPerson(external_id=name, known_since=JOINED) for name in PEOPLE]
    )
    await execute("UPDATE player SET state = 'active', visibility = 'name'")
    assert len(found) == len(PEOPLE)
    made = await keys.create("Shop", shop, [Scope.ACTIVITIES_WRITE], by=operator())
    return Programme(key=made.secret, people=[f"external:{shop}:{name}" for name in PEOPLE])
