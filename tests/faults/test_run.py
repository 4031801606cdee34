"""`ambassade run` as a person, a terminal, a crash and a neighbour meet it."""

import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from server.embedded.account import Account
from server.embedded.processes import Process, command_line
from server.embedded.record import Record
from tests.servers import empty_data_dir, python_for, python_path, remove_data_dir

pytestmark = pytest.mark.long

BARE = {
    "PATH": os.environ["PATH"],
    "HOME": os.environ.get("HOME", "/"),
    "LANG": "en_US.UTF-8",
    # What these tests count stays as it is.
    "DEMO_MOVES": "no",
}
SECONDS_TO_START = 180
# Seconds, on a machine that does nothing else.
SECONDS_TO_START_AGAIN = 30
# All processes one after the other, and both databases, on a machine that may be busy.
SECONDS_TO_STOP = 30


@pytest.fixture(scope="module")
def data_dir():
    folder = empty_data_dir()
    yield folder
    remove_data_dir(folder)


@pytest.fixture(scope="module")
def tree():
    """One that runs while several tests look at it and hurt it."""
    folder = empty_data_dir()
    with running(folder) as tree:
        yield tree
    remove_data_dir(folder)


class Tree:
    """A running `ambassade run`, what it said, and the processes below it."""

    def __init__(self, process, data_dir, said):
        self.process = process
        self.data_dir = data_dir
        self._said = said

    @property
    def said(self):
        return self._said.read_text()

    @property
    def base(self):
        return re.search(r"API +(\S+)/v1", self.said)[1]

    @property
    def owner_url(self):
        return Record.read(self.data_dir).addresses["DATABASE_OWNER_URL"]

    def below(self):
        """All processes that it started, and those that they started."""
        listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, check=True)
        pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
        found = [self.process.pid]
        for parent in found:
            found += [pid for pid, its_parent in pairs if its_parent == parent]
        return [process for pid in found[1:] if (process := Process.of(pid))]

    def named(self, words):
        return next(process for process in self.below() if words in command_line(process.pid))

    def wait_until(self, holds, seconds=SECONDS_TO_START):
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)


def hearing_signals():
    """As in a terminal, also where these tests run below `nohup` or in the background."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def running(data_dir, *arguments, python=sys.executable, ready="Ctrl-C", **options):
    """The tree, up and answering. It is killed afterwards if it still runs."""
    said = data_dir.with_suffix(f".{time.monotonic_ns()}.said")
    command = [python, "-m", "server", "run", "--data-dir", str(data_dir), *arguments]
    options = {"env": BARE, "process_group": 0, "preexec_fn": hearing_signals} | options
    with (
        said.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, **options) as process,
    ):
        tree = Tree(process, data_dir, said)
        try:
            tree.wait_until(lambda: ready in tree.said)
            yield tree
        finally:
            left = tree.below()
            process.kill()
            process.wait()
            said.unlink()
            assert all(child.gone_within(SECONDS_TO_STOP) for child in left)


def ended(data_dir, *arguments):
    """A run that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "server", "run", "--data-dir", str(data_dir), *arguments],
        env=BARE,
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_START,
        check=False,
    )


def answer(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def stops(tree, signal_number, *, group=False):
    """Signal the tree; return its exit code, how long it took, and who is left."""
    processes = tree.below()
    assert len(processes) > 4
    started = time.monotonic()
    (os.killpg if group else os.kill)(tree.process.pid, signal_number)
    code = tree.process.wait(SECONDS_TO_STOP + 5)
    took = time.monotonic() - started
    return code, took, [process for process in processes if process.runs()]


def write_down(tree, answer_to_keep):
    with psycopg.connect(tree.owner_url) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept (answer int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [answer_to_keep])


def written_down(tree):
    with psycopg.connect(tree.owner_url) as connection:
        return connection.execute("SELECT answer FROM kept").fetchone()[0]


def test_it_says_what_is_where_and_answers_there(tree):
    assert answer(f"{tree.base}/health/ready") == 200
    assert answer(f"{tree.base}/docs") == 200
    pages = (f"{tree.base}/{page}" for page in ("docs", "widget", "health/ready"))
    for words in (*pages, "ws://localhost:", "/v1/challenges", str(tree.data_dir)):
        assert words in tree.said


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_what_it_starts_never_hears_of_the_owner_of_the_tables(tree):
    """The API and the worker are led to the database as a role that owns nothing (T30)."""
    record = Record.read(tree.data_dir).addresses
    assert record["DATABASE_OWNER_URL"] != record["DATABASE_URL"]
    for words in ("server api", "server live", "server worker"):
        told = Path(f"/proc/{tree.named(words).pid}/environ").read_text()
        assert record["DATABASE_URL"] in told
        assert record["DATABASE_OWNER_URL"] not in told


def test_the_commands_it_prints_sign_in(tree):
    commands = re.findall(r"^ +(curl .*)$", tree.said, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        got = subprocess.run(["sh", "-c", command], capture_output=True, check=True)
        assert "status" not in json.loads(got.stdout), got.stdout


def test_it_speaks_french_to_a_french_terminal(data_dir):
    with running(data_dir, env=BARE | {"LANG": "fr_FR.UTF-8"}) as tree:
        assert "Ambassade est en marche." in tree.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_it_started(data_dir, number):
    with running(data_dir) as tree:
        code, took, left = stops(tree, number)
    assert (code, left) == (0, [])
    assert took < SECONDS_TO_STOP


def test_ctrl_c_in_the_terminal_stops_everything(data_dir):
    """The terminal signals the whole group, and an impatient person does it twice."""
    with running(data_dir) as tree:
        processes = tree.below()
        os.killpg(tree.process.pid, signal.SIGINT)
        os.killpg(tree.process.pid, signal.SIGINT)
        assert tree.process.wait(SECONDS_TO_STOP) == 0
    assert not any(process.runs() for process in processes)


def test_a_second_start_is_quick_and_keeps_the_data(data_dir):
    with running(data_dir) as tree:
        write_down(tree, 42)
        stops(tree, signal.SIGTERM)
    started = time.monotonic()
    with running(data_dir) as tree:
        assert time.monotonic() - started < SECONDS_TO_START_AGAIN
        assert written_down(tree) == 42


def test_after_a_kill_nothing_is_left_and_the_next_start_goes_on(data_dir):
    with running(data_dir) as tree:
        write_down(tree, 43)
        processes = tree.below()
        tree.process.kill()
        with running(data_dir) as again:
            assert written_down(again) == 43
            assert answer(f"{again.base}/health/ready") == 200
            assert not any(process.runs() for process in processes)


def test_after_a_kill_the_children_end_by_themselves(data_dir):
    with running(data_dir) as tree:
        processes = tree.below()
        tree.process.kill()
        assert all(process.gone_within(SECONDS_TO_STOP) for process in processes)


@pytest.mark.parametrize(
    "program", ["server api", "server live", "server worker", "valkey-server", "postgres -D"]
)
def test_a_process_that_dies_is_started_again(tree, program):
    victim = tree.named(program)
    os.kill(victim.pid, signal.SIGKILL)
    assert victim.gone_within(5)
    tree.wait_until(lambda: any(program in command_line(p.pid) for p in tree.below()))
    tree.wait_until(lambda: answer(f"{tree.base}/health/ready") == 200)


def test_no_caller_is_refused_while_the_api_starts_again(tree):
    api = tree.named("server api")
    os.kill(api.pid, signal.SIGKILL)
    assert api.gone_within(5)
    with urllib.request.urlopen(f"{tree.base}/health/live", timeout=SECONDS_TO_START) as response:
        assert response.status == 200


def test_a_taken_port_makes_it_choose_another_and_say_so(data_dir):
    with socket.socket() as neighbour:
        neighbour.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            neighbour.bind(("127.0.0.1", 8000))
            neighbour.listen()
        except OSError:
            # Another neighbour has it already, which is just as well.
            neighbour.close()
        with running(data_dir) as tree:
            assert "Port 8000 is taken" in tree.said
            assert not tree.base.endswith(":8000")
            assert answer(f"{tree.base}/health/ready") == 200


def test_a_port_that_was_asked_for_and_is_taken_ends_it_with_advice(data_dir):
    with socket.socket() as neighbour:
        neighbour.bind(("127.0.0.1", 0))
        neighbour.listen()
        refused = ended(data_dir, "--port", str(neighbour.getsockname()[1]))
    assert refused.returncode == 1
    assert "--port" in refused.stderr


def test_a_second_tree_on_the_same_data_is_refused(tree):
    refused = ended(tree.data_dir)
    assert refused.returncode == 1
    assert "running on" in refused.stderr


def test_another_command_uses_the_running_tree(tree):
    servers = Record.read(tree.data_dir).servers
    command = [sys.executable, "-m", "server", "migrate", "--check", "--data-dir", tree.data_dir]
    checked = subprocess.run(command, env=BARE, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "Nothing is pending.\n")
    assert Record.read(tree.data_dir).servers == servers
    assert answer(f"{tree.base}/health/ready") == 200


def test_it_is_not_opened_to_others_by_accident(data_dir):
    refused = ended(data_dir, "--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "ENVIRONMENT" in refused.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_an_ordinary_user_runs_it_all():
    data = empty_data_dir()
    user = Account(*pwd.getpwnam("daemon")[2:4])
    os.chown(data, *user)
    options = user.popen_arguments() | {"env": BARE | {"PYTHONPATH": python_path()}}
    try:
        with running(data, python=python_for(user, "server.app"), **options) as tree:
            assert answer(f"{tree.base}/health/ready") == 200
            code, _, left = stops(tree, signal.SIGTERM)
        assert (code, left) == (0, [])
    finally:
        remove_data_dir(data)
