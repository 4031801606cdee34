"""Settings in a file `.env`, as `.env.example` shows them. The environment itself comes first."""

from collections.abc import MutableMapping
from pathlib import Path

import click


def read_env_file(path: Path, environment: MutableMapping[str, str]) -> None:
    """Add what the file says and the environment doesn't."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        said = line.strip().removeprefix("export ")
        if not said or said.startswith("#"):
            continue
        name, equals, value = said.partition("=")
        if not equals or not name.strip().isidentifier():
            raise click.ClickException(f"{path}, line {number}: write NAME=value.")
        environment.setdefault(name.strip(), _unquoted(value.strip()))


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()
