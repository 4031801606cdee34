"""A CSV file as lines with named cells, read one by one whatever its size."""

import csv
import difflib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final, Literal, NamedTuple

import msgspec

from community.exports.cells import plain
from community.imports.encodings import ENCODINGS, encoding_of
from community.imports.errors import LineRejected, SheetUnreadable, quoted

DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}
MOST_COLUMNS: Final = 100
# A record longer than this is a quote that was never closed, or no record.
LONGEST: Final = 100_000
LONGEST_TEXT: Final = 1_000


class Line(NamedTuple):
    """One line: where it begins in the file, and its cells that aren't empty, by column."""

    number: int
    cells: Mapping[str, str]
    # Why it doesn't fit the headings.
    misfit: LineRejected | None = None

    def required(self, column: str, most: int) -> str:
        """A text that every line has."""
        text = self.optional(column, most)
        if text is None:
            raise LineRejected(f"{column}_missing", f"{column} is empty")
        return text

    def optional(self, column: str, most: int) -> str | None:
        """A text that may be lacking."""
        text = self.cells.get(column)
        if text is not None and len(text) > most:
            why = f"{column} has {len(text)} characters, at most {most} are possible"
            raise LineRejected("too_long", why)
        return text


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """The columns that a kind of file has, by the names that they go by."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    # Other names for the same, and what they mean.
    aliases: Mapping[str, str] = {}
    # What becomes of other columns, and what is wrong with one that isn't taken.
    others: Literal["refused", "taken", "ignored"] = "refused"
    refusal: Callable[[str], str | None] = lambda _: None
    # The last cell may be lacking where it would be empty.
    last_may_lack: str = ""

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional

    def meant(self, heading: str) -> str:
        """The column that a heading names."""
        name = "_".join(heading.strip().lower().replace("-", " ").split())
        return self.aliases.get(name, name)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A file that can be read as a table."""

    path: Path
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    last_may_lack: bool
    begins_at: int

    def lines(self) -> Iterator[Line]:
        """The lines below the headings, without blank ones."""
        for number, cells in records(self.path, self.encoding, self.delimiter):
            if number > self.begins_at and any(cells):
                yield self._fitted(number, cells)

    def _fitted(self, number: int, cells: list[str]) -> Line:
        wanted, given = len(self.headings), len(cells)
        lacks = given < wanted - self.last_may_lack
        if lacks or any(cells[wanted:]):
            why = f"it has {given} cells, the headings are {wanted}"
            code = "cells_missing" if lacks else "cells_too_many"
            return Line(number, {}, LineRejected(code, why))
        texts = zip(self.headings, map(_text, cells), strict=False)
        return Line(number, {heading: text for heading, text in texts if text})


def sheet_at(
    path: Path, columns: Columns, *, encoding: str | None = None, delimiter: str | None = None
) -> Sheet:
    """The table in a file. Raise `SheetUnreadable` unless its headings are there and known."""
    found = encoding_of(path, encoding)
    candidates = [delimiter] if delimiter else list(DELIMITERS)
    told: list[tuple[int, int, str, int, list[str]]] = []
    for place, name in enumerate(candidates):
        number, cells = _headings(path, found, DELIMITERS[name])
        meant = [columns.meant(_text(cell)) for cell in cells]
        while meant and not meant[-1]:
            meant.pop()
        told.append((len({*meant} & {*columns.known}), -place, name, number, meant))
    _, _, name, number, meant = max(told)
    _refuse_headings(path, number, meant, columns)
    return Sheet(
        path=path,
        encoding=found,
        delimiter=name,
        headings=tuple(meant),
        last_may_lack=meant[-1] == columns.last_may_lack,
        begins_at=number,
    )


def records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a file, each with the line on which it begins."""
    try:
        with path.open(encoding=ENCODINGS[encoding], newline="") as file:
            feed = _Feed(path.name, file)
            reader = csv.reader(feed, delimiter=DELIMITERS.get(delimiter, delimiter), strict=True)
            while True:
                number = feed.begin()
                try:
                    yield number, next(reader)
                except StopIteration:
                    return
                except csv.Error as failure:
                    raise SheetUnreadable(f"{path.name}, line {number}: {failure}.") from failure
    except UnicodeError as failure:
        raise SheetUnreadable(
            f"{path.name} isn't {encoding} throughout. Say what it is with --encoding."
        ) from failure
    except OSError as failure:
        raise SheetUnreadable(f"{path} can't be read: {failure.strerror}.") from failure


class _Feed:
    """The physical lines of a file, for a reader that mustn't be given one without end."""

    def __init__(self, name: str, file: IO[str]) -> None:
        self.name = name
        self.file = file
        self.line = 0
        self.began_at = 0
        self.length = 0

    def begin(self) -> int:
        """A record begins here."""
        self.began_at, self.length = self.line + 1, 0
        return self.began_at

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        text = self.file.readline(LONGEST + 1)
        if not text:
            raise StopIteration
        self.line += 1
        self.length += len(text)
        if self.length > LONGEST:
            raise SheetUnreadable(
                f"{self.name}, line {self.began_at}: what begins here has more than "
                f"{LONGEST:,} characters. Is there a quote that isn't closed?"
            )
        if "\0" in text:
            raise SheetUnreadable(f"{self.name}, line {self.line}: it holds a NUL character.")
        return text


def _headings(path: Path, encoding: str, delimiter: str) -> tuple[int, list[str]]:
    """The first record that says something; Excel may have put its delimiter before it."""
    for number, cells in records(path, encoding, delimiter):
        if any(cells) and not (number == 1 and cells[0].startswith("sep=")):
            return number, cells
    raise SheetUnreadable(f"{path.name} is empty.")


def _refuse_headings(path: Path, number: int, meant: list[str], columns: Columns) -> None:
    where = f"{path.name}, line {number}"
    if not {*meant} & {*columns.known}:
        raise SheetUnreadable(
            f"{where}: none of the columns {', '.join(columns.required)} is named here. The first "
            "line has to name the columns, with a comma, a semicolon or a tab between them."
        )
    if len(meant) > MOST_COLUMNS:
        raise SheetUnreadable(f"{where}: {len(meant)} columns, at most {MOST_COLUMNS}.")
    if "" in meant:
        raise SheetUnreadable(f"{where}: column {meant.index('') + 1} has no name.")
    twice = [name for place, name in enumerate(meant) if name in meant[:place]]
    if twice:
        raise SheetUnreadable(f"{where}: the column {quoted(twice[0])} is there twice.")
    missing = [name for name in columns.required if name not in meant]
    if missing:
        raise SheetUnreadable(f"{where}: the column {', '.join(missing)} is missing.")
    for name in sorted({*meant} - {*columns.known}):
        if refusal := _refusal_of(name, meant, columns):
            raise SheetUnreadable(f"{where}: column {quoted(name)}: {refusal}")


def _refusal_of(name: str, meant: list[str], columns: Columns) -> str | None:
    """What is wrong with a column that nobody knows, if anything is."""
    if columns.others == "ignored":
        return None
    absent = [column for column in columns.known if column not in meant]
    if close := difflib.get_close_matches(name, absent, n=1, cutoff=0.8):
        return f"did you mean {close[0]}?"
    if columns.others == "taken":
        return columns.refusal(name)
    return f"there is no such column. There are {', '.join(columns.known)}"


def _text(cell: str) -> str:
    # What is longer is refused or ignored.
    return (plain(cell) if len(cell) <= LONGEST_TEXT else cell).strip()
