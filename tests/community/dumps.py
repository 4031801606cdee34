"""Dumps for tests: the real one, taken apart and put together again, and small made-up ones."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from community.exports.lists import What
from community.exports.service import pages
from community.imports.dump import Dump, examined
from community.imports.service import Report, import_dump
from community.imports.stackexchange import FILES
from gamification.catalogue.reading import read_toml
from ground.callers import Caller, CallerKind

ROOT = Path(__file__).parents[2]
CATALOGUE = read_toml((ROOT / "examples" / "stackexchange" / "catalogue.toml").read_bytes())
CONLANG = ROOT / "tests" / "data" / "stackexchange" / "conlang.meta"
OPERATOR = Caller(kind=CallerKind.OPERATOR, name="test")
BADGES = {badge.name.en for badge in CATALOGUE.badge}
# What the dump can't know: profiles were emptied and filled after it had been awarded.
UNSURE = "Autobiographer"

Attributes = Mapping[str, str]
Rows = dict[str, list[Attributes]]


def rows_in(folder: Path) -> Rows:
    """All rows of a dump, by file."""
    return {
        file: [row.attrib for row in ElementTree.parse(folder / file).getroot()] for file in FILES
    }


def write_dump(folder: Path, rows: Mapping[str, Iterable[Attributes]]) -> Path:
    """A folder with a dump of these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, root in FILES.items():
        lines = [
            f"  <row {' '.join(f'{name}={quoteattr(value)}' for name, value in row.items())} />\n"
            for row in rows.get(file, ())
        ]
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>\n{"".join(lines)}</{root}>\n'
        (folder / file).write_text(text, encoding="utf-8")
    return folder


async def bring_in(
    dump: Path | Dump, source: str = "conlang.meta", progress: Any = lambda *_: None
) -> Report:
    """Import a dump as the command does."""
    found = examined(dump) if isinstance(dump, Path) else dump
    return await import_dump(
        found, source=source, catalogue=CATALOGUE, by=OPERATOR, progress=progress
    )


async def exported(what: What, source: str | None = None) -> list[dict[str, str]]:
    """The lines of an export, read back as a spreadsheet would."""
    file = io.StringIO()
    writer = csv.writer(file)
    async for page in pages(what, source=source, by=OPERATOR):
        writer.writerows(page)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


async def awards(source: str | None = None) -> set[tuple[str, str, str, str]]:
    """All awards: member, badge, subject and moment."""
    lines = await exported("awards", source)
    found = {(one["member"], one["badge"], one["subject"], one["awarded_at"]) for one in lines}
    assert len(found) == len(lines)
    return found


def really_awarded(folder: Path) -> Counter[tuple[str, str]]:
    """How often each member really got each badge that the catalogue knows."""
    rows = ElementTree.parse(folder / "Badges.xml").getroot()
    return Counter((row.attrib["UserId"], row.attrib["Name"]) for row in rows) & Counter(
        {
            (row.attrib["UserId"], row.attrib["Name"]): len(rows)
            for row in rows
            if row.attrib["Name"] in BADGES
        }
    )


def recall(found: Counter[tuple[str, str]], real: Counter[tuple[str, str]]) -> float:
    """The part of what was really awarded that was found."""
    return (found & real).total() / real.total()


def wrong(found: Counter[tuple[str, str]], real: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was found and never awarded, apart from what a dump can't know."""
    return [(member, badge) for member, badge in (found - real) if badge != UNSURE]
