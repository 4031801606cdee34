"""`ambassade import`, `export`, `replay` and `seed`, as somebody types them."""

import csv
import io
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psycopg
import pytest
from click.testing import CliRunner
from psycopg.rows import TupleRow

from community.imports.stackexchange import FILES
from ground.errors import AmbassadeError
from server.cli import main as command_line
from tests.community.dumps import CONLANG, ROOT, really_awarded, write_dump

# Each starts several processes.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def environment(redis_url):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"REDIS_URL": redis_url, "LC_ALL": "C", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def ambassade(environment, make_database):
    """Run a command on a database of this module, or on another."""
    own = make_database()

    def run(*arguments: str, database: str = own) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            env=environment | {"DATABASE_URL": database},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    run.database = own
    return run


@pytest.fixture(scope="module")
def imported(ambassade):
    """The answer to a first import of the real dump."""
    ended = ambassade("import", "stackexchange", str(CONLANG))
    assert ended.returncode == 0, ended.stderr
    return ended


def awards_in(text: str) -> set[tuple[str, ...]]:
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["member", "badge", "subject", "awarded_at"]
    return {tuple(line) for line in lines[1:]}


def test_an_import_says_what_came_and_what_did_not(imported):
    assert imported.stdout.splitlines()[:4] == [
        "conlang.meta is in.",
        "  catalogue   41 definitions published",
        "  members     271 new, 0 known",
        "  activities  1962 new, 0 known",
    ]
    assert "  skipped     18 post unknown" in imported.stdout
    assert imported.stderr.splitlines()[-1] == "rows: 2248 of 2248"


def test_a_second_import_says_that_all_is_known(imported, ambassade):
    again = ambassade("import", "stackexchange", str(CONLANG))

    assert again.returncode == 0
    assert "  catalogue   as it was" in again.stdout
    assert "  activities  0 new, 1962 known" in again.stdout


def test_the_awards_are_told_in_the_words_of_the_source(imported, ambassade, tmp_path):
    file = tmp_path / "awards.csv"
    file.write_text("what was there before")
    ended = ambassade("export", "awards", "--output", str(file), "--source", "conlang.meta")

    told, real = awards_in(file.read_text(encoding="utf-8")), really_awarded(CONLANG)
    assert ("113", "Nice Answer", "83", "2018-03-04T23:59:59.999999Z") in told
    assert {(member, badge) for member, badge, _, _ in told} <= set(real)
    assert sum(min(n, real[who]) for who, n in _counted(told).items()) / real.total() >= 0.97
    assert ended.stdout == ""
    assert ended.stderr.endswith(f"{len(told)} awards written to {file}.\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def _counted(told):
    pairs = [(member, badge) for member, badge, _, _ in told]
    return {pair: pairs.count(pair) for pair in set(pairs)}


def test_a_reader_that_has_seen_enough_ends_an_export_quietly(imported, ambassade, environment):
    command = f"{sys.executable} -m server export activities | head -n 1; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(
        ["bash", "-c", command],
        env=environment | {"DATABASE_URL": ambassade.database},
        capture_output=True,
        text=True,
    )

    assert ended.stdout.startswith("member,kind,subject")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_replay_finds_nothing_then_what_was_spoiled_and_mends_it(imported, ambassade):
    clean = ambassade("replay", "--check")
    assert (clean.returncode, clean.stdout) == (0, "Everything is as the ledger says.\n")

    with psycopg.connect(ambassade.database, autocommit=True) as connection:
        spoil = "DELETE FROM award WHERE badge = 'conlang.meta:revival'"
        assert connection.execute(spoil).rowcount == 2

    spoiled = ambassade("replay", "--check")
    assert spoiled.returncode == 1
    assert spoiled.stdout.count("conlang.meta:revival") == 2
    assert "2 differences. Mend them with: ambassade replay" in spoiled.stderr

    mended = ambassade("replay")
    assert (mended.returncode, mended.stdout) == (0, "2 rows were mended.\n")
    with psycopg.connect(ambassade.database) as connection:
        kept = "SELECT count(*) FROM award WHERE badge = 'conlang.meta:revival'"
        assert connection.execute(kept).fetchone() == (2,)


def let_one_batch_through(turnstile: psycopg.Connection[TupleRow]) -> None:
    """Who waits at the turnstile passes once, and waits for the next turn."""
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    deadline = time.monotonic() + 60
    while turnstile.execute(waiting).fetchone() == (0,):
        assert time.monotonic() < deadline, "the import never came so far"
        time.sleep(0.02)
    turnstile.execute(
        "SELECT pg_advisory_unlock(hashtextextended('import:conlang.meta', 0));"
        "SELECT pg_advisory_lock(hashtextextended('import:conlang.meta', 0))"
    )
    entries = turnstile.execute("SELECT count(*) FROM ledger_entry").fetchone()
    assert entries is not None
    assert 0 < entries[0] < 1962


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGKILL, id="kill -9"),
        pytest.param(signal.SIGINT, id="Ctrl-C", marks=pytest.mark.long),
    ],
)
def test_an_import_that_was_cut_off_goes_on_and_ends_the_same(
    imported, ambassade, environment, make_database, number
):
    database = make_database()
    with psycopg.connect(database, autocommit=True) as turnstile:
        turnstile.execute("SELECT pg_advisory_lock(hashtextextended('import:conlang.meta', 0))")
        cut = subprocess.Popen(
            [sys.executable, "-m", "server", "import", "stackexchange", str(CONLANG)],
            env=environment | {"DATABASE_URL": database},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        let_one_batch_through(turnstile)
        cut.send_signal(number)
        _, rest = cut.communicate(timeout=60)
    assert cut.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130), rest
    if number == signal.SIGINT:
        assert rest.endswith("Stopped. What came in stays. Run the same command to go on.\n")

    again = ambassade("import", "stackexchange", str(CONLANG), database=database)

    assert again.returncode == 0
    assert "  members     0 new, 271 known" in again.stdout
    whole = awards_in(ambassade("export", "awards").stdout)
    assert awards_in(ambassade("export", "awards", database=database).stdout) == whole


@pytest.fixture
def broken(tmp_path) -> Path:
    """A dump with a wrong date in its second half, after rows that would be fine."""
    rows = [{"Id": str(n), "CreationDate": "2020-01-01T00:00:00"} for n in range(1, 1500)]
    rows.append({"Id": "1500", "CreationDate": "yesterday"})
    return write_dump(tmp_path / "broken.meta", {"Users.xml": rows})


def test_a_wrong_row_is_told_and_nothing_of_the_dump_is_kept(ambassade, broken, make_database):
    database = make_database()
    ended = ambassade("import", "stackexchange", str(broken), database=database)

    assert ended.returncode == 1
    place = "Users.xml, line 1502 (Id 1500): CreationDate is 'yesterday', which isn't a date."
    assert ended.stderr.strip() == f"Error: {place}"
    with psycopg.connect(database) as connection:
        for table in ("member", "publication", "ledger_entry", "audit_entry"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


HERE = ["import", "stackexchange", str(CONLANG)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import"], "Usage: ambassade import"),
        (["import", "stackexchange"], "Missing argument 'DIR'"),
        (["import", "stackexchange", "nowhere"], "nowhere isn't a folder"),
        (["import", "stackexchange", str(ROOT / "tests")], "tests lacks Users.xml"),
        ([*HERE, "--source", "Con Lang"], "can't be the name of a source"),
        ([*HERE, "--source", ""], "can't be the name of a source"),
        ([*HERE, "--source", "a" * 41], "at most 40"),
        ([*HERE, "--source", "a:b"], "can't be the name of a source"),
        ([*HERE, "--exported-on", "2020-08-01"], "it wasn't exported on 2020-08-01"),
        ([*HERE, "--exported-on", "soon"], "'soon' does not match"),
        ([*HERE, "--catalogue", "nowhere.toml"], "'nowhere.toml' does not exist"),
        ([*HERE, "--catalogue", str(ROOT / "LICENSE")], "Not TOML"),
        (["export"], "Usage: ambassade export"),
        (["export", "secrets"], "No such command 'secrets'"),
        (["export", "members", "--output", str(ROOT / "tests")], "is a directory"),
        (["replay", "--as-of", "2026-01-01"], "--as-of goes with --check"),
        (["replay", "--check", "--as-of", "noon"], "isn't a moment"),
    ],
)
def test_what_a_person_can_mend_is_told_before_anything_starts(monkeypatch, arguments, says):
    monkeypatch.setattr("server.cli.up_to_date.connected", None)

    ended = CliRunner().invoke(command_line.ambassade, arguments, prog_name="ambassade")

    assert ended.exit_code in {1, 2}
    assert isinstance(ended.exception, SystemExit | AmbassadeError)
    assert says in ended.output + str(ended.exception)


def test_a_place_that_cannot_be_written_to_is_told(ambassade):
    ended = ambassade("export", "members", "--output", "nowhere/members.csv")

    assert ended.returncode == 1
    assert "Error: nowhere/members.csv can't be written: No such file" in ended.stderr


def test_a_database_without_tables_is_told_what_to_run(ambassade, blank):
    ended = ambassade("export", "awards", database=blank.application)

    assert ended.returncode == 1
    assert "The database is behind. Run: ambassade migrate" in ended.stderr


def test_names_are_told_in_utf_8_whatever_the_terminal_speaks(imported, ambassade):
    with psycopg.connect(ambassade.database) as connection:
        connection.execute(
            """
            WITH new AS (
                INSERT INTO member (id, state, display_name, created_at, joined_at)
                VALUES (gen_random_uuid(), 'active', 'Élodie', now(), now()) RETURNING id
            )
            INSERT INTO player (member_id, state, joined_at, board_alias)
            SELECT id, 'active', now(), gen_random_uuid() FROM new
            """
        )

    assert ",customer,Élodie,20" in ambassade("export", "members").stdout


@pytest.mark.parametrize(
    ("seeded", "says"),
    [
        (True, "A demo community is there. Sign in as camille, or as manager.\n"),
        (False, "There are members already: nothing was changed.\n"),
    ],
)
def test_seeding_says_what_it_did(monkeypatch, seeded, says):
    monkeypatch.setattr("server.cli.seed.on_current_tables", lambda *_: seeded)

    assert CliRunner().invoke(command_line.ambassade, ["seed"]).stdout == says


def test_the_fixture_has_all_files_of_a_dump():
    assert {path.name for path in CONLANG.iterdir()} == {*FILES, "Badges.xml"}


@pytest.mark.parametrize(
    "failure",
    [
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        ConnectionRefusedError(111, "Connection refused"),
    ],
)
def test_a_database_that_goes_away_meanwhile_is_told(monkeypatch, failure):
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("server.cli.up_to_date.connected", fail)
    ended = CliRunner().invoke(command_line.ambassade, HERE)

    assert ended.exit_code == 1
    assert "PostgreSQL went away meanwhile" in ended.stderr
    assert "run the same command again" in ended.stderr
