"""Where the embedded servers' files are, and which folders may be opened for whom."""

import os
import tempfile
from pathlib import Path

from server.embedded.account import Account

PROJECT = Path(__file__).resolve().parents[2]


def default_data_dir() -> Path:
    """`.data` in the project, or in the current folder where Ambassade is only installed."""
    inside = PROJECT if (PROJECT / "pyproject.toml").exists() else Path.cwd()
    return inside / ".data"


def roots_place() -> Path:
    """Where root puts what the servers' user must reach."""
    return open_folder(Path("/var/lib/ambassade"))


def open_folder(path: Path) -> Path:
    """Make a folder that everybody may enter. One that exists keeps its permissions."""
    if not path.exists():
        path.mkdir(parents=True, mode=0o755)
        path.chmod(0o755)
    return path


def make_data_dir(path: Path) -> Path:
    """The data folder, made if it is missing: private, except that root's may be passed through."""
    path = path.expanduser().absolute()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir()
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return path


def servers_home(data_dir: Path, account: Account) -> Path:
    """The folder that belongs to the servers' user.

    It is `servers` in the data folder: a link when that user can't get as far as there.
    """
    home = data_dir / "servers"
    if not home.exists():
        home.unlink(missing_ok=True)
        if account.can_enter(data_dir):
            home.mkdir(mode=0o700)
            account.receive(home)
        else:
            elsewhere = open_folder(roots_place() / "data")
            place = Path(tempfile.mkdtemp(prefix=f"{data_dir.parent.name}-", dir=elsewhere))
            account.receive(place)
            home.symlink_to(place)
    return home.resolve()
