"""Mail: who gets it, what it looks like, and what becomes of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from ground import clock
from ground.engine import execute, fetchrow, fetchval
from notifications.digests import mailing
from notifications.mail import addresses, door
from notifications.mail.transport import Transport, transport_in
from server.config import Settings, SettingsRefused
from tests.notifications.mailbox import PUBLIC_URL, mailbox, mailing_to
from tests.notifications.told import ALICE, BOB, NOON, earn, somebody

HOUR = timedelta(hours=1)
ADDRESS = "alice@example.com"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def box():
    async with mailbox() as found:
        with clock.frozen(NOON):
            yield found


@pytest.fixture
async def waiting(database, box):
    """Alice wants mail, and a digest of hers waits to be sent."""
    await somebody(ALICE)
    await addresses.choose(ALICE, ADDRESS)
    await gathered(ALICE)


async def gathered(member_id: UUID, period: str = "2026-W48") -> None:
    await earn(member_id)
    await execute(
        """
        INSERT INTO digest (member_id, period, often, since, until, content, mail_due_at,
            mail_tries)
        SELECT $1, $2, 'weekly', $3, $3, jsonb_build_object('messages', jsonb_agg(id),
            'together', '[{"what": "reached", "link": "/challenges/7",
                "name": {"fr": "Un <b>défi</b>", "en": "A <b>goal</b>"}}]'::jsonb), $3, 0
        FROM notification WHERE member_id = $1
        """,
        member_id,
        period,
        NOON,
    )


async def send(after=timedelta(0)):
    with clock.frozen(NOON + after):
        return await mailing.send_waiting()


async def waits_until():
    return await fetchval("SELECT mail_due_at FROM digest")


def parts_of(mail):
    text, html = mail.iter_parts()
    return text.get_content(), html.get_content()


async def test_a_digest_is_plain_text_beside_html_and_ends_with_one_click(waiting, box):
    assert await send() == 1
    [mail] = box.mails
    token = await fetchval("SELECT token FROM mail_address")
    assert (mail["From"], mail["To"]) == ("Brume <bonjour@brume.example>", ADDRESS)
    assert mail["Subject"] == "Brume · The week, together"
    assert mail["List-Unsubscribe"] == f"<{PUBLIC_URL}/unsubscribe/{token}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"].endswith("@brume.example>")
    text, html = parts_of(mail)
    assert mail.get_content_type() == "multipart/alternative"
    assert "- Done, together: A <b>goal</b>\r\n" in text or "A <b>goal</b>\n" in text
    assert "Done, together: A &lt;b&gt;goal&lt;/b&gt;" in html
    assert "<b>goal" not in html
    for part in (text, html):
        assert f"{PUBLIC_URL}/challenges/7" in part
        assert f"{PUBLIC_URL}/unsubscribe/{token}" in part
        assert "New badge: First review" in part
    assert await send(HOUR) == 0


async def test_it_speaks_the_members_language(waiting, box):
    await execute("UPDATE preferences SET locale = 'fr'")
    await send()
    assert box.mails[0]["Subject"] == "Brume · La semaine, ensemble"
    assert "Nouveau badge : Première critique" in parts_of(box.mails[0])[0]


async def test_what_was_read_meanwhile_isnt_said_and_nothing_to_say_isnt_sent(waiting, box):
    await execute("UPDATE notification SET read_at = now()")
    await execute("UPDATE digest SET content = content - 'together'")
    assert await send() == 0
    assert (box.mails, await waits_until()) == ([], None)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE mail_address SET address = NULL",
        "UPDATE mail_address SET refused_at = now()",
        "DELETE FROM mail_address",
        "UPDATE preferences SET digest = 'never'",
        "DELETE FROM preferences",
    ],
)
async def test_who_wants_none_by_the_time_it_is_sent_gets_none(waiting, box, change):
    await execute(change)
    assert await send() == 0
    assert (box.recipients, await waits_until()) == ([], None)


@pytest.mark.parametrize("where", ["to_recipients", "to_content"])
async def test_what_cant_be_taken_now_is_tried_again_later_and_later(waiting, box, where):
    getattr(box, where).extend(["451 Later"] * 2)
    assert await send() == 0
    assert await waits_until() == NOON + timedelta(minutes=5)
    assert await send(timedelta(minutes=5)) == 0
    assert await waits_until() == NOON + timedelta(minutes=15)
    assert await send(timedelta(minutes=15)) == 1
    assert len(box.mails) == 1


async def test_an_address_that_refuses_three_times_for_good_isnt_tried_any_more(waiting, box):
    box.to_recipients.extend(["550 Nobody here"] * 3)
    for number in range(3):
        assert await fetchval("SELECT refused_at FROM mail_address") is None
        await execute("UPDATE digest SET mail_due_at = $1, mail_tries = 0", NOON)
        await send()
        assert await waits_until() is None, number
    assert await fetchval("SELECT refused_at FROM mail_address") == NOON
    with clock.frozen(NOON):
        await addresses.choose(ALICE, "other@example.com")
    row = await fetchrow("SELECT address, failures, refused_at FROM mail_address")
    assert tuple(row) == ("other@example.com", 0, None)


async def test_a_worker_that_dies_leaves_one_repeat_with_the_same_id(waiting, box, monkeypatch):
    """I28."""

    async def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "_settle", die)
        with pytest.raises(KeyboardInterrupt):
            await send()
    assert await send(timedelta(seconds=59)) == 0
    assert await send(timedelta(minutes=1)) == 1
    assert await send(HOUR) == 0
    first, again = box.mails
    assert first["Message-ID"] == again["Message-ID"]


async def test_without_a_server_everything_waits_and_is_given_up_when_it_is_no_news(waiting, capfd):
    door.use(mailing_to("smtp://127.0.0.1:1"))
    assert await send() == 0
    assert await waits_until() == NOON + timedelta(minutes=5)
    assert ADDRESS not in "".join(capfd.readouterr())
    assert await send(timedelta(days=2, minutes=1)) == 0
    assert await waits_until() is None


async def test_many_leave_side_by_side_each_to_its_own(database, box):
    members = [UUID(int=number) for number in range(1, 9)]
    await somebody(*members)
    for member_id in members:
        await addresses.choose(member_id, f"{member_id.int}@example.com")
        await gathered(member_id)
    box.to_recipients.append("550 Nobody here")
    assert await send() == 7
    assert len(set(box.recipients)) == 8
    assert {mail["To"] for mail in box.mails} < {f"{each.int}@example.com" for each in members}


async def test_choosing_takes_a_proved_address_and_unsubscribing_a_click(
    client, sign_in, join, box
):
    await join("alice", "Alice")
    await join("bob", "Bob")
    mine = sign_in("alice", email=ADDRESS, email_verified=True)
    answer = await client.put("/v1/me/mail", headers=sign_in("bob"))
    assert (answer.status_code, answer.json()["code"]) == (409, "address_not_proved")
    assert (await client.put("/v1/me/mail", headers=mine)).json() == {
        "available": True,
        "wanted": True,
        "address": ADDRESS,
        "refused_at": None,
    }
    link = f"/unsubscribe/{await fetchval('SELECT token FROM mail_address')}"
    page = await client.get(link, headers={"Accept-Language": "fr"})
    assert "Ne plus recevoir d’e-mails" in page.text
    assert '<form method="post">' in page.text
    # A program that follows links changes nothing.
    assert (await client.get("/v1/me/mail", headers=mine)).json()["wanted"]
    for _ in range(2):
        done = await client.post(link, data={"List-Unsubscribe": "One-Click"}, headers=ENGLISH)
        assert (done.status_code, done.headers["cache-control"]) == (200, "no-store")
        assert "It is done" in done.text
    assert not (await client.get("/v1/me/mail", headers=mine)).json()["wanted"]
    assert await fetchval("SELECT count(*) FROM mail_address WHERE address IS NOT NULL") == 0
    unknown = await client.post("/unsubscribe/unknown", headers=ENGLISH)
    assert (unknown.status_code, "leads to nobody" in unknown.text) == (200, True)
    # An old mail's link also ends what was chosen again.
    await client.put("/v1/me/mail", headers=mine)
    await client.post(link)
    assert not (await client.get("/v1/me/mail", headers=mine)).json()["wanted"]
    assert (await client.delete("/v1/me/mail", headers=mine)).status_code == 204


async def test_where_no_mail_is_sent_none_can_be_chosen(client, sign_in, join):
    await join("alice", "Alice")
    mine = sign_in("alice", email=ADDRESS, email_verified=True)
    answer = await client.put("/v1/me/mail", headers=mine)
    assert (answer.status_code, answer.json()["code"]) == (409, "mail_not_set_up")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtps://me:p%40ss@mail.example.com",
            Transport(host="mail.example.com", port=465, at_once=True, user="me", password="p@ss"),
        ),
        ("smtp://mail.example.com", Transport(host="mail.example.com", port=587)),
        ("smtp://localhost:25", Transport(host="localhost", port=25, tls=False)),
        ("file:.data/mail", Transport(folder=".data/mail")),
    ],
)
def test_where_mail_goes_is_one_address(url, expected):
    assert transport_in(url) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"SMTP_URL": "http://mail.example.com", "MAIL_FROM": "a@example.com"},
        {"SMTP_URL": "smtp://", "MAIL_FROM": "a@example.com"},
        {"SMTP_URL": "smtp://user@mail.example.com", "MAIL_FROM": "a@example.com"},
        {"SMTP_URL": "smtp://mail.example.com:99999", "MAIL_FROM": "a@example.com"},
        {"SMTP_URL": "smtp://mail.example.com"},
        {"SMTP_URL": "smtp://mail.example.com", "MAIL_FROM": "nobody"},
        {"SMTP_URL": "smtp://mail.example.com", "MAIL_FROM": "a@b\nBcc: c@d"},
    ],
)
def test_settings_of_mail_that_make_no_sense_are_refused_at_the_start(given):
    with pytest.raises(SettingsRefused):
        Settings.from_environment({"ENVIRONMENT": "development", **given})


async def test_in_development_mails_are_files(waiting, tmp_path):
    door.use(mailing_to(f"file:{tmp_path}/mail"))
    assert await send() == 1
    [kept] = (tmp_path / "mail").iterdir()
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in kept.read_bytes()


async def test_nobody_can_tell_one_members_link_from_anothers(database, box):
    await somebody(ALICE, BOB)
    for member_id in (ALICE, BOB):
        await addresses.choose(member_id, ADDRESS)
    first, second = [
        await fetchval("SELECT token FROM mail_address WHERE member_id = $1", each)
        for each in (ALICE, BOB)
    ]
    assert first != second
    assert len(first) == len(second) == 43
    assert await addresses.stop_by(first)
    assert await fetchval("SELECT address FROM mail_address WHERE member_id = $1", BOB) == ADDRESS
