"""Managers steer the catalogue over HTTP: drafts, previews, publications, files."""

import asyncio
import tomllib
from datetime import timedelta

import pytest

from gamification.catalogue import service
from gamification.catalogue.previews import service as previews
from gamification.catalogue.previews import working
from gamification.catalogue.publishing import DEFAULT, publish
from gamification.catalogue.reading import read_catalogue, read_toml
from gamification.catalogue.releases.running import run
from gamification.recognition import replay
from ground import clock
from ground.engine import fetch, fetchval
from ground.roles import Role
from server.worker.app import run_worker
from server.worker.tasks import TASKS
from tests.community.telling import review, tell

pytestmark = pytest.mark.usefixtures("catalogue")

CATALOGUE = "/v1/manage/catalogue"
NAMES = {"name": {"fr": "Un nom", "en": "A name"}, "description": {"fr": "Un mot", "en": "A word"}}
NEW = {"If-None-Match": "*"}


def badge(slug="critic", at_least=1, **more):
    criteria = {"term": "count", "kind": "review", "at_least": at_least}
    return {"slug": slug, **NAMES, "criteria": criteria, **more}


@pytest.fixture
async def max_(member):
    return await member("Max", Role.MANAGER)


class Desk:
    """A manager at work."""

    def __init__(self, client, who):
        self.client, self.who = client, who

    async def ask(self, method, path, body=None, **headers):
        said = {} if body is None else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, headers=self.who.headers | named, **said)

    async def save(self, definition, what="badges", **headers):
        path = f"/v1/manage/{what}/{definition['slug']}/draft"
        return await self.ask("PUT", path, definition, **headers or NEW)

    async def saved(self, definition, what="badges", **headers):
        answer = await self.save(definition, what, **headers)
        assert answer.status_code == 200, answer.text
        return {
            "what": what.removesuffix("s"),
            "slug": definition["slug"],
            "etag": answer.headers["ETag"],
        }

    async def published(self, *drafts, **how):
        answer = await self.ask("POST", f"{CATALOGUE}/publications", {"drafts": [*drafts], **how})
        assert answer.status_code == 202, answer.text
        await run(int(answer.json()["id"]))
        return answer.json()["id"]

    async def previewed(self, **how):
        answer = await self.ask("POST", f"{CATALOGUE}/previews", how)
        assert answer.status_code == 202, answer.text
        await working.work_out(int(answer.json()["id"]))
        return (await self.ask("GET", f"{CATALOGUE}/previews/{answer.json()['id']}")).json()

    async def named(self, preview, outcome, slug="critic", what="badge", **headers):
        path = f"{CATALOGUE}/previews/{preview['id']}/members"
        query = f"?what={what}&slug={slug}&outcome={outcome}"
        return (await self.ask("GET", path + query, **headers)).json()["items"]


@pytest.fixture
def desk(client, max_):
    return Desk(client, max_)


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return True


# Drafts


async def test_a_draft_is_saved_read_listed_and_dropped(desk, max_):
    etag = (await desk.saved(badge()))["etag"]
    read = await desk.ask("GET", "/v1/manage/badges/critic")

    assert read.headers["ETag"] == etag
    assert read.json()["draft"]["criteria"]["at_least"] == 1
    assert (read.json()["version"], read.json()["published"]) == (0, None)
    assert read.json()["edited_by"] == f"member:{max_.id}"
    listed = (await desk.ask("GET", "/v1/manage/badges")).json()["items"]
    assert [each["slug"] for each in listed if each["has_draft"]] == ["critic"]

    path = "/v1/manage/badges/critic/draft"
    assert (await desk.ask("DELETE", path, If_Match=etag)).status_code == 204
    assert refused(await desk.ask("DELETE", path, If_Match=etag), 404, "nothing_of_this_name")
    assert "critic" not in {badge.slug for badge in (await service.current()).badges}


async def test_nobody_overwrites_what_they_have_not_seen(client, member, desk):
    mia = Desk(client, await member("Mia", Role.MANAGER))
    first = (await desk.saved(badge()))["etag"]
    await mia.saved(badge(at_least=2), If_Match=first)

    assert refused(await desk.save(badge(at_least=3), If_Match=first), 412, "precondition_failed")
    assert refused(await desk.save(badge(), **NEW), 412, "precondition_failed")
    bare = await desk.ask("PUT", "/v1/manage/badges/critic/draft", badge())
    assert refused(bare, 428, "precondition_missing")
    stale = await desk.ask("DELETE", "/v1/manage/badges/critic/draft", If_Match=first)
    assert refused(stale, 412, "precondition_failed")
    kept = (await desk.ask("GET", "/v1/manage/badges/critic")).json()
    assert kept["draft"]["criteria"]["at_least"] == 2


async def test_of_two_who_save_at_once_one_is_told(client, member, desk):
    mia = Desk(client, await member("Mia", Role.MANAGER))
    seen = (await desk.saved(badge()))["etag"]

    answers = await asyncio.gather(
        desk.save(badge(at_least=2), If_Match=seen), mia.save(badge(at_least=3), If_Match=seen)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


@pytest.mark.parametrize(
    ("definition", "pointer"),
    [
        (badge(criteria={"term": "count", "kind": "anwser", "at_least": 1}), "/criteria/kind"),
        (
            badge(
                criteria={
                    "term": "all",
                    "of": [{"term": "points", "at_least": 3}, {"term": "holds", "badge": "no"}],
                }
            ),
            "/criteria/of/1/badge",
        ),
        (badge(level=2), "/level"),
        (badge(image="none.svg"), "/image"),
        (badge(earned="per_subject"), "/earned"),
        (badge(price=3), "/price"),
        (badge(criteria={"term": "count", "kind": "review", "at_least": 0}), "/criteria/at_least"),
        (badge(criteria={"term": "cuont"}), "/criteria"),
        (badge(slug="Not One"), "/slug"),
    ],
)
async def test_what_is_wrong_is_refused_with_its_place(desk, definition, pointer):
    answer = await desk.save(definition)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer), answer.text
    assert await fetchval("SELECT count(*) FROM catalogue_draft") == 0


async def test_the_slug_in_the_address_counts(desk):
    answer = await desk.ask("PUT", "/v1/manage/badges/other/draft", badge(), **NEW)
    assert answer.json()["errors"][0]["pointer"] == "/slug"


async def test_drafts_may_ask_for_drafts(desk):
    kind = {"slug": "unboxing", "name": NAMES["name"], "points": 3}
    criteria = {"term": "count", "kind": "unboxing", "at_least": 1}
    assert (await desk.save(badge(criteria=criteria))).status_code == 422
    drafts = [await desk.saved(kind, "kinds"), await desk.saved(badge(criteria=criteria))]
    await desk.published(*drafts)

    assert "unboxing" in (await service.current()).kinds


async def test_each_sort_of_thing_has_drafts(desk):
    things = {
        "kinds": {"slug": "unboxing", "name": NAMES["name"]},
        "badges": badge(),
        "tiers": {
            "slug": "oak",
            **NAMES,
            "rank": 77,
            "criteria": {"term": "points", "at_least": 3},
        },
        "boards": {"slug": "reviews", **NAMES, "kinds": ["review"]},
        "seasons": {
            "slug": "winter",
            **NAMES,
            "starts_on": "2030-12-01",
            "ends_on": "2031-02-28",
        },
    }
    drafts = [await desk.saved(thing, what) for what, thing in things.items()]
    await desk.published(*drafts)

    for what, thing in things.items():
        read = (await desk.ask("GET", f"/v1/manage/{what}/{thing['slug']}")).json()
        assert (read["version"], read["draft"], read["slug"]) == (1, None, thing["slug"])
        assert read["published"]["name"] == thing["name"]


async def test_a_list_comes_in_pages_with_as_many_statements_for_any_number(desk, statements):
    await desk.ask("GET", "/v1/manage/kinds")
    with statements() as short:
        first = (await desk.ask("GET", "/v1/manage/kinds?limit=1")).json()
    with statements() as long:
        every = (await desk.ask("GET", "/v1/manage/kinds?limit=100")).json()
    second = await desk.ask("GET", f"/v1/manage/kinds?limit=1&cursor={first['next_cursor']}")

    assert len(short) == len(long)
    assert len(every["items"]) > 1
    assert [*first["items"], *second.json()["items"]] == every["items"][:2]
    assert refused(await desk.ask("GET", "/v1/manage/kinds?cursor=x"), 422, "cursor_invalid")


async def test_what_is_retired_is_drafted_too(desk):
    await desk.published(await desk.saved(badge()))
    etag = (await desk.ask("GET", "/v1/manage/badges/critic")).headers["ETag"]
    drafted = await desk.ask("PUT", "/v1/manage/badges/critic/retirement", If_Match=etag)
    assert drafted.json()["retires"] is True
    draft = {"what": "badge", "slug": "critic", "etag": drafted.headers["ETag"]}
    await desk.published(draft)

    read = (await desk.ask("GET", "/v1/manage/badges/critic")).json()
    assert (read["retired"], read["retires"], read["version"]) == (True, False, 2)
    versions = (await desk.ask("GET", "/v1/manage/badges/critic/versions")).json()["items"]
    assert [(each["version"], each["retired"]) for each in versions] == [(2, True), (1, False)]
    again = await desk.ask("PUT", "/v1/manage/badges/critic/retirement", If_Match=read["etag"])
    assert refused(again, 404, "not_in_catalogue")
    unknown = await desk.ask("PUT", "/v1/manage/badges/nobody/retirement", If_Match="*")
    assert refused(unknown, 412, "precondition_failed")


async def test_what_is_not_there_is_told(desk):
    for path in ("/v1/manage/badges/none", "/v1/manage/badges/none/versions"):
        assert refused(await desk.ask("GET", path), 404, "nothing_of_this_name")
    for path, code in (
        ("publications", "publication_not_found"),
        ("previews", "preview_not_found"),
    ):
        assert refused(await desk.ask("GET", f"{CATALOGUE}/{path}/4711"), 404, code)
    gone = await desk.ask("PUT", f"{CATALOGUE}/publications/4711/rolled-back")
    assert refused(gone, 404, "publication_not_found")


# Publications


async def test_a_draft_is_published_and_rolled_back(client, desk, alice, crm):
    await tell(client, crm, review(alice.id))
    published = await desk.published(await desk.saved(badge()), to_the_past=True)

    shown = (await desk.ask("GET", f"{CATALOGUE}/publications/{published}")).json()
    assert (shown["state"], shown["phase"], shown["problem"]) == ("done", None, None)
    assert shown["changes"] == [{"what": "badge", "slug": "critic", "retires": False}]
    assert await fetchval("SELECT count(*) FROM award WHERE badge = 'critic'") == 1
    assert await fetchval("SELECT count(*) FROM catalogue_draft") == 0

    path = f"{CATALOGUE}/publications/{published}/rolled-back"
    assert (await desk.ask("PUT", path)).json()["state"] == "going_back"
    await run(int(published))
    assert (await desk.ask("PUT", path)).json()["state"] == "rolled_back"
    listed = (await desk.ask("GET", f"{CATALOGUE}/publications?limit=1")).json()["items"]
    assert [(each["id"], each["state"]) for each in listed] == [(published, "rolled_back")]
    assert await replay.check() == []


async def test_only_what_was_seen_is_published(desk):
    draft = await desk.saved(badge())
    await desk.saved(badge(at_least=5), If_Match=draft["etag"])
    path = f"{CATALOGUE}/publications"

    stale = await desk.ask("POST", path, {"drafts": [draft]})
    assert refused(stale, 409, "draft_changed")
    assert stale.json()["errors"][0]["pointer"] == "/drafts/0"
    none = {"what": "badge", "slug": "nobody", "etag": '"0-0"'}
    assert refused(await desk.ask("POST", path, {"drafts": [none]}), 409, "draft_changed")
    assert (await desk.ask("POST", path, {"drafts": []})).status_code == 422
    assert (await desk.ask("POST", path, {"drafts": [draft | {"at": 1}]})).status_code == 422


async def test_a_draft_over_an_older_version_has_to_be_saved_again(desk):
    await desk.published(await desk.saved(badge()))
    etag = (await desk.ask("GET", "/v1/manage/badges/critic")).headers["ETag"]
    await desk.saved(badge(at_least=2), If_Match=etag)
    await publish(read_toml(DEFAULT.read_bytes()))
    await publish(_file(badge(at_least=3)))
    read = (await desk.ask("GET", "/v1/manage/badges/critic")).json()
    draft = {"what": "badge", "slug": "critic", "etag": read["etag"]}

    assert read["outdated"] is True
    answer = await desk.ask("POST", f"{CATALOGUE}/publications", {"drafts": [draft]})
    assert refused(answer, 409, "draft_outdated")
    again = await desk.saved(badge(at_least=2), If_Match=read["etag"])
    await desk.published(again)


def _file(*badges):
    return read_catalogue({"badge": list(badges)})


async def test_a_circle_is_refused_with_its_path(desk):
    await desk.published(await desk.saved(badge("a")), await desk.saved(badge("b")))
    drafts = []
    for slug, other in (("a", "b"), ("b", "a")):
        etag = (await desk.ask("GET", f"/v1/manage/badges/{slug}")).headers["ETag"]
        wish = badge(slug, criteria={"term": "holds", "badge": other})
        drafts.append(await desk.saved(wish, If_Match=etag))

    for path in ("publications", "previews"):
        answer = await desk.ask("POST", f"{CATALOGUE}/{path}", {"drafts": drafts})
        assert refused(answer, 422, "criteria_cycle")
        assert answer.json()["detail"] in {
            "badge a > badge b > badge a",
            "badge b > badge a > badge b",
        }


async def test_one_that_waits_can_be_taken_back_and_does_not_keep_others_off(desk):
    draft = await desk.saved(badge())
    at = (clock.now() + timedelta(days=2)).isoformat()
    body = {"drafts": [draft], "at": at}
    answer = await desk.ask("POST", f"{CATALOGUE}/publications", body)
    assert answer.json()["state"] == "waiting"
    await desk.published(await desk.saved(badge("other")))

    path = f"{CATALOGUE}/publications/{answer.json()['id']}/rolled-back"
    assert (await desk.ask("PUT", path)).json()["state"] == "rolled_back"
    assert (await desk.ask("GET", "/v1/manage/badges/critic")).json()["draft"] is not None


async def test_a_second_one_has_to_wait(desk):
    drafts = [await desk.saved(badge()), await desk.saved(badge("other"))]
    path = f"{CATALOGUE}/publications"
    first = await desk.ask("POST", path, {"drafts": drafts[:1]})
    assert first.status_code == 202

    second = await desk.ask("POST", path, {"drafts": drafts[1:]})
    assert refused(second, 409, "publication_at_work")
    nothing = await desk.ask("POST", path, {"drafts": drafts[:1]})
    assert nothing.status_code == 409
    await run(int(first.json()["id"]))
    assert (await desk.ask("POST", path, {"drafts": drafts[1:]})).status_code == 202


# Previews


async def test_a_preview_says_who_would_earn_and_lose_what_and_why(client, desk, alice, bob, crm):
    await tell(
        client,
        crm,
        review(alice.id),
        review(alice.id, key="r2", occurred_at="2026-11-21"),
        review(bob.id, key="r3"),
    )
    await desk.published(await desk.saved(badge("lost")), to_the_past=True)
    etag = (await desk.ask("GET", "/v1/manage/badges/lost")).headers["ETag"]
    await desk.saved(badge("lost", at_least=2), If_Match=etag)
    await desk.saved(badge("won", at_least=2))
    before = await _everything()
    preview = await desk.previewed(to_the_past=True)

    assert preview["state"] == "done"
    assert preview["progress"] == {"members_done": 3, "members_total": 3}
    assert preview["numbers"] == [
        {"what": "badge", "slug": "lost", "earns": 0, "loses": 1, "moves": 1, "stays": 0},
        {"what": "badge", "slug": "won", "earns": 1, "loses": 0, "moves": 0, "stays": 0},
    ]
    [loser] = await desk.named(preview, "loses", "lost", Accept_Language="en")
    assert loser["member"] == str(bob.id)
    assert loser["display_name"] == "Bob"
    assert loser["would_hold_since"] is None
    assert (loser["missing"][0]["have"], loser["missing"][0]["need"]) == (1, 2)
    [winner] = await desk.named(preview, "earns", "won")
    assert winner["member"] == str(alice.id)
    assert len(winner["activities"]) == 2
    assert winner["missing"] == []
    assert await _everything() == before


async def _everything():
    rows = await fetch("SELECT to_jsonb(a) AS row FROM award a ORDER BY id")
    return [row["row"] for row in rows], await fetchval("SELECT max(id) FROM publication")


async def test_what_a_preview_says_is_what_comes(client, desk, alice, bob, crm):
    await tell(client, crm, review(alice.id), review(bob.id, key="r3"))
    draft = await desk.saved(badge())
    preview = await desk.previewed(to_the_past=True, drafts=[draft])
    await desk.published(draft, to_the_past=True)

    assert preview["numbers"][0]["earns"] == 2
    assert await fetchval("SELECT count(*) FROM award WHERE badge = 'critic'") == 2


async def test_from_now_on_nobody_earns_at_once(client, desk, alice, crm):
    await tell(client, crm, review(alice.id))
    preview = await desk.previewed(drafts=[await desk.saved(badge())])
    assert preview["numbers"] == []


async def test_a_preview_is_overtaken_by_a_publication(desk):
    await desk.saved(badge())
    asked = await desk.ask("POST", f"{CATALOGUE}/previews", {})
    await publish(_file(badge("other")))
    await working.work_out(int(asked.json()["id"]))

    shown = await desk.ask("GET", f"{CATALOGUE}/previews/{asked.json()['id']}")
    assert shown.json()["state"] == "outdated"


async def test_a_preview_is_cancelled_and_expires(desk):
    await desk.saved(badge())
    path = f"{CATALOGUE}/previews"
    first, second = [(await desk.ask("POST", path, {})).json()["id"] for _ in range(2)]
    assert (await desk.ask("DELETE", f"{path}/{first}")).status_code == 204
    await working.work_out(int(first))
    assert refused(await desk.ask("GET", f"{path}/{first}"), 404, "preview_not_found")
    assert refused(await desk.ask("DELETE", f"{path}/{first}"), 404, "preview_not_found")

    await working.work_out(int(second))
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert refused(await desk.ask("GET", f"{path}/{second}"), 404, "preview_not_found")
        await previews.forget_expired()
    assert await fetchval("SELECT count(*) FROM catalogue_preview") == 0


async def test_previews_are_bounded(desk, monkeypatch):
    assert refused(await desk.ask("POST", f"{CATALOGUE}/previews", {}), 409, "nothing_drafted")
    await desk.saved(badge())
    asked = [await desk.ask("POST", f"{CATALOGUE}/previews", {}) for _ in range(4)]
    assert [answer.status_code for answer in asked] == [202, 202, 202, 409]

    with clock.frozen(clock.now() + timedelta(minutes=31)):
        await working.work_out(int(asked[0].json()["id"]))
        shown = await desk.ask("GET", f"{CATALOGUE}/previews/{asked[0].json()['id']}")
    assert shown.json()["state"] == "too_long"


# Files


async def test_what_is_exported_makes_the_same_catalogue_elsewhere(desk, servers, owner):
    await publish(read_toml(DEFAULT.read_bytes()), to_the_past=True)
    exported = await desk.ask("GET", "/v1/manage/catalogue.toml")
    assert exported.headers["content-type"].startswith("application/toml")
    here = await service.current()
    await owner.empty(servers)
    await publish(read_toml(exported.content), to_the_past=True)
    there = await service.current()

    assert [k.definition for k in there.kinds.values()] == [
        k.definition for k in here.kinds.values()
    ]
    assert (there.badges, there.tiers) == (here.badges, here.tiers)
    assert sorted(b.slug for b in there.boards) == sorted(b.slug for b in here.boards)
    assert there.segments == here.segments


async def test_what_is_retired_and_still_asked_for_is_exported(desk):
    kind = {"slug": "unboxing", "name": NAMES["name"]}
    criteria = {"term": "count", "kind": "unboxing", "at_least": 1}
    await desk.published(
        await desk.saved(kind, "kinds"), await desk.saved(badge(criteria=criteria))
    )
    etag = (await desk.ask("GET", "/v1/manage/kinds/unboxing")).headers["ETag"]
    end = await desk.ask("PUT", "/v1/manage/kinds/unboxing/retirement", If_Match=etag)
    await desk.published({"what": "kind", "slug": "unboxing", "etag": end.headers["ETag"]})
    exported = await desk.ask("GET", "/v1/manage/catalogue.toml")

    assert "# Retired here, and still asked for by criteria: kind unboxing." in exported.text
    assert "unboxing" in {kind["slug"] for kind in tomllib.loads(exported.text)["kind"]}
    read_toml(exported.content)


async def upload(desk, text, content_type="application/toml"):
    headers = desk.who.headers | {"Content-Type": content_type}
    return await desk.client.post(f"{CATALOGUE}/drafts", content=text, headers=headers)


async def test_a_file_becomes_drafts_of_what_it_changes(desk):
    exported = (await desk.ask("GET", "/v1/manage/catalogue.toml")).text
    assert (await upload(desk, exported)).json() == {"drafts": []}
    more = exported + (
        '\n[[badge]]\nslug = "critic"\nname = { fr = "C", en = "C" }\n'
        'description = { fr = "C", en = "C" }\n'
        'criteria = { term = "count", kind = "review", at_least = 1 }\n'
    )
    made = await upload(desk, more)

    assert made.status_code == 201
    [draft] = made.json()["drafts"]
    assert (draft["what"], draft["slug"]) == ("badge", "critic")
    assert (await upload(desk, more)).json() == {"drafts": []}
    other = await upload(desk, more.replace("at_least = 1 }\n", "at_least = 9 }\n"))
    assert refused(other, 409, "drafts_in_the_way")
    await desk.published(draft)


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("x", 422, "catalogue_invalid"),
        (b"\xff\xfe", 422, "catalogue_invalid"),
        (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", 422, "catalogue_invalid"),
        ("title = 'é'".encode("latin-1"), 422, "catalogue_invalid"),
        ("[[badge]]\nslug = 'x'\nslug = 'y'", 422, "catalogue_invalid"),
        ("slug,name\n=1+1,a", 422, "catalogue_invalid"),
        ("[[badge]]\nslug = 'x'", 422, "catalogue_invalid"),
        ("[[planet]]\nslug = 'x'", 422, "catalogue_invalid"),
        ("#" * (1024 * 1024 + 1), 413, "body_too_large"),
    ],
)
async def test_a_file_with_mistakes_changes_nothing(desk, text, status, code):
    assert refused(await upload(desk, text), status, code)
    assert await fetchval("SELECT count(*) FROM catalogue_draft") == 0


async def test_a_file_is_announced_as_what_it_is(desk):
    assert refused(await upload(desk, "", "application/json"), 415, "media_type_unsupported")


async def test_the_worker_works_out_previews_and_publishes(client, desk, alice, crm, settings):
    await tell(client, crm, review(alice.id))
    draft = await desk.saved(badge())
    path = f"{CATALOGUE}/previews"
    preview = (await desk.ask("POST", path, {"to_the_past": True})).json()
    stop = asyncio.Event()
    work = asyncio.create_task(run_worker(stop, settings=settings, tasks=TASKS, schedule=[]))
    try:
        shown = await _settled(desk, f"{path}/{preview['id']}")
        assert (shown["state"], shown["numbers"][0]["earns"]) == ("done", 1)
        body = {"drafts": [draft], "to_the_past": True}
        asked = (await desk.ask("POST", f"{CATALOGUE}/publications", body)).json()
        shown = await _settled(desk, f"{CATALOGUE}/publications/{asked['id']}")
        assert (shown["state"], shown["decided"]) == ("done", 1)
    finally:
        stop.set()
        await work


async def _settled(desk, path):
    async with asyncio.timeout(20):
        while (shown := (await desk.ask("GET", path)).json())["state"] == "running":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return shown
