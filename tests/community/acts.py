"""How each act of staff over HTTP comes about: what is there before, and what is sent.

A route that changes something and is for staff has a line in `ACTS`, or one in `NO_ACTS` that
says why it is none.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx

from community.keys import service as keys
from community.keys.scopes import Scope
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_catalogue
from ground import clock
from notifications.campaigns import limits as campaign_limits
from notifications.push import gate
from notifications.push.faults import Fault
from tests.community.campaigns import CAMPAIGN
from tests.community.conftest import OPERATOR
from tests.community.people import Someone
from tests.community.telling import review, tell
from tests.gamification.drafts import NAMES, badge, board, count, tier

REASON = {"fr": "Merci.", "en": "Thank you."}
CRM_KEY = {"name": "Shop", "source": "shop", "scopes": ["activities:write"]}
SITE_KEYS = "/v1/manage/publishable-keys"
SITE_KEY = {"name": "The shop", "boards": ["quite-new"]}
BEFORE_THE_SEASON = datetime(2026, 9, 1, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


class Sent(NamedTuple):
    """What makes an act: a request, and the moment at which it is sent."""

    path: str
    body: Any = None
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    text: str | None = None
    at: datetime | None = None


class Stage(NamedTuple):
    """Who takes part. Everything happens on an application whose catalogue is published."""

    client: httpx.AsyncClient
    alice: Someone
    bob: Someone
    # An admin, who acts, and a manager beside her.
    ada: Someone
    max_: Someone
    crm: dict[str, str]

    async def ask(self, method: str, path: str, by: Someone | None = None, **more: Any) -> Any:
        headers = (by or self.ada).headers | more.pop("headers", {})
        answer = await self.client.request(method, path, headers=headers, **more)
        assert answer.is_success, answer.text
        return answer

    async def entry(self) -> str:
        """Something that Alice did."""
        [told] = await tell(self.client, self.crm, review(self.alice.id))
        return str(told["id"])

    async def key(self) -> UUID:
        made = await keys.create("Shop", "shop", [Scope.ACTIVITIES_WRITE], by=OPERATOR)
        return made.key.id

    async def etag(self, path: str) -> dict[str, str]:
        return {"If-Match": (await self.ask("GET", path)).headers["etag"]}

    async def proposed(self, by: Someone | None = None) -> str:
        """What Max, or another, proposes to do to Bob, and needs a second word for."""
        given = giving(self.bob) | {"members": [str(self.alice.id), str(self.bob.id)]}
        answer = await self.ask("POST", "/v1/manage/acts", by=by or self.max_, json=given)
        assert answer.json()["stage"] == "proposed", answer.text
        return str(answer.json()["id"])

    async def draft(self, plural: str) -> dict[str, str]:
        """A saved draft of what isn't there yet: what a change of it has to name."""
        path = f"/v1/manage/{plural}/{NEW}"
        headers = {"If-None-Match": "*"}
        answer = await self.ask("PUT", f"{path}/draft", json=THINGS[plural], headers=headers)
        return {"If-Match": answer.headers["etag"]}

    async def publication(self, at: datetime | None = None) -> Sent:
        """What asks for a publication of a new badge."""
        etag = (await self.draft("badges"))["If-Match"]
        body = {"drafts": [{"what": "badge", "slug": NEW, "etag": etag}]}
        more = {} if at is None else {"at": at.isoformat()}
        return Sent("/v1/manage/catalogue/publications", body | more)


Scene = Callable[[Stage], Awaitable[Sent]]
NEW = "quite-new"
THINGS: dict[str, dict[str, Any]] = {
    "kinds": {"slug": NEW, "name": NAMES["name"]},
    "badges": badge(count("review"), slug=NEW),
    "tiers": tier(count("review"), slug=NEW),
    "boards": board(slug=NEW),
    "seasons": {"slug": NEW, **NAMES, "starts_on": "2027-01-01", "ends_on": "2027-01-31"},
    "segments": {"slug": NEW, **NAMES, "of": {"term": "tenure", "at_least_days": 30}},
}


def giving(someone: Someone) -> dict[str, Any]:
    return {
        "does": "give",
        "badge": "regular",
        "reason": REASON,
        "members": [str(someone.id)],
    }


async def role(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/members/{stage.bob.id}/role", {"role": "moderator"})


async def successor(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/members/{stage.bob.id}/successor", {"member": str(stage.alice.id)})


async def by_hand(stage: Stage) -> Sent:
    return Sent("/v1/manage/acts", giving(stage.alice))


async def approval(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/acts/{await stage.proposed()}/approval")


async def refusal(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/acts/{await stage.proposed()}/refusal")


async def withdrawal(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/acts/{await stage.proposed(stage.ada)}/withdrawal")


async def hold(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/activities/{await stage.entry()}/hold", {"reason": REASON})


async def release(stage: Stage) -> Sent:
    path = f"/v1/manage/activities/{await stage.entry()}"
    await stage.ask("PUT", f"{path}/hold", json={"reason": REASON})
    return Sent(f"{path}/release", {"reason": REASON})


async def reversal(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/activities/{await stage.entry()}/reversal", {"reason": REASON})


async def new_key(_: Stage) -> Sent:
    return Sent("/v1/manage/keys", CRM_KEY)


async def changed_key(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/keys/{await stage.key()}", {"name": "Another shop"})


async def rotated_key(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/keys/{await stage.key()}/rotation", {"overlap_seconds": 60})


async def revoked_key(stage: Stage) -> Sent:
    return Sent(f"/v1/manage/keys/{await stage.key()}")


async def site_key(stage: Stage) -> str:
    await publish(read_catalogue({"board": [THINGS["boards"]]}), to_the_past=True)
    made = await stage.ask("POST", SITE_KEYS, json=SITE_KEY)
    return f"{SITE_KEYS}/{made.json()['id']}"


async def new_site_key(_: Stage) -> Sent:
    await publish(read_catalogue({"board": [THINGS["boards"]]}), to_the_past=True)
    return Sent(SITE_KEYS, SITE_KEY)


async def changed_site_key(stage: Stage) -> Sent:
    return Sent(await site_key(stage), {"origins": ["https://www.example.com"]})


async def revoked_site_key(stage: Stage) -> Sent:
    return Sent(await site_key(stage))


WORD = {"fr": "Une semaine de plus.", "en": "One more week."}
CHALLENGE = {
    "title": WORD,
    "description": WORD,
    "counts": {"term": "count", "kind": "review", "at_least": 8},
}


def lasting(starts_at: datetime) -> dict[str, Any]:
    ends_at = starts_at + timedelta(days=28)
    return CHALLENGE | {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


async def drafted_challenge(stage: Stage) -> str:
    made = await stage.ask("POST", "/v1/manage/challenges", json=lasting(clock.now()))
    return f"/v1/manage/challenges/{made.json()['id']}"


async def running_challenge(stage: Stage) -> str:
    path = await drafted_challenge(stage)
    await stage.ask("PUT", f"{path}/published")
    return path


async def new_challenge(_: Stage) -> Sent:
    return Sent("/v1/manage/challenges", lasting(clock.now()))


async def changed_challenge(stage: Stage) -> Sent:
    path = await drafted_challenge(stage)
    more = {"shows_ranking": True}
    return Sent(path, lasting(clock.now()) | more, await stage.etag(path))


async def discarded_challenge(stage: Stage) -> Sent:
    return Sent(await drafted_challenge(stage))


async def published_challenge(stage: Stage) -> Sent:
    return Sent(f"{await drafted_challenge(stage)}/published")


async def extended_challenge(stage: Stage) -> Sent:
    ends_at = (clock.now() + timedelta(days=40)).isoformat()
    return Sent(f"{await running_challenge(stage)}/end", {"ends_at": ends_at, "word": WORD})


async def paused_challenge(stage: Stage) -> Sent:
    return Sent(f"{await running_challenge(stage)}/paused", {"word": WORD})


async def resumed_challenge(stage: Stage) -> Sent:
    path = await running_challenge(stage)
    await stage.ask("PUT", f"{path}/paused", json={"word": WORD})
    return Sent(f"{path}/resumed", {"word": WORD})


async def cancelled_challenge(stage: Stage) -> Sent:
    return Sent(f"{await running_challenge(stage)}/cancelled", {"word": WORD})


async def squad(stage: Stage) -> str:
    made = await stage.ask("POST", "/v1/squads", by=stage.bob, json={"name": "Les Lucioles"})
    return f"/v1/manage/squads/{made.json()['id']}"


async def renamed_squad(stage: Stage) -> Sent:
    return Sent(f"{await squad(stage)}/name", {"name": "Les Phares", "reason": REASON})


async def dissolved_squad(stage: Stage) -> Sent:
    return Sent(f"{await squad(stage)}/dissolved", {"reason": REASON})


async def ceiling(_: Stage) -> Sent:
    return Sent("/v1/manage/attention", {"asks": 1, "days": 14})


async def journey(stage: Stage) -> Sent:
    path = "/v1/manage/journeys/welcome"
    plan = (await stage.ask("GET", path)).json()["plan"]
    return Sent(path, plan, await stage.etag(path))


async def journey_off(_: Stage) -> Sent:
    return Sent("/v1/manage/journeys/welcome/on")


async def journey_on(stage: Stage) -> Sent:
    await stage.ask("DELETE", "/v1/manage/journeys/welcome/on")
    return Sent("/v1/manage/journeys/welcome/on")


async def pushes_resumed(_: Stage) -> Sent:
    await gate.stop("a-brand", Fault.SENDER_ID_MISMATCH)
    return Sent("/v1/manage/push/resumed")


CAMPAIGNS = "/v1/manage/campaigns"


def campaign(how_far: str = "draft", below: str = "", body: Any = None) -> Scene:
    """Something done to a campaign that has come so far; what is proposed is so by Max."""

    async def scene(stage: Stage) -> Sent:
        made = await stage.ask("POST", CAMPAIGNS, json=CAMPAIGN)
        path = f"{CAMPAIGNS}/{made.json()['id']}"
        if how_far != "draft":
            campaign_limits.keep_to(campaign_limits.Limits(alone=0 if how_far == "proposed" else 9))
            seen = {"If-Match": made.headers["etag"]}
            await stage.ask("PUT", f"{path}/schedule", stage.max_, json={}, headers=seen)
            campaign_limits.keep_to(campaign_limits.Limits())
        return Sent(f"{path}{below}", body, await stage.etag(path))

    return scene


async def new_campaign(_: Stage) -> Sent:
    return Sent(CAMPAIGNS, CAMPAIGN)


async def closed_season(_: Stage) -> Sent:
    season = {"slug": "autumn", **NAMES, "starts_on": "2026-10-01", "ends_on": "2026-10-31"}
    with clock.frozen(BEFORE_THE_SEASON):
        await publish(read_catalogue({"season": [season]}), to_the_past=True)
    return Sent("/v1/manage/seasons/autumn/closed", at=datetime(2026, 11, 1, 12, tzinfo=UTC))


async def catalogue_file(_: Stage) -> Sent:
    text = '[[kind]]\nslug = "call"\nname = { fr = "appel", en = "call" }\n'
    headers = {"Content-Type": "application/toml"}
    return Sent("/v1/manage/catalogue/drafts", headers=headers, text=text)


async def publication(stage: Stage) -> Sent:
    return await stage.publication()


async def rolled_back(stage: Stage) -> Sent:
    sent = await stage.publication(at=LATER)
    asked = (await stage.ask("POST", sent.path, json=sent.body)).json()
    return Sent(f"{sent.path}/{asked['id']}/rolled-back")


def saved(plural: str) -> Scene:
    async def scene(_: Stage) -> Sent:
        headers = {"If-None-Match": "*"}
        return Sent(f"/v1/manage/{plural}/{NEW}/draft", THINGS[plural], headers)

    return scene


def dropped(plural: str) -> Scene:
    async def scene(stage: Stage) -> Sent:
        return Sent(f"/v1/manage/{plural}/{NEW}/draft", headers=await stage.draft(plural))

    return scene


def retired(plural: str, what: str) -> Scene:
    async def scene(stage: Stage) -> Sent:
        await publish(read_catalogue({what: [THINGS[plural]]}), to_the_past=True)
        path = f"/v1/manage/{plural}/{NEW}"
        return Sent(f"{path}/retirement", headers=await stage.etag(path))

    return scene


ACTS: dict[str, Scene] = {
    "PUT /v1/manage/members/{member_id}/role": role,
    "PUT /v1/manage/members/{member_id}/successor": successor,
    "POST /v1/manage/acts": by_hand,
    "PUT /v1/manage/acts/{act_id}/approval": approval,
    "PUT /v1/manage/acts/{act_id}/refusal": refusal,
    "PUT /v1/manage/acts/{act_id}/withdrawal": withdrawal,
    "PUT /v1/manage/activities/{entry_id}/hold": hold,
    "PUT /v1/manage/activities/{entry_id}/release": release,
    "PUT /v1/manage/activities/{entry_id}/reversal": reversal,
    "POST /v1/manage/keys": new_key,
    "PATCH /v1/manage/keys/{key_id}": changed_key,
    "POST /v1/manage/keys/{key_id}/rotation": rotated_key,
    "DELETE /v1/manage/keys/{key_id}": revoked_key,
    "POST /v1/manage/publishable-keys": new_site_key,
    "PATCH /v1/manage/publishable-keys/{key_id}": changed_site_key,
    "DELETE /v1/manage/publishable-keys/{key_id}": revoked_site_key,
    "POST /v1/manage/challenges": new_challenge,
    "PUT /v1/manage/challenges/{challenge_id}": changed_challenge,
    "DELETE /v1/manage/challenges/{challenge_id}": discarded_challenge,
    "PUT /v1/manage/challenges/{challenge_id}/published": published_challenge,
    "PUT /v1/manage/challenges/{challenge_id}/end": extended_challenge,
    "PUT /v1/manage/challenges/{challenge_id}/paused": paused_challenge,
    "PUT /v1/manage/challenges/{challenge_id}/resumed": resumed_challenge,
    "PUT /v1/manage/challenges/{challenge_id}/cancelled": cancelled_challenge,
    "PUT /v1/manage/squads/{squad_id}/name": renamed_squad,
    "PUT /v1/manage/squads/{squad_id}/dissolved": dissolved_squad,
    "PUT /v1/manage/attention": ceiling,
    "POST /v1/manage/campaigns": new_campaign,
    "PUT /v1/manage/campaigns/{campaign_id}": campaign(body=CAMPAIGN | {"link": "/boards"}),
    "DELETE /v1/manage/campaigns/{campaign_id}": campaign(),
    "POST /v1/manage/campaigns/{campaign_id}/test": campaign(below="/test"),
    "PUT /v1/manage/campaigns/{campaign_id}/schedule": campaign(
        below="/schedule", body={"at": None}
    ),
    "DELETE /v1/manage/campaigns/{campaign_id}/schedule": campaign("scheduled", "/schedule"),
    "PUT /v1/manage/campaigns/{campaign_id}/approval": campaign("proposed", "/approval"),
    "PUT /v1/manage/campaigns/{campaign_id}/refusal": campaign("proposed", "/refusal"),
    "PUT /v1/manage/campaigns/{campaign_id}/stopped": campaign("scheduled", "/stopped"),
    "PUT /v1/manage/journeys/{slug}": journey,
    "PUT /v1/manage/journeys/{slug}/on": journey_on,
    "DELETE /v1/manage/journeys/{slug}/on": journey_off,
    "PUT /v1/manage/push/resumed": pushes_resumed,
    "PUT /v1/manage/seasons/{slug}/closed": closed_season,
    "POST /v1/manage/catalogue/drafts": catalogue_file,
    "POST /v1/manage/catalogue/publications": publication,
    "PUT /v1/manage/catalogue/publications/{publication_id}/rolled-back": rolled_back,
}
for _plural, _what in (
    ("kinds", "kind"),
    ("badges", "badge"),
    ("tiers", "tier"),
    ("boards", "board"),
    ("seasons", "season"),
    ("segments", "segment"),
):
    ACTS[f"PUT /v1/manage/{_plural}/{{slug}}/draft"] = saved(_plural)
    ACTS[f"DELETE /v1/manage/{_plural}/{{slug}}/draft"] = dropped(_plural)
    ACTS[f"PUT /v1/manage/{_plural}/{{slug}}/retirement"] = retired(_plural, _what)

NO_ACTS = {
    "POST /v1/manage/challenges/previews": "it only looks at the past, and saves nothing",
    "POST /v1/manage/catalogue/previews": "it only works out what a publication would do",
    "DELETE /v1/manage/catalogue/previews/{preview_id}": "a preview was nothing but a look",
    "POST /v1/manage/segments/previews": "it only counts, and saves nothing",
}
