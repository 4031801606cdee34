"""What a file really is, and how its text is written: read from its bytes, never guessed.

A mark at the beginning decides. Without one a file is UTF-8 if all of it is, and Windows-1252
if it holds no UTF-8 at all. Statistics of letters aren't asked: on a short list of French names
they find Big5 and Croatian for the Mac.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from community.imports.errors import SheetUnreadable

CHUNK: Final = 1 << 20
FIRST: Final = 4096

# What can be asked for by name, and what Python calls it.
ENCODINGS: Final = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
    "iso-8859-2": "iso8859-2",
    "iso-8859-15": "iso8859-15",
    "mac-roman": "mac-roman",
    "cp850": "cp850",
    "gb18030": "gb18030",
    "shift-jis": "cp932",
}
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

SAVE_AS: Final = "Open it and save it as CSV."
# The beginnings of files that people take for CSV, or name so.
SIGNATURES: Final = (
    (b"\xd0\xcf\x11\xe0", f"an old Excel workbook (.xls). {SAVE_AS}"),
    (b"%PDF", "a PDF document."),
    (b"\x1f\x8b", "compressed with gzip. Unpack it first."),
    (b"BZh", "compressed with bzip2. Unpack it first."),
    (b"7z\xbc\xaf", "a 7-Zip archive. Unpack it first."),
    (b"\xfd7zXZ", "compressed with xz. Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd. Unpack it first."),
    (b"\x89PNG", "an image."),
    (b"GIF8", "an image."),
    (b"\xff\xd8\xff", "an image."),
    (b"SQLite format 3", "an SQLite database."),
    (b"{\\rtf", f"a text document (RTF). {SAVE_AS}"),
)
MARKUP: Final = re.compile(rb"\s*<(?:!doctype|html|\?xml|table)", re.IGNORECASE)
# None of these has a place in a line of text.
CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")

# How a decoder that goes on shows bytes that aren't UTF-8.
STRAY: Final = re.compile("[\udc80-\udcff]")
BEYOND_ASCII: Final = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


def encoding_of(path: Path, named: str | None = None) -> str:
    """The name of a file's encoding. Raise `SheetUnreadable` for what is no text, or unclear."""
    if not path.is_file():
        raise SheetUnreadable(f"{path} isn't a file." if path.exists() else f"{path} isn't there.")
    try:
        with path.open("rb") as file:
            first = file.read(FIRST)
        _refuse_other_files(path, first)
        if named is not None:
            return named
        marked = next((name for mark, name in MARKS if first.startswith(mark)), None)
        return marked or _unmarked(path)
    except OSError as failure:
        raise SheetUnreadable(f"{path} can't be read: {failure.strerror}.") from failure


def _refuse_other_files(path: Path, first: bytes) -> None:
    if not first.strip(b" \t\r\n\xef\xbb\xbf"):
        raise SheetUnreadable(f"{path.name} is empty.")
    if first.startswith(b"PK\x03\x04"):
        raise SheetUnreadable(f"{path.name} is {_zipped(first)}")
    for beginning, what in SIGNATURES:
        if first.startswith(beginning):
            raise SheetUnreadable(f"{path.name} is {what}")
    if MARKUP.match(first.removeprefix(codecs.BOM_UTF8)):
        raise SheetUnreadable(f"{path.name} is a page of HTML or XML. {SAVE_AS}")


def _zipped(first: bytes) -> str:
    if b"opendocument" in first:
        return f"a LibreOffice document. {SAVE_AS}"
    if b"[Content_Types].xml" in first or b"xl/" in first or b"_rels/" in first:
        return f"an Excel workbook (.xlsx). {SAVE_AS}"
    return "a ZIP archive. Unpack it first."


def _unmarked(path: Path) -> str:
    """UTF-8 if everything is, Windows-1252 if nothing is."""
    is_utf_8, is_something_else = False, False
    decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
    for number, chunk in enumerate(_chunks(path)):
        control = CONTROLS.search(chunk)
        if control is not None:
            raise _binary(path, number * CHUNK + control.start(), control.group(), chunk)
        text = decode(chunk, final=not chunk)
        is_utf_8 = is_utf_8 or BEYOND_ASCII.search(text) is not None
        is_something_else = is_something_else or STRAY.search(text) is not None
    if is_utf_8 and is_something_else:
        raise SheetUnreadable(
            f"{path.name} is UTF-8 in some places and something else in others. Save it again as "
            "UTF-8, or say what it is with --encoding."
        )
    if not is_something_else:
        return "utf-8"
    _refuse_undecodable(path)
    return "windows-1252"


def _refuse_undecodable(path: Path) -> None:
    decode = codecs.getincrementaldecoder("cp1252")().decode
    try:
        for chunk in _chunks(path):
            decode(chunk, final=not chunk)
    except UnicodeDecodeError as failure:
        raise SheetUnreadable(
            f"{path.name} is neither UTF-8 nor Windows-1252. Save it again as UTF-8, or say what "
            "it is with --encoding."
        ) from failure


def _chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and an empty chunk as its end."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
    yield b""


def _binary(path: Path, offset: int, control: bytes, chunk: bytes) -> SheetUnreadable:
    if control == b"\x00" and chunk.count(b"\x00") * 3 > len(chunk):
        return SheetUnreadable(
            f"{path.name} looks like UTF-16 without its mark. Say so with --encoding utf-16-le."
        )
    what = "a NUL character" if control == b"\x00" else f"the control character {control[0]:#04x}"
    return SheetUnreadable(f"{path.name} holds {what} (at byte {offset + 1}): it isn't text.")
