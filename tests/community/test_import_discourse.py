"""The people of a Discourse forum, from its export of users."""

from datetime import UTC, datetime

import pytest

from community.imports import discourse
from community.imports.errors import SheetUnreadable
from community.imports.outcome import Unit
from community.members.importing import members_of
from ground.engine import fetch, fetchval
from tests.community.people import joined
from tests.community.sheets import users_in, written

# The columns of an export, as Discourse names them.
COLUMNS = (
    "id,name,username,email,title,created_at,last_seen_at,last_posted_at,last_emailed_at,"
    "trust_level,approved,suspended_at,suspended_till,silenced_till,active,admin,moderator,"
    "ip_address,staged,secondary_emails,topics_entered,posts_read_count,time_read,topic_count,"
    "post_count,likes_given,likes_received,location,website,views,external_id,external_email,"
    "external_username,external_name,external_avatar_url,Shoe size (custom user field),group_names"
)
OLDER = "id,name,username,email,title,created_at,blocked,active,admin,group_names"
CAMILLE = {
    "id": "4",
    "name": "Camille Durand",
    "username": "camille",
    "email": "camille@example.org",
    "created_at": "2019-05-01 12:30:45 UTC",
    "last_seen_at": "2026-11-01 08:00:00 UTC",
    "trust_level": "3",
    "approved": "true",
    "active": "true",
    "admin": "false",
    "moderator": "false",
    "ip_address": "192.0.2.17",
    "staged": "false",
    "secondary_emails": "other@example.org",
    "location": '"""Lyon, France"""',
    "external_id": "crm-17",
    "Shoe size (custom user field)": "42",
    "group_names": "trust_level_1;trust_level_3;gardeners",
}


def line(**changes):
    told = CAMILLE | changes
    return ",".join(told.get(heading, "") for heading in COLUMNS.split(","))


def export(tmp_path, *lines, headings=COLUMNS):
    return written(tmp_path / "user-list-261121-100000.csv", headings, *lines)


async def test_people_come_under_the_ids_of_the_forum(database, tmp_path):
    told = await users_in(export(tmp_path, line(), line(id="5", email="", created_at="2020-01-01")))

    assert told.counts == (2, 0, 0, 0)
    there = await members_of("discourse", ["4", "5"])
    assert set(there) == {"4", "5"}
    since = await fetchval("SELECT joined_at FROM player WHERE member_id = $1", there["4"])
    assert since == datetime(2019, 5, 1, 12, 30, 45, tzinfo=UTC)
    assert await joined("camille", "Camille", "camille@example.org") == there["4"]


async def test_nothing_else_of_them_is_kept(database, tmp_path):
    await users_in(export(tmp_path, line()))

    for table in ("member", "external_identity", "player", "preferences", "audit_entry"):
        for row in await fetch(f"SELECT to_jsonb({table})::text AS told FROM {table}"):
            for text in ("amille", "192.0.2.17", "Lyon", "example.org", "crm-17", "gardeners"):
                assert text not in row["told"]
    assert await fetchval("SELECT count(*) FROM preferences") == 0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"id": "-1", "username": "system"}, discourse.NOBODY),
        ({"id": "-2", "username": "discobot"}, discourse.NOBODY),
        ({"id": "0"}, discourse.NOBODY),
        ({"staged": "true"}, discourse.STAGED),
        ({"active": "false"}, discourse.INACTIVE),
        (
            {
                "suspended_at": "2026-01-01 00:00:00 UTC",
                "suspended_till": "2226-01-01 00:00:00 UTC",
            },
            discourse.SUSPENDED,
        ),
        ({"suspended_at": "2026-01-01 00:00:00 UTC"}, discourse.SUSPENDED),
        ({"username": "anon1234", "email": "anon1234@anonymized.invalid"}, discourse.ANONYMISED),
    ],
)
async def test_who_stays_where_they_are(database, tmp_path, changes, why):
    told = await users_in(export(tmp_path, line(), line(**({"id": "5"} | changes))))

    assert told.counts == (1, 0, 0, 0)
    assert told.report.left_out == {why: 1}
    assert await fetchval("SELECT count(*) FROM member") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"suspended_at": "2020-01-01 00:00:00 UTC", "suspended_till": "2020-02-01 00:00:00 UTC"},
        {"silenced_till": "2226-01-01 00:00:00 UTC"},
        {"approved": "false"},
        {"admin": "true"},
        {"active": "VRAI", "staged": "FAUX"},
        {"trust_level": "0", "group_names": ""},
        {"created_at": "2226-01-01 00:00:00 UTC"},
    ],
)
async def test_who_comes_all_the_same_and_as_everybody_else(database, tmp_path, changes):
    told = await users_in(export(tmp_path, line(**changes)))

    assert told.counts == (1, 0, 0, 0)
    assert await fetchval("SELECT role FROM member") == "ambassador"
    assert await fetchval("SELECT joined_at <= now() FROM player")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "camille"}, "id_invalid"),
        ({"id": "1.5"}, "id_invalid"),
        ({"id": ""}, "id_missing"),
        ({"id": "9" * 201}, "too_long"),
        ({"email": "camille"}, "email_invalid"),
        ({"created_at": "01/05/2019 12:30"}, "date_ambiguous"),
        ({"created_at": ""}, "created_at_missing"),
        ({"suspended_till": "for ever"}, "date_invalid"),
        ({"staged": "perhaps"}, "staged_invalid"),
    ],
)
async def test_lines_that_are_rejected(database, tmp_path, changes, code):
    told = await users_in(export(tmp_path, line(id="5"), line(**changes)))

    assert told.codes == [(3, code)]
    assert await fetchval("SELECT count(*) FROM member") == 0


async def test_older_exports_lack_columns_and_the_groups_of_who_has_none(database, tmp_path):
    path = export(
        tmp_path,
        "4,Camille,camille,camille@example.org,,2015-05-01 12:30:45 UTC,false,true,false",
        "5,Zoe,zoe,zoe@example.org,,2015-05-01 12:30:45 UTC,false,true,false,gardeners",
        "6,Cut,cut,cut@example.org,,2015",
        headings=OLDER,
    )

    told = await users_in(path, Unit.LINE)

    assert told.counts == (2, 0, 1, 0)
    assert told.codes == [(4, "cells_missing")]


async def test_the_same_export_again_changes_nothing_and_a_newer_one_adds(database, tmp_path):
    await users_in(export(tmp_path, line()))
    again = await users_in(export(tmp_path, line(email="new@example.org")))
    newer = await users_in(export(tmp_path, line(), line(id="5")))

    assert (again.counts, newer.counts) == ((0, 1, 0, 0), (1, 1, 0, 0))
    assert await fetchval("SELECT count(*) FROM member") == 2


async def test_one_id_twice_is_a_mistake(database, tmp_path):
    told = await users_in(export(tmp_path, line(), line(id="04")))

    assert told.codes == [(3, "duplicate_id")]


async def test_what_is_not_an_export_of_users(database, tmp_path):
    path = written(tmp_path / "posts.csv", "topic_title,post,url", "Hello,World,/t/1")

    with pytest.raises(SheetUnreadable, match="none of the columns id, username"):
        await users_in(path)
    assert await fetchval("SELECT count(*) FROM member") == 0
