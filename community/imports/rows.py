"""Read the rows of an XML dump one by one, whatever its size, and say where one is wrong."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from xml.parsers import expat

from community.imports.errors import DumpUnreadable

CHUNK: Final = 1 << 18
ROW: Final = "row"
LONGEST_NUMBER: Final = 18


class Row(NamedTuple):
    """One row: its attributes, and where it stands."""

    file: str
    line: int
    values: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.number_of("Id")

    def number_of(self, name: str) -> str:
        """An id, in digits and written in one way only."""
        text = self.required(name)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER):
            raise self.refused(f"{name} is {text!r}, which isn't a whole number")
        return str(int(text))

    def optional_number(self, name: str) -> str | None:
        """An id that may be lacking."""
        return self.number_of(name) if self.values.get(name) else None

    def amount(self, name: str) -> int:
        """How many; none when it isn't said."""
        return int(self.optional_number(name) or 0)

    def moment(self, name: str) -> datetime:
        """A moment, in UTC."""
        text = self.required(name)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self.refused(f"{name} is {text!r}, which isn't a date") from None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    def required(self, name: str) -> str:
        """A value that every row has."""
        text = self.values.get(name, "")
        if not text:
            raise self.refused(f"it has no {name}")
        return text

    def refused(self, why: str) -> DumpUnreadable:
        """The error that names this row."""
        which = f" (Id {self.values['Id']})" if self.values.get("Id") else ""
        return DumpUnreadable(f"{self.file}, line {self.line}{which}: {why}.")


def rows_of(path: Path, root: str) -> Iterator[Row]:
    """The rows of a file, in its order. `root` is what its outermost element has to be."""
    listener = _Listener(path.name, root)
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield from listener.hear(chunk)
            yield from listener.hear(b"", last=True)
    except (expat.ExpatError, ValueError, LookupError) as failure:
        line = listener.parser.CurrentLineNumber
        raise DumpUnreadable(f"{path.name}, line {line}: it isn't XML: {failure}.") from failure
    except OSError as failure:
        raise DumpUnreadable(f"{path.name} can't be read: {failure.strerror}.") from failure


class _Listener:
    """Collects rows while expat parses; no tree is built.

    A document type is refused as soon as it opens, and with it every entity that one could
    declare to blow up memory or to read other files.
    """

    def __init__(self, file: str, root: str) -> None:
        self.file = file
        self.root = root
        self.depth = 0
        self.found: list[Row] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def hear(self, chunk: bytes, *, last: bool = False) -> list[Row]:
        self.parser.Parse(chunk, last)
        found, self.found = self.found, []
        return found

    def _start(self, name: str, values: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1 and name != self.root:
            raise self._refused(f"it holds <{name}> where <{self.root}> belongs")
        if (self.depth == 2 and name != ROW) or self.depth > 2:
            raise self._refused(f"there is a <{name}> where only rows belong")
        if self.depth == 2:
            self.found.append(Row(self.file, self.parser.CurrentLineNumber, values))

    def _end(self, _name: str) -> None:
        self.depth -= 1

    def _refuse_doctype(self, *_declared: object) -> None:
        raise self._refused("it declares a document type, which no dump needs")

    def _refused(self, why: str) -> DumpUnreadable:
        return DumpUnreadable(f"{self.file}, line {self.parser.CurrentLineNumber}: {why}.")
