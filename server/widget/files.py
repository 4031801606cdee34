"""The widget's files: one with a short life, and each version for ever under its hash."""

import base64
import gzip
import hashlib
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

SCRIPT: Final = "leaderboard.js"
KINDS: Final = {
    "js": "text/javascript; charset=utf-8",
    "ts": "text/plain; charset=utf-8",
    "css": "text/css; charset=utf-8",
}
A_WHILE: Final = "public, max-age=300"
FOR_EVER: Final = "public, max-age=31536000, immutable"
MOST_COMPRESSED: Final = 9


class File(NamedTuple):
    """A file as it is sent."""

    body: bytes
    compressed: bytes
    kind: str
    etag: str
    cache: str

    @property
    def integrity(self) -> str:
        """What a page says in `integrity`."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()


@cache
def files() -> dict[str, File]:
    """All files by name, and the script once more under the hash of each version."""
    folder = resources.files("server.widget").joinpath("static")
    found: dict[str, File] = {}
    for path in (path for path in folder.iterdir() if path.is_file()):
        found[path.name] = _file(path.read_bytes(), path.name, A_WHILE)
    versions = [path for path in folder.joinpath("earlier").iterdir() if path.name.endswith(".js")]
    for body in [found[SCRIPT].body, *(path.read_bytes() for path in versions)]:
        found[versioned(body)] = _file(body, SCRIPT, FOR_EVER)
    return found


def versioned(body: bytes) -> str:
    """The name of a version, which changes with every byte."""
    name, _, ending = SCRIPT.partition(".")
    return f"{name}.{hashlib.sha256(body).hexdigest()[:16]}.{ending}"


def _file(body: bytes, name: str, cache_control: str) -> File:
    return File(
        body,
        gzip.compress(body, MOST_COMPRESSED, mtime=0),
        KINDS[name.rpartition(".")[2]],
        f'"{hashlib.sha256(body).hexdigest()[:24]}"',
        cache_control,
    )
