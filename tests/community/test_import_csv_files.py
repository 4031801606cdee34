"""What is taken for a table, what isn't, and how its cells are read."""

import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from community.imports import doings, people
from community.imports.dates import Dates, Order
from community.imports.errors import LineRejected, SheetUnreadable
from community.imports.sheet import LONGEST, Line, sheet_at
from tests.community.sheets import NOW, written

PARIS = ZoneInfo("Europe/Paris")
CONTENTS = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}
ACTIVITIES = "key,member,kind,occurred_at"


def lines_of(path, columns=people.COLUMNS, **given):
    return list(sheet_at(path, columns, **given).lines())


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, CONTENTS.get(name, "<xml/>"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("cp1252", "windows-1252"),
        ("latin-1", "windows-1252"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read_as_it_is(tmp_path, encoding, told, delimiter):
    cells = ["id", "name"], ["é1", "Zoé Müller"]
    path = written(tmp_path / "m.csv", *map(delimiter.join, cells), encoding=encoding)

    sheet = sheet_at(path, people.COLUMNS)

    assert (sheet.encoding, list(sheet.lines())) == (
        told,
        [Line(2, {"id": "é1", "name": "Zoé Müller"})],
    )


def test_utf_16_with_the_other_end_first_is_read_too(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes(b"\xfe\xff" + "id\ré1\r".encode("utf-16-be"))

    assert lines_of(path) == [Line(2, {"id": "é1"})]


def test_an_encoding_that_is_named_is_believed(tmp_path):
    path = written(tmp_path / "m.csv", "id", "Łódź", encoding="cp1250")

    assert lines_of(path, encoding="windows-1250") == [Line(2, {"id": "Łódź"})]


@pytest.mark.parametrize(
    ("ending", "lines"),
    [
        ("\n", ["id", "1", "2"]),
        ("\r\n", ["id", "1", "2"]),
        ("\r", ["id", "1", "2"]),
        ("\r\n", ["sep=;", "id;name", "1;", "2;"]),
        ("\n", ["", "id;;", ";;", "1;;", "", "2;;", ";;"]),
        ("\n", [" ID ", "1", "2"]),
        ("\n", ["External-ID", " 1 ", "\u00a02"]),
    ],
)
def test_endings_blank_lines_and_blanks_do_not_matter(tmp_path, ending, lines):
    path = tmp_path / "m.csv"
    path.write_bytes(ending.join(lines).encode())

    assert [line.cells for line in lines_of(path)] == [{"id": "1"}, {"id": "2"}]


def test_a_cell_may_hold_delimiters_quotes_and_lines_and_its_line_is_where_it_begins(tmp_path):
    path = written(tmp_path / "m.csv", "id,name", '1,"Doe, ""J""', 'of X"', '2,5" screen', "3,")

    assert lines_of(path) == [
        Line(2, {"id": "1", "name": 'Doe, "J"\nof X'}),
        Line(4, {"id": "2", "name": '5" screen'}),
        Line(5, {"id": "3"}),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "is empty", id="an empty file"),
        pytest.param(b" \r\n\r\n", "is empty", id="blank lines"),
        pytest.param(b"\xef\xbb\xbf", "is empty", id="a mark and nothing"),
        pytest.param(b";;\n;;\n", "is empty", id="cells without anything"),
        pytest.param(zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook", id="xlsx"),
        pytest.param(zipped("mimetype"), "LibreOffice document", id="ods"),
        pytest.param(zipped("user-list.csv"), "ZIP archive", id="a zip"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "old Excel", id="xls"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "PDF", id="a PDF"),
        pytest.param(b"\x1f\x8b\x08\x00", "gzip", id="gzip"),
        pytest.param(b"\x89PNG\r\n", "an image", id="a picture"),
        pytest.param(b"<html><table><tr>", "HTML", id="HTML that is called CSV"),
        pytest.param(b"id\n1\x002\n", "NUL", id="a NUL"),
        pytest.param(b"id\n1\x1b[31m\n", "control character 0x1b", id="an escape"),
        pytest.param("id\n1\n".encode("utf-16-le"), "UTF-16 without its mark", id="UTF-16 bare"),
        pytest.param("id\né\n".encode() + b"\xe9\n", "UTF-8 in some places", id="two encodings"),
        pytest.param(b"id\n\x81\x8d\n", "neither UTF-8 nor Windows-1252", id="no encoding"),
        pytest.param("id\n1\0\n".encode("utf-16"), "line 2: it holds a NUL", id="a NUL in UTF-16"),
        pytest.param(b'id,name\n1,"a\n2,b\n', "line 2: unexpected end", id="an open quote"),
        pytest.param(b'id,name\n1,"a"b\n', "line 2: ',' expected after", id="text after a quote"),
        pytest.param(
            b'id,name\n1,"' + b"a\n" * LONGEST, "line 2: what begins here", id="an endless quote"
        ),
        pytest.param(b"id\n" + b"a" * (LONGEST + 1), "line 2: what begins", id="an enormous cell"),
        pytest.param(
            b"id" + b"," * 10**6 + b"\n1\n", "line 1: what begins", id="a million columns"
        ),
        pytest.param(
            b",".join(b"c%d" % n for n in range(101)) + b",id\n1\n", "102 columns", id="102 columns"
        ),
        pytest.param(b"1,Camille\n2,Zoe\n", "none of the columns id", id="no headings"),
        pytest.param(b"name,email\nA,a@b.c\n", "the column id is missing", id="no id"),
        pytest.param(b"id,name,NAME\n1,a,b\n", "'name' is there twice", id="a column twice"),
        pytest.param(b"id,external_id\n1,1\n", "'id' is there twice", id="a column by two names"),
        pytest.param(b"id,,name\n1,2,3\n", "column 2 has no name", id="a column without a name"),
        pytest.param(b"id,shoe_size\n1,42\n", "'shoe_size': there is no such", id="unknown"),
        pytest.param(b"id,emial\n1,a@b.c\n", "did you mean email?", id="a slip"),
    ],
)
def test_files_that_are_no_table_of_members(tmp_path, content, says):
    path = tmp_path / "members.csv"
    path.write_bytes(content)

    with pytest.raises(SheetUnreadable, match=r"members\.csv") as refused:
        lines_of(path)

    assert says in refused.value.detail
    assert refused.value.code == "sheet_unreadable"
    assert len(refused.value.detail) < 400


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("subjct", "did you mean subject?"),
        ("quantty", "did you mean quantity?"),
        ("email", "can't be a field"),
        ("points", "can't be a field"),
        ("é", "small letters"),
        ("a" * 41, "small letters"),
    ],
)
def test_columns_of_activities_that_are_refused(tmp_path, heading, says):
    path = written(tmp_path / "a.csv", f"{ACTIVITIES},{heading}", "1,2,review,2026-01-01,x")

    with pytest.raises(SheetUnreadable) as refused:
        lines_of(path, doings.COLUMNS)

    assert says in refused.value.detail


def test_an_encoding_that_was_named_and_is_not_so(tmp_path):
    path = written(tmp_path / "m.csv", "id", "é", encoding="cp1252")

    with pytest.raises(SheetUnreadable, match="isn't utf-8 throughout"):
        lines_of(path, encoding="utf-8")


def test_a_delimiter_that_was_named_and_is_not_so(tmp_path):
    path = written(tmp_path / "m.csv", "id,name", "1,Camille")

    with pytest.raises(SheetUnreadable, match="none of the columns id"):
        lines_of(path, delimiter="semicolon")
    assert lines_of(path, delimiter="comma") == [Line(2, {"id": "1", "name": "Camille"})]


def test_what_is_no_file(tmp_path):
    for path, says in ((tmp_path, "isn't a file"), (tmp_path / "nothing.csv", "isn't there")):
        with pytest.raises(SheetUnreadable, match=says):
            lines_of(path)


@pytest.mark.parametrize(
    ("line", "code"),
    [("1", "cells_missing"), ("1,a", "cells_missing"), ("1,a,,x", "cells_too_many")],
)
def test_a_line_that_doesn_t_fit_the_headings_is_known_by_its_number(tmp_path, line, code):
    path = written(tmp_path / "m.csv", "id,name,email", "0,a,", line, "2,b,,,,")

    first, misfit, last = lines_of(path)

    assert (misfit.number, misfit.misfit.code) == (3, code)
    assert first.misfit is last.misfit is None


def test_a_line_of_a_hundred_thousand_cells_is_one_line_that_doesn_t_fit(tmp_path):
    path = written(tmp_path / "m.csv", "id,name", "1" + ",x" * 49_000, "2,b")

    misfit, last = lines_of(path)

    assert misfit.misfit.why == "it has 49001 cells, the headings are 2"
    assert last == Line(3, {"id": "2", "name": "b"})


@pytest.mark.parametrize("text", ["=1+1", "+33", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_a_formula_is_a_text_also_when_an_export_of_ours_made_it_harmless(tmp_path, text):
    quoted = text.replace('"', '""')
    path = written(tmp_path / "m.csv", "id", f'"{quoted}"', f'"\'{quoted}"')

    assert [line.cells["id"] for line in lines_of(path)] == [text, text]


@pytest.mark.long
def test_reading_takes_no_more_memory_for_more_lines(tmp_path):
    path = tmp_path / "m.csv"
    with path.open("w") as file:
        file.write("id,name\n")
        file.writelines(f"{number},Camille Durand\n" for number in range(100_000))

    tracemalloc.start()
    lines = sum(1 for _ in sheet_at(path, people.COLUMNS).lines())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert lines == 100_000
    assert most < 6 * 2**20


ISO = Dates()
DAY_FIRST = Dates(Order.DAY_FIRST)
MONTH_FIRST = Dates(Order.MONTH_FIRST)
IN_PARIS = Dates(Order.DAY_FIRST, PARIS)


@pytest.mark.parametrize(
    ("dates", "text", "meant"),
    [
        (ISO, "2026-11-21", date(2026, 11, 21)),
        (ISO, "2026-11-21T10:00:00Z", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (ISO, "2026-11-21 10:00:00 UTC", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (ISO, "2026-11-21T11:00:00+01:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (ISO, "2026-11-21T10:00+0000", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (ISO, "2026-11-21T10:00:00.123456789Z", datetime(2026, 11, 21, 10, 0, 0, 123456, UTC)),
        (DAY_FIRST, "2026-11-21", date(2026, 11, 21)),
        (DAY_FIRST, "21/11/2026", date(2026, 11, 21)),
        (DAY_FIRST, "1/2/2026", date(2026, 2, 1)),
        (DAY_FIRST, "01.02.2026", date(2026, 2, 1)),
        (MONTH_FIRST, "11/21/2026", date(2026, 11, 21)),
        (MONTH_FIRST, "01/02/2026", date(2026, 1, 2)),
        (IN_PARIS, "21/11/2026 11:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        (IN_PARIS, "2026-07-21 11:00", datetime(2026, 7, 21, 9, tzinfo=UTC)),
        (IN_PARIS, "2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_days_and_moments_that_are_meant_in_one_way_only(dates, text, meant):
    assert dates.read(text) == meant


@pytest.mark.parametrize(
    ("dates", "text", "code"),
    [
        (ISO, "21/11/2026", "date_ambiguous"),
        (ISO, "11/21/2026", "date_ambiguous"),
        (ISO, "01-02-2026", "date_ambiguous"),
        (DAY_FIRST, "11/21/2026", "date_invalid"),
        (MONTH_FIRST, "21/11/2026", "date_invalid"),
        (DAY_FIRST, "21/11/26", "date_invalid"),
        (DAY_FIRST, "21/11.2026", "date_invalid"),
        (ISO, "2026-02-30", "date_invalid"),
        (ISO, "2026-11-21T25:00:00Z", "date_invalid"),
        (ISO, "2026-11-21T10:00:00+01:75", "date_invalid"),
        (ISO, "2026-11-21T10:00:00+99:00", "date_invalid"),
        (ISO, "1969-12-31", "date_invalid"),
        (ISO, "3000-01-01", "date_invalid"),
        (ISO, "46347", "date_invalid"),
        (ISO, "46347,5", "date_invalid"),
        (ISO, "21 novembre 2026", "date_invalid"),
        (ISO, "\u0662\u0660\u0662\u0666-11-21", "date_invalid"),
        (ISO, "yesterday" * 20, "date_invalid"),
        (ISO, "2026-11-21 10:00:00", "zone_missing"),
        (DAY_FIRST, "21/11/2026 10:00", "zone_missing"),
        (IN_PARIS, "2026-03-29 02:30", "date_invalid"),
    ],
)
def test_days_and_moments_that_are_not_guessed(dates, text, code):
    with pytest.raises(LineRejected) as rejected:
        dates.read(text)

    assert rejected.value.code == code
    assert len(rejected.value.why) < 120


def person(**cells):
    return people.People(now=NOW).read(Line(2, {"id": "4711"} | cells))


def test_a_line_of_members_says_who_somebody_is():
    told = person(
        name="Camille",
        email="Camille@Example.org",
        language="FR-fr",
        time_zone="Europe/Paris",
        population="Employee",
        joined_at="2024-05-01",
    )

    assert (told.person.external_id, told.person.address) == ("4711", "Camille@Example.org")
    assert (told.language, told.time_zone) == ("fr", "Europe/Paris")
    assert told.person.population == "employee"
    assert told.person.known_since == datetime(2024, 5, 1, tzinfo=PARIS)


def test_who_has_only_an_id_is_known_from_now_on():
    told = person()

    assert (told.person.known_since, told.person.population) == (NOW, "customer")
    assert told.person.address is told.language is told.time_zone is None


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"id": "(deleted)"}, "id_invalid"),
        ({"id": "a" * 201}, "too_long"),
        ({"name": "a" * 241}, "too_long"),
        ({"email": "camille"}, "email_invalid"),
        ({"email": "a b@example.org"}, "email_invalid"),
        ({"email": f"{'a' * 250}@example.org"}, "too_long"),
        ({"language": "tlh"}, "language_unknown"),
        ({"time_zone": "Paris"}, "time_zone_unknown"),
        ({"time_zone": "../../etc/passwd"}, "time_zone_unknown"),
        ({"population": "martian"}, "population_unknown"),
        ({"joined_at": "2026-11-24"}, "in_the_future"),
        ({"joined_at": "soon"}, "date_invalid"),
    ],
)
def test_lines_of_members_that_are_rejected(cells, code):
    with pytest.raises(LineRejected) as rejected:
        person(**cells)

    assert rejected.value.code == code
    assert "camille" not in rejected.value.why


def doing(texts=frozenset(), **cells):
    line = {"key": "1", "member": "4711", "kind": "review", "occurred_at": "2026-11-20"}
    return doings.Doings(source="crm", texts=texts).read(Line(2, line | cells))


def test_other_columns_are_fields_numbers_and_truths_as_such():
    told = doing(
        stars="5", verified="VRAI", returned="False", sku="007", note="-3", parent="12"
    ).told

    assert told.fields == {
        "stars": 5,
        "verified": "VRAI",
        "returned": False,
        "sku": "007",
        "note": -3,
        "parent": "12",
    }


def test_a_number_stays_a_text_where_that_is_said_and_where_it_is_too_long():
    told = doing(frozenset({"postcode"}), postcode="75011", ean="9" * 17).told

    assert told.fields == {"postcode": "75011", "ean": "9" * 17}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"key": "a" * 201}, "too_long"),
        ({"kind": "a" * 81}, "too_long"),
        ({"subject": "a" * 201}, "too_long"),
        ({"stars": "a" * 201}, "too_long"),
        ({"member": "external:crm"}, "member_invalid"),
        ({"quantity": "1.5"}, "quantity_invalid"),
        ({"quantity": "many"}, "quantity_invalid"),
        ({"quantity": "1000001"}, "quantity_out_of_range"),
        ({"quantity": "-999999999"}, "quantity_out_of_range"),
        ({"occurred_at": "21/11/2026"}, "date_ambiguous"),
    ],
)
def test_lines_of_activities_that_are_rejected(cells, code):
    with pytest.raises(LineRejected) as rejected:
        doing(**cells)

    assert rejected.value.code == code


@pytest.mark.parametrize("column", ["key", "member", "kind", "occurred_at"])
def test_what_every_activity_has(column):
    line = {"key": "1", "member": "4711", "kind": "review", "occurred_at": "2026-11-20"}
    del line[column]

    with pytest.raises(LineRejected) as rejected:
        doings.Doings(source="crm").read(Line(2, line))

    assert rejected.value.code == f"{column}_missing"
