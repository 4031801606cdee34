"""`ambassade import csv` and `import discourse`, as somebody at a terminal uses them."""

import asyncio
import csv
import os
import signal
import stat
import sys
import time
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from ground.engine import fetchval
from server.cli.main import ambassade as command_line
from tests.community.sheets import written

# Each starts several processes.
pytestmark = pytest.mark.long

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "importing.md"


@pytest.fixture
def ambassade(database, settings):
    """Run a command as a process of its own. Return its exit code, and what it said where."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENVIRONMENT": "test",
        "LC_ALL": "C",
    }

    async def run(*arguments, until=None):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            *map(str, arguments),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        if until is not None:
            await asyncio.to_thread(until)
            process.send_signal(signal.SIGINT)
        said, warned = await process.communicate()
        assert "Traceback" not in warned.decode()
        return process.returncode, said.decode().splitlines(), warned.decode().splitlines()

    return run


async def test_from_members_to_what_they_did(ambassade, catalogue, tmp_path):
    members = written(tmp_path / "members.csv", "id;name", "1;Zoé", "2;Élodie", encoding="cp1252")
    doings = written(
        tmp_path / "doings.csv", "key,member,kind,occurred_at", "a,1,review,02/03/2026"
    )

    code, said, warned = await ambassade("import", "csv", "members", members, "--source", "crm")
    assert (code, said) == (
        0,
        ["crm is in.", "  lines       2", "  new         2", "  known       0", "  rejected    0"],
    )
    assert warned == [
        "members.csv: windows-1252, semicolon between cells.",
        "read: 2 of 2",
        "taken in: 2 of 2",
    ]
    options = ["--source", "crm", "--dates", "day-first", "--all-or-nothing", "batch"]
    code, said, _ = await ambassade("import", "csv", "activities", doings, *options)
    assert (code, said[2]) == (0, "  new         1")
    code, said, _ = await ambassade("import", "csv", "activities", doings, *options)
    assert (code, said[2:4]) == (0, ["  new         0", "  known       1"])


async def test_rejected_lines_are_told_bounded_and_all_of_them_in_a_file(ambassade, tmp_path):
    bad = [f"{n},=nobody{n}" for n in range(50)]
    path = written(tmp_path / "members.csv", "id,email", "x,zoe@example.org", *bad)
    report = tmp_path / "report.csv"

    code, said, warned = await ambassade(
        "import", "csv", "members", path, "--source", "crm", "--report", report
    )

    assert code == 1
    assert said[0] == "crm: nothing was changed, since lines were rejected."
    assert said[-2:] == ["  rejected    50", "  held back   1 that are fine, beside rejected ones"]
    told = [each for each in warned if each.startswith("line ")]
    assert told[0] == "line 3: email isn't the form of an e-mail address (email_invalid)"
    assert len(told) == 20
    assert warned[-1] == f"All 50 rejected lines are in {report}."
    with report.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["line", "code", "reason"]
    assert [row[:2] for row in rows[1:]] == [[str(n), "email_invalid"] for n in range(3, 53)]
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert await fetchval("SELECT count(*) FROM member") == 0

    code, _, warned = await ambassade(
        "import", "csv", "members", path, "--source", "crm", "--all-or-nothing", "line"
    )
    assert code == 1
    assert warned[-1] == "and 30 more. Write all of them to a file with --report FILE."
    assert await fetchval("SELECT count(*) FROM member") == 1


async def test_a_dry_run_says_so(ambassade, tmp_path):
    path = written(tmp_path / "members.csv", "id", "1")

    code, said, warned = await ambassade(
        "import", "csv", "members", path, "--source", "crm", "--dry-run"
    )

    assert code == 0
    assert said[:3] == [
        "crm: a dry run, nothing was changed. It would be:",
        "  lines       1",
        "  new         1",
    ]
    assert warned[-1] == "tried: 1 of 1"
    assert await fetchval("SELECT count(*) FROM member") == 0


async def test_a_forum_is_brought_in(ambassade, tmp_path):
    path = written(
        tmp_path / "users.csv",
        "id,name,username,email,created_at,staged,ip_address,group_names",
        "-1,system,system,no_email,2013-01-01 00:00:00 UTC,false,,",
        "4,Camille,camille,camille@example.org,2019-05-01 12:30:45 UTC,false,192.0.2.1,",
    )

    code, said, _ = await ambassade("import", "discourse", path)

    assert (code, said) == (
        0,
        [
            "discourse is in.",
            "  lines       2",
            "  new         1",
            "  known       0",
            "  rejected    0",
            "  left out    1 that are Discourse's own (bots, the system)",
        ],
    )


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        ("file", "Stopped. Nothing was changed."),
        ("batch", "Stopped. What came in stays. Run the same command to go on."),
    ],
)
async def test_ctrl_c_leaves_whole_things_only(ambassade, tmp_path, settings, unit, says):
    path = written(tmp_path / "members.csv", "id", *map(str, range(2_500)))
    report = tmp_path / "report.csv"
    turn = "hashtextextended('import:crm', 0)"
    with psycopg.connect(settings.database_url, autocommit=True) as turnstile:
        turnstile.execute(f"SELECT pg_advisory_lock({turn})")

        def wait() -> None:
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            deadline = time.monotonic() + 60
            while turnstile.execute(waits).fetchone() == (0,):
                assert time.monotonic() < deadline, "the import never came so far"
                time.sleep(0.02)

        code, said, warned = await ambassade(
            *("import", "csv", "members", path, "--source", "crm"),
            *("--all-or-nothing", unit, "--report", report),
            until=wait,
        )

    assert (code, said, warned[-1]) == (130, [], says)
    assert await fetchval("SELECT count(*) FROM member") == 0
    assert list(tmp_path.iterdir()) == [path]


HERE = ["import", "csv", "members", "members.csv"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "csv"], "Missing argument"),
        (["import", "csv", "badges", "x.csv"], "'badges' is not one of"),
        (HERE, "Missing option '--source'"),
        ([*HERE, "--source", "ambassade"], "can't be the name of a source"),
        ([*HERE, "--source", "C R M"], "can't be the name of a source"),
        ([*HERE, "--source", "crm"], "members.csv isn't there"),
        ([*HERE, "--source", "crm", "--dates", "american"], "'american' is not one of"),
        ([*HERE, "--source", "crm", "--zone", "Paris"], "'Paris' is no time zone"),
        ([*HERE, "--source", "crm", "--encoding", "rot13"], "'rot13' is not one of"),
        ([*HERE, "--source", "crm", "--delimiter", "|"], "'|' is not one of"),
        ([*HERE, "--source", "crm", "--all-or-nothing", "never"], "'never' is not one of"),
        ([*HERE, "--source", "crm", "--population", "martian"], "'martian' is not one of"),
        (["import", "discourse"], "Missing argument 'PATH'"),
        (["import", "discourse", "."], ". isn't a file"),
    ],
)
def test_what_a_person_can_mend_is_told_before_anything_starts(monkeypatch, arguments, says):
    monkeypatch.setattr("server.cli.up_to_date.connected", None)

    ended = CliRunner().invoke(command_line, arguments, prog_name="ambassade")

    assert ended.exit_code in {1, 2}
    assert says in ended.output + str(ended.exception)


def test_every_option_is_in_the_documentation():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    for command in ("csv", "discourse"):
        options = CliRunner().invoke(command_line, ["import", command, "--help"]).output.split()
        for option in {each for each in options if each.startswith("--")} - {"--help"}:
            assert option.rstrip(".,") in text, option


def test_every_reason_for_a_rejection_is_in_the_documentation():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    codes = set()
    for module in sorted((DOCUMENTATION.parents[1] / "community" / "imports").glob("*.py")):
        source = module.read_text(encoding="utf-8")
        codes |= {code for code in REASONS if f'"{code}"' in source}
    assert codes == REASONS
    assert [code for code in sorted(REASONS) if f"`{code}`" not in text] == []


REASONS = {
    "cells_missing",
    "cells_too_many",
    "date_ambiguous",
    "date_invalid",
    "duplicate_id",
    "duplicate_key",
    "email_invalid",
    "id_invalid",
    "in_the_future",
    "language_unknown",
    "member_invalid",
    "population_unknown",
    "quantity_invalid",
    "quantity_out_of_range",
    "time_zone_unknown",
    "too_long",
    "unknown_kind",
    "unknown_member",
    "zone_missing",
}
