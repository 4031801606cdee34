"""What others made, fetched for a run into a folder of its own, in the versions named here."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

PEERS: Final = Path(__file__).parent / "peers"
AIOHTTP: Final = "aiohttp==3.14.5"
PATIENCE: Final = 90


def from_npm(folder: Path) -> str:
    """The servers of `peers/` with what they need. Returns why not, where it can't be."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "ws and socket.io: skipped, since there is no node with npm here"
    shutil.copytree(PEERS, folder, dirs_exist_ok=True)
    return _done([npm, "install", "--silent", "--no-audit", "--no-fund"], folder, "ws, socket.io")


def from_pypi(folder: Path) -> str:
    """aiohttp, beside our own packages."""
    folder.mkdir(exist_ok=True)
    quiet = ("--quiet", "--disable-pip-version-check", "--target", ".")
    return _done([sys.executable, "-m", "pip", "install", *quiet, AIOHTTP], folder, "aiohttp")


def _done(command: list[str], folder: Path, what: str) -> str:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        return f"{what}: skipped, since fetching failed ({type(failure).__name__})"
    return ""
