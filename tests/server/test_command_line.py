import re
import resource
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from server.cli import main as command_line
from server.cli.env_file import read_env_file
from server.cli.live import allow_many_sockets
from server.cli.supervision import Kept, Patience, stop
from server.cli.welcome import ENGLISH, FRENCH, sign_in, words_for
from server.embedded.processes import Program


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_every_command_says_what_it_does(name):
    asked = CliRunner().invoke(command_line.ambassade, [name, "--help"])
    assert asked.exit_code == 0
    assert asked.output.startswith(f"Usage: ambassade {name}")
    assert len(asked.output.splitlines()[2].split()) > 1


def test_the_list_of_commands_needs_no_web_framework():
    script = (
        "import sys; sys.argv = ['ambassade', '--help']\n"
        "from server.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as ended: print(ended.code, 'litestar' in sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == "0 False"
    assert re.search(r"^  run +Start everything", ended.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        pytest.param(["sing"], {}, "No such command", id="an unknown command"),
        pytest.param(["migrate", "--wrong"], {}, "No such option", id="an unknown option"),
        pytest.param(
            ["migrate"],
            {"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"},
            "can't be reached",
            id="a database that is away",
        ),
        pytest.param(["migrate"], {"MINIMUM_AGE": "old"}, "MINIMUM_AGE", id="a wrong setting"),
        pytest.param(
            ["api"],
            {"ENVIRONMENT": "production"},
            "FIREBASE_PROJECT_ID",
            id="an unsafe setting in production",
        ),
    ],
)
def test_what_a_person_can_mend_is_said_without_a_traceback(arguments, environment, says):
    given = {"REDIS_URL": "redis://127.0.0.1:1", "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    ended = subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        env=given | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode not in (0, -1)
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_env_file_adds_what_the_environment_does_not_say(tmp_path):
    (tmp_path / ".env").write_text(
        "# a comment\n\nPUBLIC_URL=https://a.example  # ours\nexport DEBUG='on # off'\nLANG=fr\n"
    )
    environment = {"LANG": "en"}
    read_env_file(tmp_path / ".env", environment)
    assert environment == {"PUBLIC_URL": "https://a.example", "DEBUG": "on # off", "LANG": "en"}


def test_a_wrong_line_of_the_env_file_is_named(tmp_path):
    (tmp_path / ".env").write_text("PUBLIC_URL=https://a.example\nDEBUG on\n")
    with pytest.raises(click.ClickException, match="line 2"):
        read_env_file(tmp_path / ".env", {})


def test_no_env_file_is_fine(tmp_path):
    environment: dict[str, str] = {}
    read_env_file(tmp_path / ".env", environment)
    assert environment == {}


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        pytest.param({"LANG": "fr_FR.UTF-8"}, FRENCH, id="French"),
        pytest.param({"LANG": "en_GB.UTF-8"}, ENGLISH, id="English"),
        pytest.param({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, ENGLISH, id="LC_ALL wins"),
        pytest.param({}, ENGLISH, id="nothing is said"),
    ],
)
def test_the_terminal_decides_the_language(environment, words):
    assert words_for(environment) is words


def test_the_sign_in_command_is_one_line_for_a_shell():
    command = sign_in("http://localhost:8000", "camille", "/v1/me")
    assert "\n" not in command
    checked = subprocess.run(["sh", "-n", "-c", command], capture_output=True, check=False)
    assert checked.returncode == 0


def test_each_wait_is_twice_as_long_until_one_lived_long():
    patience = Patience()
    waits = [patience.failed(now) for now in (0, 1, 2, 3, 4, 5, 6, 7, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert patience.failed(8 + 30 + 61) == 0.5


def test_a_child_that_died_is_started_again_when_its_time_has_come():
    kept = Kept("brief", Program(command=["true"]))
    first = kept.child
    first.stop(grace=5)
    kept.look(now=100.0)
    assert kept.child is first
    kept.look(now=100.4)
    assert kept.child is first
    kept.look(now=100.6)
    assert kept.child is not first
    stop([kept])
    assert kept.child.exit_code is not None


@pytest.mark.parametrize(
    ("limits", "asked"),
    [
        ((1_024, 524_288), [(65_536, 524_288)]),
        ((1_024, 4_096), [(4_096, 4_096)]),
        ((1_024, resource.RLIM_INFINITY), [(65_536, resource.RLIM_INFINITY)]),
        ((100_000, 524_288), []),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), []),
    ],
)
def test_sockets_get_as_many_files_as_the_system_gives(monkeypatch, limits, asked):
    done = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: done.append(wanted))
    allow_many_sockets()
    assert done == asked
