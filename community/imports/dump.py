"""A folder with a dump, examined before anything of it counts."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from community.imports.errors import DumpUnreadable
from community.imports.rows import Row, rows_of
from community.imports.stackexchange import (
    FILES,
    Person,
    Post,
    latest_day,
    person_of,
    post_of,
    told_by,
)

Progress = Callable[[str, int], None]


class Dump(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a folder: nothing in it is wrong, and this much has to be known at once."""

    folder: Path
    exported_on: date
    people: list[Person]
    posts: dict[str, Post]
    sizes: dict[str, int]

    def rows(self) -> Iterator[Row]:
        """All rows again."""
        for file, root in FILES.items():
            yield from rows_of(self.folder / file, root)


def examined(folder: Path, progress: Progress = lambda _file, _rows: None) -> Dump:
    """Read a dump from end to end. Raise `DumpUnreadable` for the first thing that is wrong."""
    _require_files(folder)
    people: list[Person] = []
    posts: dict[str, Post] = {}
    sizes: dict[str, int] = {}
    newest = date.min
    for file, root in FILES.items():
        sizes[file] = 0
        for row in rows_of(folder / file, root):
            sizes[file] += 1
            newest = max(newest, latest_day(row))
            told_by(row, posts, newest)
            if file == "Users.xml" and (person := person_of(row)) is not None:
                people.append(person)
            elif file == "Posts.xml":
                posts[row.id] = post_of(row)
        progress(file, sizes[file])
    if not any(sizes.values()):
        raise DumpUnreadable(f"{folder} holds no row at all.")
    return Dump(folder=folder, exported_on=newest, people=people, posts=posts, sizes=sizes)


def _require_files(folder: Path) -> None:
    if not folder.is_dir():
        raise DumpUnreadable(f"{folder} isn't a folder.")
    missing = [file for file in FILES if not (folder / file).is_file()]
    if missing:
        raise DumpUnreadable(f"{folder} lacks {', '.join(missing)}. A dump has {', '.join(FILES)}.")
