"""Members and activities that a brand brings along in a CSV file."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import chain

import psycopg
import pytest

from community.imports import moving_in
from community.imports.dates import Dates, Order
from community.imports.errors import SheetUnreadable
from community.imports.outcome import Unit
from community.members.importing import ImportedPerson, import_members, members_of
from community.members.leaving import leave
from community.members.merging import merge
from community.members.person import Person
from gamification.catalogue.publishing import retire
from ground import clock
from ground.engine import execute, fetch, fetchrow, fetchval
from ground.languages import Language
from tests.community.dumps import exported
from tests.community.people import joined
from tests.community.sheets import OPERATOR, activities_in, members_in, users_in, written

HEADINGS = "key,member,kind,occurred_at"
MEMBERS = ("id,email,joined_at", "1,camille@example.org,2024-05-01", "2,,2024-06-01")
BY_FILE, BY_BATCH, BY_LINE = Unit.FILE, Unit.BATCH, Unit.LINE


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(moving_in, "BATCH", 2)


@pytest.fixture
async def known(catalogue):
    """Two people whom the CRM knows as 1 and 2."""
    people = [
        ImportedPerson(external_id=str(n), known_since=datetime(2024, 5, 1, tzinfo=UTC))
        for n in (1, 2)
    ]
    return await import_members("crm", people)


async def everything():
    """How much there is of all that an import may change."""
    tables = ("member", "external_identity", "player", "preferences", "ledger_entry", "award")
    return {table: await fetchval(f"SELECT count(*) FROM {table}") for table in tables} | {
        "audit": await fetchval("SELECT count(*) FROM audit_entry"),
        "points": await fetchval("SELECT coalesce(sum(points), 0) FROM ledger_entry"),
    }


async def test_members_come_unclaimed_and_find_themselves_by_their_address(database, tmp_path):
    told = await members_in(written(tmp_path / "m.csv", *MEMBERS))

    assert told.counts == (2, 0, 0, 0)
    there = await members_of("crm", ["1", "2"])
    states = await fetch("SELECT state, display_name FROM member")
    assert {tuple(row) for row in states} == {("unclaimed", "")}
    assert await joined("camille", "Camille", "camille@example.org") == there["1"]


async def test_of_a_name_and_an_address_nothing_is_kept_that_one_could_read(database, tmp_path):
    path = written(tmp_path / "m.csv", "id,name,email", "1,Camille Durand,camille@example.org")
    await members_in(path)

    for table in ("member", "external_identity", "player", "preferences", "audit_entry"):
        rows = await fetch(f"SELECT to_jsonb({table})::text AS told FROM {table}")
        assert not any("amille" in row["told"] for row in rows)


async def test_the_language_and_the_time_zone_count_where_they_are_told(database, tmp_path):
    path = written(
        tmp_path / "m.csv", "id,language,time_zone", "1,en,America/Montreal", "2,en,", "3,,"
    )
    await members_in(path)

    there = await members_of("crm", ["1", "2", "3"])
    kept = {
        r["member_id"]: r
        for r in await fetch("SELECT member_id, locale, time_zone FROM preferences")
    }
    assert set(kept) == {there["1"], there["2"]}
    assert tuple(kept[there["1"]])[1:] == ("en", "America/Montreal")
    assert tuple(kept[there["2"]])[1:] == ("en", "Europe/Paris")


async def test_what_somebody_chose_is_not_touched_by_a_later_file(database, tmp_path):
    await members_in(written(tmp_path / "m.csv", "id,email", "1,camille@example.org"))
    await joined("camille", "Camille", "camille@example.org")

    told = await members_in(written(tmp_path / "m.csv", "id,language,population", "1,en,partner"))

    assert told.counts == (0, 1, 0, 0)
    assert await fetchval("SELECT locale FROM preferences") == "fr"
    assert await fetchval("SELECT population FROM player") == "customer"


async def test_the_same_members_again_change_nothing(database, tmp_path):
    path = written(tmp_path / "m.csv", *MEMBERS)
    await members_in(path)
    before = await everything()

    again = await members_in(path)

    assert again.counts == (0, 2, 0, 0)
    assert await everything() == before | {"audit": 2}


async def test_activities_are_credited_once_and_recognised(known, tmp_path):
    path = written(
        tmp_path / "a.csv",
        "key;member;kind;occurred_at;subject;quantity;stars",
        "order-1;1;review;2026-03-02;product:12;;5",
        "order-2;1;review;2026-03-02T10:00:00Z;product:13;;",
        "visit-1;2;visit;2026-03-03;;3;",
    )

    told = await activities_in(path)

    assert told.counts == (3, 0, 0, 0)
    rows = await fetch(
        "SELECT source, key, member_id, kind, subject, quantity, day_only, points, fields"
        " FROM ledger_entry ORDER BY key"
    )
    assert [tuple(row) for row in rows] == [
        ("crm", "order-1", known["1"], "review", "product:12", 1, True, 5, '{"stars": 5}'),
        ("crm", "order-2", known["1"], "review", "product:13", 1, False, 5, None),
        ("crm", "visit-1", known["2"], "visit", "", 3, True, 3, None),
    ]
    assert await fetchval("SELECT badge FROM award") == "first-review"


async def test_the_same_activities_again_change_nothing(known, tmp_path):
    path = written(tmp_path / "a.csv", HEADINGS, "a,1,review,2026-03-02", "b,2,visit,2026-03-02")
    await activities_in(path)
    before = await everything()

    again = await activities_in(path)

    assert again.counts == (0, 2, 0, 0)
    assert await everything() == before | {"audit": 2}


async def test_a_member_goes_by_the_source_s_id_another_source_s_or_ours(known, tmp_path):
    alice = await joined("alice", "Alice")
    [bea] = (await import_members("shop", [_someone("b:1")])).values()
    [uuid_like] = (await import_members("crm", [_someone(str(bea))])).values()
    path = written(
        tmp_path / "a.csv",
        HEADINGS,
        "a,1,visit,2026-03-02",
        f"b,{alice},visit,2026-03-02",
        "c,external:shop:b:1,visit,2026-03-02",
        f"d,{bea},visit,2026-03-02",
    )

    await activities_in(path)

    rows = await fetch("SELECT key, member_id FROM ledger_entry ORDER BY key")
    assert [row["member_id"] for row in rows] == [known["1"], alice, bea, uuid_like]


def _someone(external_id):
    return ImportedPerson(external_id=external_id, known_since=datetime(2024, 5, 1, tzinfo=UTC))


BAD = (
    "a,1,review,2026-03-02",
    "b,9,review,2026-03-02",
    "c,1,dance,2026-03-02",
    "d,1,review,02/03/2026",
    "a,1,review,2026-03-02",
    "e,1,review,2999-03-02",
    "f,1,review",
    ",1,review,2026-03-02",
    "g,2,review,2026-03-02",
)
WRONG = [
    (3, "unknown_member"),
    (4, "unknown_kind"),
    (5, "date_ambiguous"),
    (6, "duplicate_key"),
    (7, "in_the_future"),
    (8, "cells_missing"),
    (9, "key_missing"),
]


@pytest.mark.parametrize("is_trial", [False, True])
async def test_one_rejected_line_keeps_the_whole_file_out_and_all_are_told(
    known, tmp_path, is_trial
):
    before = await everything()

    told = await activities_in(written(tmp_path / "a.csv", HEADINGS, *BAD), is_trial=is_trial)

    assert told.codes == WRONG
    assert told.counts == (0, 0, 7, 2)
    assert await everything() == before


async def test_what_only_the_database_knows_is_wrong_keeps_the_file_out_too(
    known, tmp_path, small_batches
):
    before = await everything()
    fine = [f"{n},1,visit,2026-03-02" for n in range(7)]
    path = written(tmp_path / "a.csv", HEADINGS, *fine, "x,9,visit,2026-03-02", *reversed(fine))

    told = await activities_in(path)

    assert told.codes == [(9, "unknown_member"), *((n, "duplicate_key") for n in range(10, 17))]
    assert told.counts == (0, 0, 8, 7)
    assert await everything() == before


async def test_by_line_only_rejected_lines_stay_out(known, tmp_path):
    told = await activities_in(written(tmp_path / "a.csv", HEADINGS, *BAD), BY_LINE)

    assert told.codes == WRONG
    assert told.counts == (2, 0, 7, 0)
    rows = await fetch("SELECT key FROM ledger_entry ORDER BY key")
    assert [row["key"] for row in rows] == ["a", "g"]


async def test_by_batch_the_batch_of_a_rejected_line_stays_out(known, tmp_path, small_batches):
    lines = ("a,1,visit,2026-03-02", "b,1,visit,2026-03-02")
    bad = ("c,1,visit,2026-03-02", "d,9,visit,2026-03-02")
    path = written(tmp_path / "a.csv", HEADINGS, *lines, *bad, "e,1,visit,2026-03-02")

    told = await activities_in(path, BY_BATCH)

    assert told.codes == [(5, "unknown_member")]
    assert told.counts == (3, 0, 1, 1)
    rows = await fetch("SELECT key FROM ledger_entry ORDER BY key")
    assert [row["key"] for row in rows] == ["a", "b", "e"]


async def test_a_mended_file_brings_in_what_was_missing(known, tmp_path, small_batches):
    lines = [f"{n},1,visit,2026-03-02" for n in range(5)]
    await activities_in(
        written(tmp_path / "a.csv", HEADINGS, *lines[:4], "4,1,visit,soon"), BY_BATCH
    )

    told = await activities_in(written(tmp_path / "a.csv", HEADINGS, *lines), BY_BATCH)

    assert told.counts == (1, 4, 0, 0)


@pytest.mark.parametrize("unit", [BY_FILE, BY_BATCH, BY_LINE])
async def test_a_dry_run_says_what_would_come_and_changes_nothing(known, tmp_path, unit):
    path = written(tmp_path / "a.csv", HEADINGS, "a,1,visit,2026-03-02", "b,2,visit,2026-03-02")
    before = await everything()

    tried = await activities_in(path, unit, is_trial=True)

    assert tried.counts == (2, 0, 0, 0)
    assert tried.report.is_trial
    assert await everything() == before
    assert (await activities_in(path, unit)).counts == (2, 0, 0, 0)


async def test_a_dry_run_of_members_changes_nothing(database, tmp_path):
    path = written(tmp_path / "m.csv", *MEMBERS, "1,,2024-05-01", "3,nobody,2024-05-01")
    before = await everything()

    tried = await members_in(path, BY_LINE, is_trial=True)

    assert tried.codes == [(4, "duplicate_id"), (5, "email_invalid")]
    assert tried.counts == (2, 0, 2, 0)
    assert await everything() == before


@pytest.mark.parametrize("unit", [BY_FILE, BY_BATCH, BY_LINE])
async def test_a_file_that_is_broken_at_its_end_brings_nothing_in(
    known, tmp_path, small_batches, unit
):
    fine = [f"{n},1,visit,2026-03-02" for n in range(20)]
    path = written(tmp_path / "a.csv", HEADINGS, *fine, '20,1,visit,"2026-03-02')
    before = await everything()

    with pytest.raises(SheetUnreadable, match="line 22: unexpected end"):
        await activities_in(path, unit)

    assert await everything() == before


async def test_no_importer_takes_anything_of_what_is_no_table(known, tmp_path):
    """What each of these files is told to be: `test_import_csv_files.py`."""
    path = tmp_path / "users.csv"
    beginnings = [b"PK\x03\x04\x14\x00\x06\x00xl/", b"\xd0\xcf\x11\xe0", b"<table>", b"id,\x00"]
    columns = b"id,username,key,member,kind,occurred_at"
    beginnings += [columns + b",x" * 10**6, columns + b"\n" + b"a," * 10**6]
    before = await everything()

    for beginning in beginnings:
        path.write_bytes(beginning + b"\n1,1,1,1,visit,2026-03-02\n")
        for importer in (members_in, activities_in, users_in):
            for unit in Unit:
                with pytest.raises(SheetUnreadable, match=r"users\.csv"):
                    await importer(path, unit)

    assert await everything() == before


async def test_latin_1_comes_in_as_it_was_meant(known, tmp_path):
    lines = f"{HEADINGS},subject", "é1,1,visit,2026-03-02,thé vert"
    await activities_in(written(tmp_path / "a.csv", *lines, encoding="latin-1"))

    row = await fetchrow("SELECT key, subject FROM ledger_entry")
    assert row is not None
    assert tuple(row) == ("é1", "thé vert")


async def test_headings_without_a_line_are_no_import(database, tmp_path):
    with pytest.raises(SheetUnreadable, match="no line below its headings"):
        await members_in(written(tmp_path / "m.csv", "id,name", ",,"))


async def test_who_left_does_not_come_back_and_is_no_mistake_of_the_file(catalogue, tmp_path):
    await members_in(written(tmp_path / "m.csv", "id,email", "1,camille@example.org"))
    camille = await joined("camille", "Camille", "camille@example.org")
    await leave(Person("camille"), camille, keep=True, language=Language.FRENCH)

    members = await members_in(written(tmp_path / "m.csv", "id", "1", "2"))
    doings = await activities_in(
        written(tmp_path / "a.csv", HEADINGS, "a,1,visit,2026-03-02", "b,2,visit,2026-03-02")
    )

    assert members.counts == doings.counts == (1, 0, 0, 0)
    assert sum(members.report.left_out.values()) == 1
    assert sum(doings.report.left_out.values()) == 1
    assert await fetchval("SELECT count(*) FROM member WHERE state = 'left'") == 1


async def test_what_a_merged_member_did_is_the_survivor_s(known, tmp_path):
    alice = await joined("alice", "Alice")
    bea = await joined("bea", "Bea")
    await execute("UPDATE external_identity SET member = $1 WHERE external_id = '1'", bea)
    await merge(bea, alice, by=OPERATOR)

    await activities_in(written(tmp_path / "a.csv", HEADINGS, "a,1,visit,2026-03-02"))

    assert await fetchval("SELECT member_id FROM ledger_entry") == alice


async def test_a_retired_kind_is_unknown(known, tmp_path):
    await retire("kind", "visit", by=OPERATOR)

    told = await activities_in(written(tmp_path / "a.csv", HEADINGS, "a,1,visit,2026-03-02"))

    assert told.codes == [(2, "unknown_kind")]


async def test_one_key_may_stand_for_two_kinds_and_two_members(known, tmp_path):
    path = written(
        tmp_path / "a.csv",
        HEADINGS,
        "order-1,1,visit,2026-03-02",
        "order-1,1,review,2026-03-02",
        "order-1,2,visit,2026-03-02",
    )

    assert (await activities_in(path)).counts == (3, 0, 0, 0)


async def test_a_key_twice_is_found_however_the_member_is_named(known, tmp_path):
    path = written(
        tmp_path / "a.csv",
        HEADINGS,
        "a,1,visit,2026-03-02",
        "a,external:crm:1,visit,2026-03-02",
        f"a,{known['1']},visit,2026-03-05",
    )

    told = await activities_in(path)

    assert told.codes == [(3, "duplicate_key"), (4, "duplicate_key")]
    assert {each.why for each in told.rejections} == {"the same is on line 2 already"}


@pytest.mark.parametrize(
    ("order", "day"),
    [(None, None), (Order.DAY_FIRST, "2026-02-01"), (Order.MONTH_FIRST, "2026-01-02")],
)
async def test_dates_of_three_kinds_are_read_as_one_says(known, tmp_path, order, day):
    path = written(tmp_path / "a.csv", HEADINGS, f"a,1,visit,{day}", "b,1,visit,01/02/2026")
    if order is None:
        path = written(path, HEADINGS, "b,1,visit,01/02/2026")

    told = await activities_in(path, dates=Dates(order))

    assert told.codes == ([(2, "date_ambiguous")] if order is None else [])
    days = await fetch("SELECT DISTINCT local_day FROM ledger_entry")
    assert [str(row["local_day"]) for row in days] == ([day] if day else [])


@pytest.mark.parametrize("text", ["=1+1", "+1;=2", '-1";"=cmd', "@a", "é;\t=1", "a\n=1"])
async def test_a_formula_comes_in_as_a_text_and_goes_out_harmless(known, tmp_path, text):
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [[*HEADINGS.split(","), "subject"], [text, "1", "visit", "2026-03-02", text]]
        )
    await activities_in(tmp_path / "a.csv", delimiter="comma")

    row = await fetchrow("SELECT key, subject FROM ledger_entry")
    assert row is not None
    assert tuple(row) == (text, text)
    [line] = await exported("activities")
    file = io.StringIO()
    csv.writer(file).writerow([line["key"], line["subject"]])
    for delimiter in ",;\t":
        cells = chain(*csv.reader(io.StringIO(file.getvalue()), delimiter=delimiter))
        assert [cell for cell in cells if cell.lstrip(' "').startswith(tuple("=+-@"))] == []


async def test_what_was_exported_can_be_imported_again(known, tmp_path):
    told = [("=1", "-a"), ("k;=2", "b"), ("'=3", "\t=c")]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        rows = [[key, "1", "visit", "2026-03-02", subject] for key, subject in told]
        csv.writer(file).writerows([[*HEADINGS.split(","), "subject"], *rows])
    await activities_in(tmp_path / "a.csv", delimiter="comma")
    first = await fetch("SELECT key, subject FROM ledger_entry ORDER BY id")

    lines = await exported("activities")
    with (tmp_path / "b.csv").open("w", newline="") as file:
        columns = [*HEADINGS.split(","), "subject"]
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)
    again = await activities_in(tmp_path / "b.csv", delimiter="comma")

    assert again.counts == (0, 3, 0, 0)
    assert [tuple(row) for row in first] == [
        tuple(row) for row in await fetch("SELECT key, subject FROM ledger_entry ORDER BY id")
    ]


async def test_an_import_is_in_the_audit_trail(known, tmp_path):
    await activities_in(written(tmp_path / "a.csv", HEADINGS, "a,1,visit,2026-03-02"))

    [entry] = await fetch("SELECT actor, action, subject, details FROM audit_entry")
    assert tuple(entry) == (
        "operator:tests",
        "imports.started",
        "source:crm",
        '{"what": "test", "lines": 1, "all_or_nothing": "file"}',
    )


async def test_two_imports_at_once_credit_each_activity_once(known, tmp_path, small_batches):
    path = written(tmp_path / "a.csv", HEADINGS, *(f"{n},1,visit,2026-03-02" for n in range(9)))

    told = await asyncio.gather(*(activities_in(path, unit) for unit in (BY_FILE, BY_BATCH)))

    assert sorted(each.counts for each in told) == [(0, 9, 0, 0), (9, 0, 0, 0)]
    assert await fetchval("SELECT count(*) FROM ledger_entry") == 9


async def test_an_import_tells_how_far_it_is(known, tmp_path, small_batches):
    heard = []
    path = written(tmp_path / "a.csv", HEADINGS, *(f"{n},1,visit,2026-03-02" for n in range(3)))

    await activities_in(path, progress=lambda *told: heard.append(told))

    assert heard == [("read", 3, 3), ("taken in", 2, 3), ("taken in", 3, 3)]


async def test_only_the_first_rejections_are_kept_in_memory(database, tmp_path):
    told = await members_in(written(tmp_path / "m.csv", "id,email", *(f"{n},x" for n in range(99))))

    assert len(told.rejections) == told.report.rejected == 99
    assert [each.line for each in told.report.shown] == list(range(2, 22))


async def test_a_moment_a_little_ahead_of_our_clock_is_taken(known, tmp_path):
    soon = clock.now() + timedelta(minutes=4)
    path = written(tmp_path / "a.csv", HEADINGS, f"a,1,visit,{soon:%Y-%m-%dT%H:%M:%SZ}")

    assert (await activities_in(path)).counts == (1, 0, 0, 0)


@pytest.fixture
def elsewhere(settings):
    """A connection of somebody else."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        yield connection


async def test_a_whole_file_is_seen_by_others_only_when_it_is_whole(
    known, tmp_path, small_batches, elsewhere
):
    path = written(tmp_path / "a.csv", HEADINGS, *(f"{n},1,visit,2026-03-02" for n in range(6)))
    seen = []

    def look(*_):
        seen.append(elsewhere.execute("SELECT count(*) FROM ledger_entry").fetchone()[0])

    await activities_in(path, progress=look)
    assert seen == [0, 0, 0, 0]
    assert elsewhere.execute("SELECT count(*) FROM ledger_entry").fetchone() == (6,)
