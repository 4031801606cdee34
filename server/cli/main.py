"""`ambassade`: the command line. Each command's module is imported only when it is asked for."""

import importlib
import os
import sys
from pathlib import Path

import click

from ground.errors import AmbassadeError
from server.cli.env_file import read_env_file
from server.config import SettingsRefused
from server.embedded.errors import ServersError

# Where each command is, and what it does in one line.
COMMANDS = {
    "run": ("server.cli.run:run", "Start everything on this machine."),
    "api": ("server.cli.api:api", "Serve HTTP."),
    "live": ("server.cli.live:live", "Serve sockets: what happens, as it happens."),
    "worker": ("server.cli.worker:worker", "Do the work that waits: jobs, boards, hand-overs."),
    "migrate": ("server.cli.migrate:migrate", "Bring the database up to this version."),
    "seed": ("server.cli.seed:seed", "Fill an empty database with a small demo community."),
    "import": ("server.cli.imports:imports", "Bring in the history of another community."),
    "export": (
        "server.cli.exports:export",
        "Hand out members, activities, awards or the audit trail as CSV.",
    ),
    "replay": ("server.cli.replay:replay", "Hold everything kept against the ledger, and mend it."),
    "catalogue": ("server.cli.catalogue:catalogue", "What counts, and what can be earned."),
    "charter": ("server.cli.charter:charter", "What members agree to when they join."),
    "keys": ("server.cli.keys:keys", "With what the brand's systems sign in."),
    "staff": ("server.cli.staff:staff", "Who runs the programme."),
    "push": ("server.cli.push:push", "Whether anything may be pushed to phones."),
    "sandbox": ("server.cli.sandbox:sandbox", "Stand in for Firebase, in development."),
    "doctor": ("server.cli.doctor:doctor", "Say what is missing here, and what to do about it."),
}


class Commands(click.Group):
    """The commands, imported one by one: `--help` needn't load a web framework."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ambassade", message="%(package)s %(version)s")
def ambassade() -> None:
    """The backend of an ambassador community."""


def main() -> None:
    """Run a command. What a person can mend is said in words, without a traceback."""
    try:
        read_env_file(Path(".env"), os.environ)
        ambassade(prog_name="ambassade")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except AmbassadeError as error:
        places = [f"\n  {wrong.pointer}: {wrong.detail}" for wrong in error.errors]
        sys.exit(f"Error: {error}{''.join(places)}")
    except (ServersError, SettingsRefused) as error:
        sys.exit(f"Error: {error}")
