"""The main job on real input: a community's history goes in, and its own badges come out."""

import os
import random
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from community.imports.dump import examined
from community.imports.service import BATCH
from gamification.catalogue.publishing import load_default_if_empty
from gamification.ledger.activity import Status
from gamification.recognition import replay
from ground.engine import fetchval
from tests.community.dumps import (
    BADGES,
    CONLANG,
    Rows,
    awards,
    bring_in,
    exported,
    really_awarded,
    recall,
    rows_in,
    write_dump,
    wrong,
)

# Another dump, such as french.meta, for `make test-long`.
ANOTHER = os.environ.get("STACKEXCHANGE_DUMP")

Awards = set[tuple[str, str, str, str]]
Folded = set[tuple[str, str, str]]


def counted(found: Awards) -> Counter[tuple[str, str]]:
    return Counter((member, badge) for member, badge, _, _ in found)


def without_moments(found: Awards) -> Folded:
    return {(member, badge, subject) for member, badge, subject, _ in found}


def of_the_same_export(folder: Path):
    """A part of the dump: it was exported when the whole was."""
    return msgspec.structs.replace(examined(folder), exported_on=examined(CONLANG).exported_on)


def halves(folder: Path) -> tuple[Path, Path]:
    """Every file of the dump cut in two, whatever belongs together."""
    rows = rows_in(CONLANG)
    firsts: Rows = {file: all_rows[: len(all_rows) // 2] for file, all_rows in rows.items()}
    seconds: Rows = {file: all_rows[len(all_rows) // 2 :] for file, all_rows in rows.items()}
    return write_dump(folder / "first", firsts), write_dump(folder / "second", seconds)


worked_out: list[Awards] = []


@pytest.fixture
async def as_a_whole(database: None) -> Awards:
    """What the dump earns when it comes in one piece. Worked out once, under another source."""
    if not worked_out:
        await bring_in(CONLANG, "in-one-piece")
        worked_out.append(await awards("in-one-piece"))
    return worked_out[0]


async def test_the_badges_that_the_community_really_awarded_come_out(database):
    await load_default_if_empty()
    report = await bring_in(CONLANG)

    found, real = counted(await awards("conlang.meta")), really_awarded(CONLANG)
    assert wrong(found, real) == []
    assert recall(found, real) >= 0.97
    assert {badge for _, badge in found} <= BADGES
    assert report.people_new == 271
    assert await replay.check() == []


async def test_importing_twice_changes_nothing(database):
    first = await bring_in(CONLANG)
    before = await awards()

    second = await bring_in(CONLANG)

    assert first.activities == {Status.RECORDED: 1962}
    assert second.activities == {Status.DUPLICATE: 1962}
    assert (second.people_new, second.people_known, second.published) == (0, 271, 0)
    assert second.skipped == first.skipped
    assert await awards() == before


async def test_the_order_within_a_day_changes_nothing(as_a_whole, tmp_path):
    shuffled = rows_in(CONLANG)
    for rows in shuffled.values():
        random.Random(1).shuffle(rows)
        rows.sort(key=lambda row: row["CreationDate"][:10])

    await bring_in(write_dump(tmp_path, shuffled))

    assert await awards("conlang.meta") == as_a_whole


async def test_no_order_at_all_changes_nothing_either(as_a_whole, tmp_path):
    shuffled = rows_in(CONLANG)
    for rows in shuffled.values():
        random.Random(3).shuffle(rows)

    await bring_in(write_dump(tmp_path, shuffled))

    assert await awards("conlang.meta") == as_a_whole


@pytest.mark.parametrize("later_first", [False, True], ids=["in order", "the later half first"])
async def test_two_halves_earn_what_the_whole_does(as_a_whole, tmp_path, later_first):
    first, second = halves(tmp_path)
    for half in (second, first) if later_first else (first, second):
        await bring_in(of_the_same_export(half))

    assert await awards("conlang.meta") == as_a_whole
    assert await fetchval("SELECT count(*) FROM import_waiting WHERE source = 'conlang.meta'") == 18


async def test_halves_that_know_no_day_of_export_earn_the_same_badges(as_a_whole, tmp_path):
    for half in halves(tmp_path):
        await bring_in(half)

    assert without_moments(await awards("conlang.meta")) == without_moments(as_a_whole)


async def test_two_parts_cut_at_a_day_earn_what_the_whole_does(as_a_whole, tmp_path):
    rows = rows_in(CONLANG)
    early: Rows = {
        f: [r for r in all_ if r["CreationDate"] < "2018-06"] for f, all_ in rows.items()
    }
    late: Rows = {
        f: [r for r in all_ if r["CreationDate"] >= "2018-06"] for f, all_ in rows.items()
    }
    for number, part in enumerate([late, early]):
        await bring_in(of_the_same_export(write_dump(tmp_path / str(number), part)))

    assert await awards("conlang.meta") == as_a_whole
    assert await replay.check() == []


async def test_an_import_that_was_stopped_goes_on_where_it_was(as_a_whole):
    class Stopped(Exception):
        pass

    def stop_after_two_batches(what: str, done: int, _total: int) -> None:
        if what == "rows" and done > BATCH:
            raise Stopped

    with pytest.raises(Stopped):
        await bring_in(CONLANG, progress=stop_after_two_batches)
    assert await awards("conlang.meta") != as_a_whole

    report = await bring_in(CONLANG)

    assert await awards("conlang.meta") == as_a_whole
    assert report.activities[Status.DUPLICATE] > 0
    assert report.activities.total() == 1962


async def test_two_communities_keep_apart_what_both_number_from_one(as_a_whole):
    await bring_in(CONLANG)
    await bring_in(CONLANG, "another.meta")

    assert await awards("another.meta") == as_a_whole
    assert len(await exported("members", "another.meta")) == 271
    assert len(await exported("awards")) == 2 * len(as_a_whole)


@pytest.mark.long
@pytest.mark.skipif(ANOTHER is None, reason="STACKEXCHANGE_DUMP names no folder")
async def test_another_community_gets_its_own_badges_too(database):
    folder = Path(str(ANOTHER))
    await bring_in(folder, "another")
    found, real = counted(await awards("another")), really_awarded(folder)
    again = await bring_in(folder, "another")

    assert wrong(found, real) == []
    assert recall(found, real) >= 0.935
    assert again.activities[Status.RECORDED] == 0
    assert await replay.check() == []
