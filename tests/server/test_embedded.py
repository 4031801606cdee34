import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from server.embedded.account import Account, account_for_servers
from server.embedded.binaries import postgres_folder, valkey_server
from server.embedded.errors import DataInUse, NotOurData, OtherVersion
from server.embedded.places import make_data_dir, servers_home
from server.embedded.postgres import Postgres
from server.embedded.processes import Child, Process, Program, command_line
from server.embedded.record import Record
from server.embedded.running import free_port
from server.embedded.servers import servers
from tests.servers import empty_data_dir, python_for, python_path, remove_data_dir

pytestmark = pytest.mark.long

NOTHING_GIVEN: dict[str, str] = {}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
KEEP = ("DROP TABLE IF EXISTS kept", "CREATE TABLE kept AS SELECT 42 AS answer")
# Starts servers on the folder it is given, says so, and waits.
HOLDER = """
import sys, time
from pathlib import Path
from server.embedded.servers import servers
with servers(Path(sys.argv[1]), environment={}, stays=sys.argv[2] == "stays") as found:
    print(found.owner_url, flush=True)
    time.sleep(float(sys.argv[3]))
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data folder whose database is made once: starting it again is quick."""
    folder = empty_data_dir()
    yield folder
    remove_data_dir(folder)


@pytest.fixture
def new_dir() -> Iterator[Path]:
    folder = empty_data_dir()
    yield folder
    remove_data_dir(folder)


@contextmanager
def holder(data_dir, *, how="command", seconds=60.0, python=sys.executable, **options):
    """Another process that runs the servers of a data folder."""
    command = [python, "-c", HOLDER, str(data_dir), how, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        try:
            process.url = process.stdout.readline().strip()
            yield process
        finally:
            process.kill()
            process.wait()
            record = Record.read(data_dir)
            for server in record.servers.values() if record else ():
                assert server.gone_within(5)


def ask(url, question):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def tell(url, *statements):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def processes_of(data_dir):
    """The server processes that a record names."""
    return list(Record.read(data_dir).servers.values())


def test_both_servers_start_and_nothing_is_left_afterwards(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        assert ask(found.database_url, "SELECT 1") == 1
        with redis.Redis.from_url(found.redis_url) as valkey:
            assert valkey.ping()
        processes = processes_of(data_dir)
        assert len(processes) == 2
        assert all(process.runs() for process in processes)

    assert not any(process.runs() for process in processes)
    assert Record.read(data_dir) is None


def test_the_database_speaks_utf8_whatever_the_machine_speaks(data_dir, monkeypatch):
    monkeypatch.setenv("LC_ALL", "POSIX")
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        assert ask(found.database_url, "SHOW server_encoding") == "UTF8"
        assert ask(found.database_url, "SELECT upper('é') || lower('ŒÀ')") == "Éœà"


def test_the_database_writes_to_disk_before_it_says_yes(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        assert ask(found.database_url, "SHOW fsync") == "on"


def test_data_are_there_at_the_second_start(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        tell(found.owner_url, *KEEP)
    started = time.monotonic()
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        assert ask(found.owner_url, "SELECT answer FROM kept") == 42
    assert time.monotonic() - started < 10


def test_nobody_gets_in_without_the_password(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        without = found.database_url.replace(found.database_url.split(":")[2].split("@")[0], "no")
        with pytest.raises(psycopg.OperationalError):
            ask(without, "SELECT 1")
        stranger = redis.Redis.from_url("redis://" + found.redis_url.rpartition("@")[2])
        with stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_no_password_is_on_a_command_line_or_readable_by_others(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        passwords = [url.split(":")[2].split("@")[0] for url in found.addresses.values()]
        for process in processes_of(data_dir):
            assert not any(password in command_line(process.pid) for password in passwords)
        for path in data_dir.iterdir():
            assert path.is_dir() or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_servers_of_ones_own_are_used_and_nothing_is_started(new_dir):
    own = {"DATABASE_URL": "postgresql://db/mine", "REDIS_URL": "redis://cache/0"}
    with servers(new_dir / "unused", environment=own) as found:
        assert found.addresses == own
    assert not (new_dir / "unused").exists()


def test_with_a_database_of_ones_own_only_valkey_is_started(data_dir):
    own = {"DATABASE_URL": "postgresql://db/mine"}
    with servers(data_dir, environment=own) as found:
        assert found.database_url == "postgresql://db/mine"
        assert list(Record.read(data_dir).servers) == ["Valkey"]
        with redis.Redis.from_url(found.redis_url) as valkey:
            assert valkey.ping()


def test_a_second_command_uses_the_servers_of_the_first(data_dir):
    with holder(data_dir) as first, servers(data_dir, environment=NOTHING_GIVEN) as found:
        assert found.owner_url == first.url
        assert ask(found.database_url, "SELECT 1") == 1


def test_the_first_command_waits_for_the_second_before_it_stops_the_servers(data_dir):
    with holder(data_dir, seconds=0.5) as first:
        with servers(data_dir, environment=NOTHING_GIVEN) as found:
            assert found.owner_url == first.url
            time.sleep(1.5)
            assert ask(found.database_url, "SELECT 1") == 1
        assert first.stdout.readline() == "done\n"


def test_two_trees_on_the_same_data_are_refused(data_dir):
    with (
        holder(data_dir, how="stays"),
        pytest.raises(DataInUse, match="already"),
        servers(data_dir, environment=NOTHING_GIVEN, stays=True),
    ):
        raise AssertionError("a second tree started")


def test_servers_die_with_a_killed_command_and_the_next_one_goes_on(data_dir):
    with holder(data_dir) as first:
        tell(first.url, *KEEP)
        orphans = processes_of(data_dir)
        first.kill()
        first.wait()
        with servers(data_dir, environment=NOTHING_GIVEN) as found:
            assert ask(found.owner_url, "SELECT answer FROM kept") == 42
            assert not any(process.runs() for process in orphans)


def test_servers_die_with_a_killed_command_by_themselves(data_dir):
    with holder(data_dir) as first:
        orphans = processes_of(data_dir)
        first.kill()
        assert all(process.gone_within(5) for process in orphans)


def test_a_killed_database_starts_again_on_the_same_port(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        url, [postgres, _] = found.database_url, processes_of(data_dir)
        os.kill(postgres.pid, signal.SIGKILL)
        assert postgres.gone_within(5)
        assert revived(found) == ["PostgreSQL"]
        assert found.database_url == url
        assert ask(url, "SELECT 1") == 1
        assert all(process.runs() for process in processes_of(data_dir))


def revived(found):
    """What was started again, once the dead child was noticed."""
    deadline = time.monotonic() + 5
    while not (names := found.revive()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return names


def test_a_recycled_process_id_is_not_taken_for_the_database(data_dir):
    """A program of the same user now has the id that a dead server left in its pid file."""
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        tell(found.owner_url, *KEEP)
    owner = (data_dir / "servers" / "postgres").stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid) as stranger:
        leave_pid_file(data_dir, stranger.pid)
        try:
            with servers(data_dir, environment=NOTHING_GIVEN) as found:
                assert ask(found.owner_url, "SELECT answer FROM kept") == 42
            assert stranger.poll() is None
        finally:
            stranger.kill()


def leave_pid_file(data_dir, pid):
    folder = data_dir / "servers" / "postgres"
    lines = [str(pid), str(folder), "1700000000", "5432", "", "127.0.0.1", "", "ready   "]
    (folder / "postmaster.pid").write_text("\n".join(lines) + "\n")
    os.chown(folder / "postmaster.pid", folder.stat().st_uid, folder.stat().st_gid)


def test_a_record_of_processes_that_are_gone_is_not_believed(data_dir):
    """The ids in it live on in other programs: this very process, say."""
    recycled = Process(os.getpid(), "another boot:1")
    record = Record(
        owner=recycled,
        stays=True,
        servers={"PostgreSQL": recycled, "Valkey": recycled},
        addresses={"DATABASE_URL": "postgresql://gone", "REDIS_URL": "redis://gone"},
    )
    record.write(data_dir)
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        assert ask(found.database_url, "SELECT 1") == 1


def test_an_unrecorded_database_on_our_data_is_ended_first(data_dir):
    account = account_for_servers(data_dir)
    postgres = Postgres(servers_home(data_dir, account), account, durable=True)
    postgres.prepare()
    with (data_dir / "unrecorded.log").open("wb") as output:
        unrecorded = postgres.start(free_port(), output)
    while not postgres.is_ready(unrecorded, 0):
        time.sleep(0.05)
    with servers(data_dir, environment=NOTHING_GIVEN) as found:
        assert not unrecorded.process.runs()
        assert ask(found.database_url, "SELECT 1") == 1
    unrecorded.stop(grace=1)
    (data_dir / "unrecorded.log").unlink()


def test_an_interrupted_first_start_leaves_no_half_database(new_dir):
    with servers(new_dir, environment=NOTHING_GIVEN):
        pass
    (new_dir / "servers" / "postgres").rename(new_dir / "servers" / "postgres.unfinished")
    with servers(new_dir, environment=NOTHING_GIVEN) as found:
        assert ask(found.database_url, "SELECT 1") == 1
    assert not (new_dir / "servers" / "postgres.unfinished").exists()


def test_data_of_another_major_version_are_refused_with_advice(new_dir):
    with servers(new_dir, environment=NOTHING_GIVEN):
        pass
    (new_dir / "servers" / "postgres" / "PG_VERSION").write_text("14\n")
    with (
        pytest.raises(OtherVersion, match=r"made by PostgreSQL 14.*pg_dump"),
        servers(new_dir, environment=NOTHING_GIVEN),
    ):
        raise AssertionError("it started")


def test_a_taken_port_is_left_to_its_owner(data_dir, monkeypatch):
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        taken = owner.getsockname()[1]
        offered = iter([taken, free_port(), free_port()])
        monkeypatch.setattr("server.embedded.running.free_port", lambda: next(offered))
        with servers(data_dir, environment=NOTHING_GIVEN) as found:
            assert str(taken) not in found.database_url
            assert ask(found.database_url, "SELECT 1") == 1


def test_a_long_path_to_the_data_is_no_obstacle(new_dir):
    deep = new_dir / ("a" * 100) / ("b c" * 30)
    with servers(make_open(deep), environment=NOTHING_GIVEN) as found:
        assert ask(found.database_url, "SELECT 1") == 1


def make_open(folder):
    for path in [*reversed(folder.parents), folder]:
        if not path.exists():
            path.mkdir(mode=0o711)
    return folder


def test_a_child_dies_with_its_parent_where_the_kernel_does_not_see_to_it(tmp_path):
    script = (
        "import os, sys, time\n"
        "from server.embedded import processes\n"
        "processes.LIBC = None\n"
        "child = processes.Child(processes.Program(command=['sleep', '60']))\n"
        "print(child.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        child = Process.of(int(parent.stdout.readline()))
        parent.kill()
        assert child.gone_within(5)


def test_a_process_is_known_by_its_birth_and_a_dead_one_is_gone():
    this = Process.this()
    assert this.runs()
    assert Process.of(os.getpid()) == this
    assert not Process(os.getpid(), "another boot:1").runs()
    zombie = subprocess.Popen(["true"])
    deadline = time.monotonic() + 5
    while Process.of(zombie.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert Process.of(zombie.pid) is None
    zombie.wait()


def test_a_child_that_ignores_its_signal_is_ended():
    child = Child(Program(command=["/bin/sh", "-c", "trap '' TERM; sleep 60 & wait; wait"]))
    time.sleep(0.3)
    child.stop(grace=0.3)
    assert child.exit_code == -signal.SIGKILL


@as_root
def test_for_root_the_servers_run_as_an_unprivileged_user(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN):
        owners = {Path(f"/proc/{process.pid}").stat().st_uid for process in processes_of(data_dir)}
    assert owners == {pwd.getpwnam("nobody").pw_uid}


@as_root
def test_for_root_no_closed_folder_is_opened(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = {path: path.stat().st_mode for path in [*closed.parents, closed]}
    data = closed / "data"
    with servers(data, environment=NOTHING_GIVEN) as found:
        tell(found.owner_url, *KEEP)
    assert {path: path.stat().st_mode for path in before} == before
    assert (data / "servers").is_symlink()
    with servers(data, environment=NOTHING_GIVEN) as found:
        assert ask(found.owner_url, "SELECT answer FROM kept") == 42
    remove_data_dir(data)


@as_root
def test_for_root_a_closed_environment_is_copied_to_where_the_user_can_run_it(
    tmp_path, monkeypatch
):
    """As when the project is in root's home, which nobody else may enter."""
    account = Account(*pwd.getpwnam("nobody")[2:4])
    assert not account.can_enter(tmp_path)
    (tmp_path / "site").symlink_to(postgres_folder(account).parents[2])
    monkeypatch.setattr("server.embedded.binaries._site_of", lambda *_: tmp_path / "site")
    open_place = empty_data_dir()
    monkeypatch.setattr("server.embedded.binaries.roots_place", lambda: open_place)
    try:
        programs = postgres_folder(account)
        assert open_place in programs.parents
        assert account.can_run(programs / "initdb", "--version")
        assert open_place in valkey_server(account).parents
    finally:
        remove_data_dir(open_place)


@as_root
def test_for_root_data_of_an_ordinary_user_stay_theirs(new_dir):
    os.chown(new_dir, 12345, 12345)
    account = account_for_servers(new_dir)
    assert account == Account(12345, 12345)
    assert servers_home(new_dir, account).stat().st_uid == 12345


@as_root
def test_an_ordinary_user_runs_the_servers_as_themselves(new_dir):
    user = Account(*pwd.getpwnam("daemon")[2:4])
    os.chown(new_dir, *user)
    options = user.popen_arguments() | {"env": {"PYTHONPATH": python_path()}}
    with holder(new_dir, python=python_for(user, "server.embedded.servers"), **options) as first:
        assert ask(first.url, "SELECT 1") == 1
        owners = {Path(f"/proc/{process.pid}").stat().st_uid for process in processes_of(new_dir)}
        assert owners == {user.uid}


@as_root
def test_data_of_another_user_are_refused_with_advice(data_dir):
    with servers(data_dir, environment=NOTHING_GIVEN):
        pass
    user = Account(*pwd.getpwnam("daemon")[2:4])
    ended = subprocess.run(
        [python_for(user, "server.embedded.servers"), "-c", HOLDER, data_dir, "command", "0"],
        env={"PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        check=False,
        **user.popen_arguments(),
    )
    assert NotOurData.__name__ in ended.stderr
    assert "--data-dir" in ended.stderr


def test_a_new_data_folder_is_private_or_may_only_be_passed_through(tmp_path):
    folder = make_data_dir(tmp_path / "new" / "data")
    expected = 0o711 if os.geteuid() == 0 else 0o700
    assert stat.S_IMODE(folder.stat().st_mode) == expected
