"""What the database lacks of this version's tables. Every process asks, so it imports little.

Migrations are named here by their files: importing them, the job runner's schema and what writes
migrations would cost a process that only serves twenty MiB.
"""

import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from piccolo.apps.migrations.tables import Migration

JOBS: Final = "procrastinate"
PACKAGES: Final = ("ground", "notifications", "gamification", "community")
_STEM: Final = re.compile(r"(\d{4})_(\d\d)_(\d\d)t(\d\d)_(\d\d)_(\d\d)_(\d{6})")


async def pending() -> list[str]:
    """The migrations that the database lacks."""
    known = await Migration.table_exists().run()
    lacking = []
    wanted: Mapping[str, Iterable[str]] = {
        **{package: _migrations_of(package) for package in PACKAGES},
        JOBS: job_scripts(),
    }
    for app, names in wanted.items():
        ran = await Migration.get_migrations_which_ran(app_name=app) if known else []
        lacking += [f"{app}: {name}" for name in sorted({*names} - {*ran})]
    return lacking


def job_scripts() -> dict[str, Path]:
    """The job runner's own migrations, by their names."""
    scripts = (_folder_of(JOBS) / "sql" / "migrations").glob("*.sql")
    return {script.stem: script for script in scripts}


def _migrations_of(package: str) -> list[str]:
    """Their ids, of which Piccolo makes the names of files."""
    stems = (path.stem for path in (_folder_of(package) / "piccolo_migrations").glob("*.py"))
    found = (_STEM.fullmatch(stem.removeprefix(f"{package}_")) for stem in stems)
    return ["{}-{}-{}T{}:{}:{}:{}".format(*each.groups()) for each in found if each is not None]


def _folder_of(package: str) -> Path:
    """Where a package is, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return Path(spec.submodule_search_locations[0])
