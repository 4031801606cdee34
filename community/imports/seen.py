"""Which keys a file has had already, on disk: a file of a million lines takes no more memory."""

import hashlib
import sqlite3
from collections.abc import Hashable, Iterable
from contextlib import closing
from types import TracebackType


class Seen:
    """Remembers on which line each key came first. Digests only, in a file without a name."""

    def __init__(self) -> None:
        # An empty name is a temporary database that goes when it is closed.
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INT) WITHOUT ROWID")

    def __enter__(self) -> "Seen":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.database.close()

    def first_lines(self, keys: Iterable[tuple[int, Hashable]]) -> dict[int, int]:
        """For each line the one on which its key came first. To ask again changes nothing."""
        digests = {line: _digest(key) for line, key in keys}
        with closing(self.database.cursor()) as cursor:
            cursor.execute("BEGIN")
            cursor.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?, ?)",
                ((digest, line) for line, digest in digests.items()),
            )
            cursor.execute("COMMIT")
            return {
                line: cursor.execute("SELECT line FROM seen WHERE key = ?", (digest,)).fetchone()[0]
                for line, digest in digests.items()
            }


def _digest(key: Hashable) -> bytes:
    return hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
