"""The sandbox refuses what FCM refuses, fails as it is told to, and shows phones and mails."""

import json
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from ground.languages import Language
from notifications.mail.letter import Letter
from notifications.mail.transport import Folder
from server.sandbox.app import ACCESS, Sandbox
from server.sandbox.behaviour import Behaviour, Trouble

PATH = "/v1/projects/a-brand/messages:send"
SIGNED_IN = {"Authorization": f"Bearer {ACCESS}"}
TOKEN = "a-good-token"
ODD = {Trouble.SILENCE, Trouble.CUT, *list(Trouble)[list(Trouble).index(Trouble.BROKEN) :]}


@pytest.fixture
def sandbox(tmp_path):
    return Sandbox(str(tmp_path / "mail"))


@pytest.fixture
async def caller(sandbox):
    transport = httpx.ASGITransport(sandbox)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def message(**more):
    return {"message": {"token": TOKEN, "notification": {"title": "Hello"}} | more}


async def test_a_message_is_taken_and_shown(caller):
    for body in ("Alice thanked you", "Alice and <b>Bob</b> thanked you"):
        pushed = message(
            notification={"title": "Thanks", "body": body},
            android={"collapse_key": "n1", "priority": "high", "ttl": "3600s"},
            data={"link": "/thanks"},
        )
        answer = await caller.post(PATH, json=pushed, headers=SIGNED_IN)
        assert answer.status_code == 200
        assert answer.json()["name"].startswith("projects/")

    page = await caller.get("/", headers={"Accept-Language": "fr"})
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert '<html lang="fr">' in page.text
    assert "Alice and &lt;b&gt;Bob&lt;/b&gt; thanked you" in page.text
    assert "Alice thanked you" not in page.text
    assert "2 fois, affiché une seule fois" in page.text
    assert (await caller.get("/page.css")).headers["content-type"] == "text/css"
    assert (await caller.get("/received")).json() == [[TOKEN, "n1"]] * 2
    await caller.delete("/received")
    assert (
        "Nothing was pushed yet" in (await caller.get("/", headers={"Accept-Language": "en"})).text
    )


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (message(data={"x": "y" * 4097}), "message.data"),
        (message(token="not a token"), "message.token"),
        (message(token="invalid-token"), "message.token"),
        (message(surprise=1), "message.surprise"),
        (message(android={"titel": "x"}), "message.android.titel"),
        (message(notification={"title": 3}), "message.notification.title"),
        (message(topic="news"), "message"),
        ({"message": {"notification": {"title": "To nobody"}}}, "message"),
        (message(data={"from": "me"}), "message.data"),
        (message(data={"google.x": "y"}), "message.data"),
        (message(android={"data": {"gcm.x": "y"}}), "message.data"),
        (message(data={"n": 1}), "message.data[...]"),
        (message(android={"priority": "urgent"}), "message.android.priority"),
        (message(android={"ttl": "an hour"}), "message.android.ttl"),
        (message(apns={"headers": {"apns-collapse-id": "x" * 65}}), "message.apns.headers"),
        (
            message(webpush={"fcm_options": {"link": "http://x"}}),
            "message.webpush.fcm_options.link",
        ),
        ({"mesage": {}}, "mesage"),
    ],
)
async def test_what_fcm_refuses(caller, sent, field):
    answer = await caller.post(PATH, json=sent, headers=SIGNED_IN)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][-1]["fieldViolations"][0]["field"] == field


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer something-else"}])
async def test_who_has_no_access_token_is_refused(caller, headers):
    answer = await caller.post(PATH, json=message(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


async def test_nothing_else_is_there(caller):
    assert (await caller.get("/etc/passwd")).status_code == 404
    assert (await caller.post(PATH, content=b"{", headers=SIGNED_IN)).status_code == 400
    assert (await caller.put("/behaviour", json={"trouble": "rain"})).status_code == 422
    assert (await caller.post("/token", content=b"hello")).status_code == 400


@pytest.mark.parametrize("trouble", sorted(set(Trouble) - ODD))
async def test_every_documented_error_can_be_had(caller, trouble):
    by_name = await caller.post(
        PATH, json=message(token=f"{trouble.value}-token"), headers=SIGNED_IN
    )
    ordered = {"trouble": trouble, "times": 1, "retry_after": 7}
    await caller.put("/behaviour", content=json.dumps(ordered))
    by_order = await caller.post(PATH, json=message(), headers=SIGNED_IN)
    assert by_order.json() == by_name.json()
    assert by_order.headers["retry-after"] == "7"
    assert by_order.status_code == by_order.json()["error"]["code"] >= 400
    assert (await caller.post(PATH, json=message(), headers=SIGNED_IN)).status_code == 200


async def test_an_outage_of_tokens_can_be_had(caller, sandbox):
    asked = {"data": {"grant_type": "x", "assertion": "y"}}
    assert (await caller.post("/token", **asked)).json()["access_token"] == ACCESS
    sandbox.behaviour = Behaviour(no_tokens=True)
    assert (await caller.post("/token", **asked)).status_code == 503
    told = await caller.put("/behaviour", content=msgspec.json.encode(Behaviour()))
    assert told.json()["no_tokens"] is False


def letter(subject="La semaine, ensemble"):
    return Letter(
        to="camille@example.com",
        subject=subject,
        text="Ensemble : <b>12</b> avis.",
        html="<html><head></head><body><script>alert(1)</script>Ensemble</body></html>",
        language=Language.FRENCH,
        message_id="<digest.1@example.com>",
        unsubscribe="http://localhost:8000/unsubscribe/abc",
        at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
    )


async def test_the_mails_are_listed_shown_and_given_as_they_are(caller, tmp_path):
    french = {"Accept-Language": "fr"}
    assert "Rien n’a encore été écrit" in (await caller.get("/mails", headers=french)).text
    await Folder(tmp_path / "mail").send(letter("<b>Hello</b>"), "Ambassade <hello@example.com>")
    (tmp_path / "mail" / "diary.eml").write_text("Subject: Mine\n\nNobody's business")

    listed = (await caller.get("/mails", headers=french)).text
    assert "&lt;b&gt;Hello&lt;/b&gt;" in listed
    assert "camille@example.com" in listed
    assert "Mine" not in listed
    path = "/mails/" + listed.partition('href="/mails/')[2].partition('"')[0]

    shown = await caller.get(path, headers=french)
    assert "Ensemble : &lt;b&gt;12&lt;/b&gt; avis." in shown.text
    assert "http://localhost:8000/unsubscribe/abc" in shown.text
    assert "<script>" not in shown.text
    written = await caller.get(f"{path}/html")
    assert "Ensemble</body>" in written.text
    policy = written.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    raw = await caller.get(f"{path}.eml")
    assert raw.headers["content-type"] == "message/rfc822"
    assert b"List-Unsubscribe-Post" in raw.content


@pytest.mark.parametrize(
    "path", ["/mails/diary", "/mails/diary.eml", "/mails/20261120T080000-00000000", "/mails/../x"]
)
async def test_no_other_file_is_a_mail(caller, path):
    assert (await caller.get(path)).status_code == 404


async def test_who_keeps_no_mails_is_told_so():
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Sandbox()), base_url="http://localhost:8002"
    ) as caller:
        told = await caller.get("/mails", headers={"Accept-Language": "en"})
    assert "SMTP_URL leads elsewhere" in told.text


async def test_under_another_name_nothing_is_there(caller):
    answer = await caller.get("/mails", headers={"Host": "evil.example"})
    assert answer.status_code == 421
