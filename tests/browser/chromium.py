"""Where Chromium is on this machine, and how it is started."""

import os
import shutil
from typing import Final

NEEDED: Final = "AMBASSADE_NEEDS_BROWSER"
GIVEN: Final = "CHROMIUM"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE_HERE: Final = (
    f"no Chromium on this machine: install one, or say where it is with {GIVEN}=/path/to/chromium"
)
FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The path of a Chromium, if there is one."""
    given = os.environ.get(GIVEN)
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def is_needed() -> bool:
    """Whether tests fail where there is none, as in CI."""
    return os.environ.get(NEEDED) == "1"
