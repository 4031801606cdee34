"""What a dump's rows tell; a wrong one is refused by its file and line, before anything counts."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from community.imports.dump import examined
from community.imports.errors import DumpUnreadable
from community.imports.rows import Row
from community.imports.stackexchange import FILES, Post, Told, Why, told_by
from community.imports.stand_in import STAND_IN
from tests.community.dumps import write_dump

DAY = date(2020, 9, 6)
POSTS = {
    "1": Post("question", "7"),
    "2": Post("answer", "8", "1"),
    "3": Post("answer", "7", "1"),
    "4": Post("answer", STAND_IN, "5"),
    "5": Post("question", STAND_IN),
    "6": Post("answer", "8", "404"),
    "8": Post("tag-wiki", "9"),
    "9": Post(None, "9"),
}
MOMENT = {"CreationDate": "2018-02-06T20:19:50.957"}
AT = datetime(2018, 2, 6, 20, 19, 50, 957000, tzinfo=UTC)


def told(file: str, **attributes: str) -> list[Told] | Why:
    return told_by(Row(file, 1, {"Id": "17"} | MOMENT | attributes), POSTS, DAY)


def test_a_question_is_its_owners_and_its_views_count_on_the_day_of_the_export():
    assert told("Posts.xml", PostTypeId="1", OwnerUserId="7", ViewCount="900") == [
        Told("7", "question", "post:17", AT, subject="17"),
        Told("7", "views", "post:17", DAY, subject="17", quantity=900, grows=True),
    ]


def test_an_answer_of_a_deleted_account_keeps_its_place():
    assert told("Posts.xml", PostTypeId="2", ParentId="1") == [
        Told(STAND_IN, "answer", "post:17", AT, subject="17", parent="1")
    ]


@pytest.mark.parametrize(
    ("vote", "expected"),
    [
        pytest.param(
            {"PostId": "2", "VoteTypeId": "2"},
            [("8", "vote", 1, {"post_type": "answer", "own_question": False})],
            id="a vote is credited to the post's owner",
        ),
        pytest.param(
            {"PostId": "3", "VoteTypeId": "3"},
            [("7", "vote", -1, {"post_type": "answer", "own_question": True})],
            id="one against takes away, and an answer to one's own question is told apart",
        ),
        pytest.param(
            {"PostId": "4", "VoteTypeId": "2"},
            [(STAND_IN, "vote", 1, {"post_type": "answer", "own_question": False})],
            id="two deleted accounts are not the same person",
        ),
        pytest.param(
            {"PostId": "2", "VoteTypeId": "1"},
            [
                ("8", "accepted", 1, {"post_type": "answer", "own_question": False}),
                ("7", "accept", 1, {"post_type": "answer", "own_question": False}),
            ],
            id="an accepted answer is credited to who answered and to who asked",
        ),
        pytest.param(
            {"PostId": "1", "VoteTypeId": "8", "UserId": "7"},
            [("7", "bounty", 1, {"own_question": True})],
            id="a bounty is credited to who offers it",
        ),
        pytest.param(
            {"PostId": "1", "VoteTypeId": "8", "UserId": "9"},
            [("9", "bounty", 1, {"own_question": False})],
            id="also on somebody else's question",
        ),
    ],
)
def test_votes(vote, expected):
    found = told("Votes.xml", **vote)

    assert isinstance(found, list)
    assert [(one.member, one.kind, one.quantity, one.fields) for one in found] == expected
    assert {one.occurred_at for one in found} == {date(2018, 2, 6)}
    assert {one.subject for one in found} == {vote["PostId"]}


@pytest.mark.parametrize(
    ("file", "attributes", "why"),
    [
        ("Votes.xml", {"PostId": "2", "VoteTypeId": "5"}, Why.NOT_COUNTED),
        ("Votes.xml", {"PostId": "404", "VoteTypeId": "2"}, Why.POST_UNKNOWN),
        ("Votes.xml", {"PostId": "6", "VoteTypeId": "2"}, Why.POST_UNKNOWN),
        ("Votes.xml", {"PostId": "9", "VoteTypeId": "2"}, Why.NOT_COUNTED),
        ("Votes.xml", {"PostId": "1", "VoteTypeId": "1"}, Why.NOT_COUNTED),
        ("Votes.xml", {"PostId": "1", "VoteTypeId": "8"}, Why.NO_OWNER),
        ("Posts.xml", {"PostTypeId": "6", "OwnerUserId": "7"}, Why.NOT_COUNTED),
        ("Comments.xml", {"PostId": "1"}, Why.BY_NOBODY),
        ("PostHistory.xml", {"PostId": "1", "PostHistoryTypeId": "2"}, Why.NOT_COUNTED),
        ("PostHistory.xml", {"PostId": "1", "PostHistoryTypeId": "5"}, Why.BY_NOBODY),
        (
            "PostHistory.xml",
            {"PostId": "1", "PostHistoryTypeId": "5", "UserId": "-1"},
            Why.BY_NOBODY,
        ),
        (
            "PostHistory.xml",
            {"PostId": "404", "PostHistoryTypeId": "5", "UserId": "7"},
            Why.POST_UNKNOWN,
        ),
        (
            "PostHistory.xml",
            {"PostId": "9", "PostHistoryTypeId": "5", "UserId": "7"},
            Why.NOT_COUNTED,
        ),
    ],
)
def test_what_tells_nothing_says_why(file, attributes, why):
    assert told(file, **attributes) is why


@pytest.mark.parametrize(
    ("kind", "what", "part"),
    [("4", "edit", "title"), ("6", "edit", "tags"), ("8", "rollback", "body")],
)
def test_a_revision_says_what_it_touched_and_whose(kind, what, part):
    attributes = {"PostId": "2", "PostHistoryTypeId": kind, "UserId": "7"}
    fields = {"post_type": "answer", "part": part, "others": True}

    assert told("PostHistory.xml", **attributes) == [
        Told("7", what, "revision:17", AT, subject="2", fields=fields)
    ]


def test_what_a_user_has_done_without_a_date_counts_on_the_day_of_the_export():
    assert told("Users.xml", UpVotes="6", DownVotes="0", AboutMe="(removed)") == [
        Told("17", "votes-up", "user:17", DAY, quantity=6, grows=True),
        Told("17", "profile", "user:17", DAY),
    ]


GOOD = {
    "Users.xml": [{"Id": "7", **MOMENT}],
    "Posts.xml": [{"Id": "1", "PostTypeId": "1", "OwnerUserId": "7", **MOMENT}],
}


def test_a_dump_is_examined_before_anything_counts(tmp_path):
    dump = examined(write_dump(tmp_path, GOOD))

    assert dump.exported_on == date(2018, 2, 6)
    assert [person.id for person in dump.people] == ["7"]
    assert dump.posts == {"1": Post("question", "7")}
    assert sum(dump.sizes.values()) == 2


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DumpUnreadable, match="nowhere isn't a folder"):
        examined(tmp_path / "nowhere")


def test_files_that_are_missing_are_named(tmp_path):
    write_dump(tmp_path, GOOD)
    (tmp_path / "Votes.xml").unlink()
    (tmp_path / "Posts.xml").unlink()

    with pytest.raises(DumpUnreadable, match=r"lacks Posts\.xml, Votes\.xml"):
        examined(tmp_path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            {"Votes.xml": [{"PostId": "1", "VoteTypeId": "2", **MOMENT}]},
            "Votes.xml, line 3: it has no Id.",
            id="a row without an id",
        ),
        pytest.param(
            {"Users.xml": [{"Id": "seven", **MOMENT}]},
            "Users.xml, line 3 (Id seven): Id is 'seven', which isn't a whole number.",
            id="an id that is no number",
        ),
        pytest.param(
            {"Users.xml": [{"Id": "9" * 40, **MOMENT}]},
            "which isn't a whole number.",
            id="an id without end",
        ),
        pytest.param(
            {"Users.xml": [{"Id": "1", **MOMENT}, {"Id": "2", "CreationDate": "2018-13-40"}]},
            "Users.xml, line 4 (Id 2): CreationDate is '2018-13-40', which isn't a date.",
            id="a date that never was",
        ),
        pytest.param(
            {"Comments.xml": [{"Id": "2", "PostId": "1", "UserId": "7"}]},
            "Comments.xml, line 3 (Id 2): it has no CreationDate.",
            id="no date at all",
        ),
        pytest.param(
            {"Posts.xml": [{"Id": "2", "PostTypeId": "2", **MOMENT}]},
            "Posts.xml, line 3 (Id 2): it has no ParentId.",
            id="an answer to nothing",
        ),
        pytest.param(
            {"PostHistory.xml": [{"Id": "2", "PostHistoryTypeId": "5", **MOMENT}]},
            "PostHistory.xml, line 3 (Id 2): it has no PostId.",
            id="a revision of nothing",
        ),
    ],
)
def test_a_wrong_row_is_named(tmp_path, rows, message):
    with pytest.raises(DumpUnreadable) as refused:
        examined(write_dump(tmp_path, GOOD | rows))

    assert message in str(refused.value)


BOMB = """<?xml version="1.0"?>
<!DOCTYPE votes [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<votes><row Id="&b;" /></votes>"""
OTHER_FILE = """<?xml version="1.0"?>
<!DOCTYPE votes [<!ENTITY other SYSTEM "file:///etc/hostname">]>
<votes>&other;</votes>"""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "Votes.xml, line 1: it isn't XML", id="empty"),
        pytest.param(b"Id,PostId\n1,2\n", "Votes.xml, line 1: it isn't XML", id="not XML"),
        pytest.param(b"<votes><row", "Votes.xml, line 1: it isn't XML", id="cut off"),
        pytest.param(
            b"<votes>\n<row Id='1'></votes>", "Votes.xml, line 2: it isn't XML", id="unbalanced"
        ),
        pytest.param(b"<votes>\xff</votes>", "it isn't XML", id="not UTF-8"),
        pytest.param(
            b"<?xml version='1.0' encoding='klingon'?><votes/>", "it isn't XML", id="no encoding"
        ),
        pytest.param(
            b"<posts></posts>",
            "Votes.xml, line 1: it holds <posts> where <votes> belongs.",
            id="another file's rows",
        ),
        pytest.param(
            b"<votes>\n<vote Id='1'/></votes>",
            "Votes.xml, line 2: there is a <vote> where only rows belong.",
            id="something else than rows",
        ),
        pytest.param(
            b"<votes><row Id='1'><row Id='2'/></row></votes>",
            "there is a <row> where only rows belong.",
            id="rows in rows",
        ),
        pytest.param(BOMB.encode(), "line 2: it declares a document type", id="an entity bomb"),
        pytest.param(
            OTHER_FILE.encode(), "line 2: it declares a document type", id="another file's content"
        ),
    ],
)
def test_a_file_that_is_no_dump_is_refused(tmp_path, content, message):
    write_dump(tmp_path, GOOD)
    (tmp_path / "Votes.xml").write_bytes(content)

    with pytest.raises(DumpUnreadable) as refused:
        examined(tmp_path)

    assert message in str(refused.value)


def test_files_without_rows_are_fine(tmp_path):
    assert sum(examined(write_dump(tmp_path, GOOD | {"Votes.xml": []})).sizes.values()) == 2


def test_a_dump_without_any_row_is_refused(tmp_path):
    with pytest.raises(DumpUnreadable, match="holds no row"):
        examined(write_dump(tmp_path, {}))


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    write_dump(tmp_path, GOOD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DumpUnreadable, match=r"Users\.xml can't be read: Permission denied"):
        examined(tmp_path)


def test_every_file_has_a_root_of_its_own():
    assert len(set(FILES.values())) == len(FILES) == 5
