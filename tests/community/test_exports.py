"""What is handed out: in the source's own words, and so that no spreadsheet runs it."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.exports import service as exports
from community.exports.cells import cell, plain, without_prefix
from community.members.importing import ImportedPerson, import_members
from community.members.leaving import leave
from community.members.person import Person
from gamification.catalogue.publishing import publish
from gamification.credit import credit_many, reverse
from gamification.ledger.activity import Activity
from ground import clock
from ground.engine import fetch
from ground.languages import Language
from tests.community.dumps import OPERATOR, exported
from tests.community.people import joined
from tests.gamification import programme

SOME_DAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def review(member_id, key, **changes):
    told = {"kind": "review", "source": "crm", "occurred_at": SOME_DAY} | changes
    return Activity(member_id=member_id, key=key, **told)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Camille", "Camille", id="a name"),
        pytest.param("", "", id="an empty text"),
        pytest.param(None, "", id="nothing"),
        pytest.param('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")', id="a formula"),
        pytest.param("+33 1", "'+33 1", id="a plus"),
        pytest.param("-1", "'-1", id="a minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="an at sign"),
        pytest.param("\t=1", "'\t'=1", id="a tab before it"),
        pytest.param("\r=1", "'\r'=1", id="a carriage return before it"),
        pytest.param("\ta", "'\ta", id="a tab before something else"),
        pytest.param(" =1", "' =1", id="a space before it"),
        pytest.param("'=1", "''=1", id="an apostrophe before it"),
        pytest.param("＝1", "'＝1", id="a full-width sign"),  # noqa: RUF001
        pytest.param("a;=1", "a;'=1", id="where a semicolon begins a cell"),
        pytest.param('a";"=1', 'a";\'"=1', id="where a quote and a semicolon begin a cell"),
        pytest.param("a\n=1", "a\n'=1", id="where a line begins a cell"),
        pytest.param("a;b-1", "a;b-1", id="a semicolon and a harmless cell"),
        pytest.param("a=b", "a=b", id="a sign further on"),
        pytest.param(-1, "-1", id="a number stays a number"),
        pytest.param(True, "true", id="a truth"),
        pytest.param(date(2026, 3, 2), "2026-03-02", id="a day"),
        pytest.param(SOME_DAY, "2026-03-02T09:30:00Z", id="a moment"),
        pytest.param(
            datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-03-01T23:00:00Z",
            id="a moment elsewhere",
        ),
    ],
)
def test_cells(value, expected):
    assert cell(value) == expected


@given(st.text("=+-@;\t\r\n'\" a,\uff1d", max_size=12))
def test_a_cell_gives_back_the_text_that_it_was_made_from(text):
    assert plain(cell(text)) == text


@given(st.text("=+-@;\t\n'\" a,\uff1d", max_size=12), st.sampled_from(",;\t"))
def test_no_spreadsheet_finds_a_formula_whatever_it_takes_for_a_delimiter(text, delimiter):
    file = io.StringIO(newline="")
    csv.writer(file).writerow([cell(text), "x"])
    rows = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter)

    begins = {each.lstrip(' \t"')[:1] for row in rows for each in row}
    assert not begins & set("=+-@\uff1d")


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ("conlang.meta:17", "conlang.meta", "17"),
        ("product:12", "crm", "product:12"),
        ("product:12", "", "product:12"),
    ],
)
def test_ids_are_told_as_their_source_writes_them(text, prefix, expected):
    assert without_prefix(text, prefix) == expected


async def test_members_who_are_here(database):
    alice = await joined("alice", "=Alice")
    bob = await joined("bob", "Bob")
    await import_members("crm", [ImportedPerson(external_id="-4711", known_since=SOME_DAY)])
    await leave(Person("bob"), bob, keep=True, language=Language.FRENCH)

    lines = sorted(await exported("members"), key=lambda line: line["state"])

    assert [line["state"] for line in lines] == ["active", "unclaimed"]
    assert lines[0]["member"] == lines[0]["id"] == str(alice)
    assert lines[0]["display_name"] == "'=Alice"
    assert (lines[1]["member"], lines[1]["source"]) == ("'-4711", "crm")
    assert lines[1]["joined_at"] == "2026-03-02T09:30:00Z"


async def test_activities_tell_days_and_moments_and_what_was_taken_back(catalogue):
    found = await import_members("crm", [ImportedPerson(external_id="5", known_since=SOME_DAY)])
    first, second = await credit_many(
        [
            review(found["5"], "a", subject="product:1", fields={"parent": "product", "stars": 4}),
            review(found["5"], "b", occurred_at=date(2026, 3, 3), quantity=-1),
        ]
    )
    await reverse([second.entry_id], reason="refund")

    one, other = await exported("activities")

    assert first.entry_id is not None
    assert (one["member"], one["kind"], one["subject"]) == ("5", "review", "product:1")
    assert (one["parent"], one["points"], one["source"]) == ("product", "5", "crm")
    assert one["fields"] == '{"stars": 4, "parent": "product"}'
    assert (one["occurred_at"], one["reversed_at"]) == ("2026-03-02T09:30:00Z", "")
    assert (other["occurred_at"], other["quantity"]) == ("2026-03-03", "-1")
    assert other["reversed_at"].endswith("Z")


async def test_our_own_badges_go_by_their_slug_and_ours_by_our_id(catalogue):
    alice = await joined("alice", "Alice")
    await credit_many([review(alice, "a")])

    lines = await exported("awards")

    assert list(lines[0]) == ["member", "badge", "subject", "awarded_at"]
    assert lines[0] == {
        "member": str(alice),
        "badge": "first-review",
        "subject": "",
        "awarded_at": "2026-03-02T09:30:00Z",
    }


async def test_badges_of_seasons_say_of_which(database):
    with clock.frozen(datetime(2026, 9, 15, tzinfo=UTC)):
        await publish(programme.catalogue(), to_the_past=True)
        await publish(programme.catalogue(programme.SEASONS), to_the_past=True)
    alice = await joined("alice", "Alice")
    days = [SOME_DAY.replace(month=10, day=day) for day in (2, 3, 5, 6)]
    await credit_many(
        [programme.activity("comment", str(n), day, member_id=alice) for n, day in enumerate(days)]
    )

    lines = await exported("awards")

    assert list(lines[0]) == ["member", "badge", "subject", "awarded_at", "season"]
    found = {(line["badge"], line["season"]) for line in lines}
    assert {("voice", "first"), ("voice", "second"), ("commentator", "")} <= found
    assert list((await exported("members"))[0])[-1] == "joined_at"


async def test_whoever_a_source_names_goes_by_its_name_and_what_was_taken_back_is_gone(catalogue):
    found = await import_members("crm", [ImportedPerson(external_id="5", known_since=SOME_DAY)])
    [credited] = await credit_many([review(found["5"], "a")])
    assert [line["member"] for line in await exported("awards")] == ["5"]

    await reverse([credited.entry_id], reason="refund")

    assert await exported("awards") == []


async def test_a_source_of_its_own(catalogue):
    for source in ("crm", "shop"):
        [member_id] = (
            await import_members(source, [ImportedPerson(external_id="5", known_since=SOME_DAY)])
        ).values()
        await credit_many([review(member_id, "a", source=source)])

    assert [line["source"] for line in await exported("members", "shop")] == ["shop"]
    assert [line["source"] for line in await exported("activities", "shop")] == ["shop"]
    assert await exported("awards", "shop") == []
    assert await exported("members", "nobody") == []


async def test_pages_join_without_a_gap_or_a_repeat(catalogue, monkeypatch):
    monkeypatch.setattr(exports, "PAGE", 3)
    people = [ImportedPerson(external_id=str(n), known_since=SOME_DAY) for n in range(10)]
    found = await import_members("crm", people)
    await credit_many([review(member_id, "a") for member_id in found.values()])

    for what in ("members", "activities", "awards"):
        lines = await exported(what)
        assert sorted(line["member"] for line in lines) == [str(n) for n in range(10)]


async def test_every_export_is_in_the_audit_trail(database):
    await exported("members", "crm")

    [entry] = await fetch("SELECT actor, action, subject, details FROM audit_entry")
    assert tuple(entry)[:3] == (OPERATOR.actor, "exports.made", "members")
    assert entry["details"] == '{"source": "crm"}'
