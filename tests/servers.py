"""PostgreSQL and Valkey for the tests.

One PostgreSQL serves all the processes of a run: the embedded one, or that of
`DATABASE_URL`. A template is migrated once, and each process gets a database of its own
from it, and a Valkey of its own.

What is tested is led to its database as the application's role, which owns nothing, so that
every test proves that this suffices. `owned` leads to the same database as the owner.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest

from server.embedded.account import Account, account_for_servers
from server.embedded.places import PROJECT, servers_home
from server.embedded.postgres import Postgres
from server.embedded.running import Running
from server.embedded.valkey import Valkey

GIVEN = ("AMBASSADE_TEST_DATABASE_URL", "DATABASE_URL")


class Addresses(NamedTuple):
    """Where a database is, for the application and for its owner."""

    application: str
    owner: str

    def of(self, database: str) -> "Addresses":
        """The same for another database of the server."""
        return Addresses(_in(database, self.application), _in(database, self.owner))


class Template:
    """A migrated database, and the server it is on."""

    def __init__(self) -> None:
        self._embedded: Running | None = None
        self._folder: Path | None = None
        self._made_role = ""
        given = next((os.environ[name] for name in GIVEN if os.environ.get(name)), None)
        server = self._let_application_in(given) if given else self._start()
        self.addresses = server.of(_create(server.owner))
        environment = os.environ | {
            "DATABASE_URL": self.addresses.application,
            "DATABASE_OWNER_URL": self.addresses.owner,
            "REDIS_URL": "redis://127.0.0.1:1",
        }
        command = [sys.executable, "-m", "server", "migrate", "--only-tables"]
        migrated = subprocess.run(command, env=environment, capture_output=True, text=True)
        if migrated.returncode:
            self.drop()
            raise RuntimeError(f"The test database can't be migrated:\n{migrated.stderr}")

    def _let_application_in(self, owner: str) -> Addresses:
        """Make a role for the application on a server that is given."""
        role, password = f"ambassade_test_{secrets.token_hex(6)}", secrets.token_hex(12)
        with _administrator(owner) as connection:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'".encode())
        self._made_role = role
        parts = urlsplit(owner)
        place = parts.netloc.rpartition("@")[2]
        return Addresses(parts._replace(netloc=f"{role}:{password}@{place}").geturl(), owner)

    def _start(self) -> Addresses:
        self._folder = empty_data_dir()
        account = account_for_servers(self._folder)
        postgres = Postgres(servers_home(self._folder, account), account, durable=False)
        postgres.prepare()
        self._embedded = Running(postgres, self._folder)
        self._embedded.start()
        return Addresses(self._embedded.url, postgres.owner_url(self._embedded.port))

    def drop(self) -> None:
        """Leave nothing behind."""
        if self._embedded is None:
            _drop(self.addresses.owner)
            with _administrator(self.addresses.owner) as connection:
                connection.execute(f"DROP ROLE {self._made_role}".encode())
            return
        self._embedded.stop()
        if self._folder is not None:
            remove_data_dir(self._folder)


def empty_data_dir() -> Path:
    """A new data folder, in a place that an unprivileged user reaches too."""
    folder = Path(tempfile.mkdtemp(prefix="ambassade-tests-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)
    return folder


def remove_data_dir(folder: Path) -> None:
    """Remove a data folder, and what is elsewhere for it."""
    servers = folder / "servers"
    if servers.is_symlink():
        shutil.rmtree(servers.resolve(), ignore_errors=True)
    shutil.rmtree(folder)


def python_path() -> str:
    """Where another Python finds what is installed in this one."""
    return ":".join(path for path in [str(PROJECT), *sys.path] if path)


def python_for(account: Account, module: str) -> str:
    """A Python that another user can start, and that finds a module of ours."""
    series = f"python3.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{series}", f"/usr/local/bin/{series}"):
        path = f"PYTHONPATH={python_path()}"
        if account.can_run("/usr/bin/env", path, python, "-c", f"import {module}"):
            return python
    pytest.skip(f"no {series} that another user can start")


def _create(server: str, template: str = "template1") -> str:
    name = f"ambassade_test_{secrets.token_hex(6)}"
    with _administrator(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return name


def _drop(url: str) -> None:
    with _administrator(url) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)'.encode())


def _administrator(url: str) -> psycopg.Connection[Any]:
    # Nobody may be in a database that is copied or dropped, so connect to the usual one.
    return psycopg.connect(_in("postgres", url), autocommit=True)


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _in(database: str, url: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


TEMPLATE = pytest.StashKey[Template]()


def _template(config: pytest.Config) -> Template:
    if TEMPLATE not in config.stash:
        config.stash[TEMPLATE] = Template()
    return config.stash[TEMPLATE]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the one server's template to a process of xdist."""
    node.workerinput["template"] = tuple(_template(node.config).addresses)


def pytest_unconfigure(config: pytest.Config) -> None:
    if TEMPLATE in config.stash:
        config.stash[TEMPLATE].drop()


def _template_addresses(config: pytest.Config) -> Addresses:
    handed: dict[str, tuple[str, str]] = getattr(config, "workerinput", {})
    return Addresses(*handed["template"]) if handed else _template(config).addresses


@pytest.fixture(scope="session")
def make_database(pytestconfig: pytest.Config) -> Iterator[Callable[[], str]]:
    """Make another migrated, empty database; it is dropped after the session."""
    template = _template_addresses(pytestconfig)
    made: list[Addresses] = []

    def make() -> str:
        made.append(template.of(_create(template.owner, _name(template.owner))))
        return made[-1].application

    yield make
    for addresses in made:
        _drop(addresses.owner)


@pytest.fixture(scope="session")
def owned(pytestconfig: pytest.Config) -> Callable[[str], str]:
    """From the application's address of a database to its owner's."""
    template = _template_addresses(pytestconfig)
    return lambda url: template.of(_name(url)).owner


@pytest.fixture
def blank(pytestconfig: pytest.Config) -> Iterator[Addresses]:
    """A database without a table, and both ways to it."""
    template = _template_addresses(pytestconfig)
    addresses = template.of(_create(template.owner))
    yield addresses
    _drop(addresses.owner)


@pytest.fixture
def blank_database(blank: Addresses) -> str:
    """A database without a table, for migrations by the one role that there is."""
    return blank.owner


@pytest.fixture(scope="session")
def database_url(make_database: Callable[[], str]) -> str:
    """This process's own database, migrated and empty."""
    return make_database()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """This process's own Valkey: emptying or killing it disturbs nobody."""
    folder = empty_data_dir()
    account = account_for_servers(folder)
    valkey = Valkey(servers_home(folder, account), account)
    valkey.prepare()
    running = Running(valkey, folder)
    running.start()
    yield running.url
    running.stop()
    remove_data_dir(folder)
