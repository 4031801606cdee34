"""How many statements each page that is read costs: the same for one row and for fifty.

A new route gets a line in `STATEMENTS`. If its path has a parameter that isn't known yet, it gets
one in `there`, for a call that is answered with 200.
"""

import re
from datetime import date, timedelta
from uuid import uuid4

import msgspec
import pytest

from community.campaigns.sending import send
from community.keys import service as keys
from community.keys.scopes import Scope
from community.members import staff
from community.members.importing import ImportedPerson, import_members
from community.publishable import service as publishable
from community.publishable.service import Opened
from gamification.catalogue.definitions import Words
from gamification.catalogue.previews import service as previews
from gamification.catalogue.previews.working import work_out
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_toml
from gamification.catalogue.releases.wanted import wanted_by
from gamification.challenges import managing, taking_part
from gamification.challenges.definition import ChallengeDefinition
from gamification.credit import credit_many
from gamification.ledger.activity import Activity
from gamification.rules.criteria import Count
from gamification.squads import invitations
from gamification.squads import service as squads
from ground import clock
from ground.callers import Caller, CallerKind
from ground.engine import execute, fetch, fetchval
from ground.roles import Role
from ground.unit_of_work import unit_of_work
from notifications.campaigns import managing as written
from notifications.campaigns.definition import Campaign
from notifications.notify import notify_many, telling
from notifications.outbox import service as outbox
from tests.community.campaigns import CAMPAIGN
from tests.community.people import joined
from tests.gamification.programme import JOINED
from tests.gamification.steering import MAX, published
from tests.server.test_access import ROUTES, named

FEW, MANY = 1, 50
# What is sent to PostgreSQL by a caller who is known, in a catalogue that is known.
STATEMENTS = {
    "GET /unsubscribe/{token}": 1,
    "GET /v1/badges": 1,
    "GET /v1/badges/{slug}": 1,
    "GET /v1/boards": 1,
    "GET /v1/boards/{slug}": 2,
    "GET /v1/challenges": 7,
    "GET /v1/challenges/{challenge_id}": 9,
    "GET /v1/challenges/{challenge_id}/contributions": 6,
    "GET /v1/challenges/{challenge_id}/squads": 6,
    "GET /v1/charter": 1,
    "GET /v1/charter/versions/{version}": 1,
    "GET /v1/kinds": 1,
    "GET /v1/manage/acts": 2,
    "GET /v1/manage/acts/{act_id}": 2,
    "GET /v1/manage/attention": 1,
    "GET /v1/manage/audit": 1,
    "GET /v1/manage/audit/export": 2,
    "GET /v1/manage/badges": 3,
    "GET /v1/manage/badges/{slug}": 3,
    "GET /v1/manage/badges/{slug}/versions": 2,
    "GET /v1/manage/boards": 3,
    "GET /v1/manage/boards/{slug}": 3,
    "GET /v1/manage/boards/{slug}/versions": 2,
    "GET /v1/manage/campaigns": 1,
    "GET /v1/manage/campaigns/{campaign_id}": 1,
    "GET /v1/manage/campaigns/{campaign_id}/audience": 3,
    "GET /v1/manage/campaigns/{campaign_id}/phones": 1,
    "GET /v1/manage/campaigns/{campaign_id}/preview": 1,
    "GET /v1/manage/campaigns/{campaign_id}/results": 3,
    "GET /v1/manage/catalogue.toml": 2,
    "GET /v1/manage/catalogue/previews/{preview_id}": 1,
    "GET /v1/manage/catalogue/previews/{preview_id}/members": 3,
    "GET /v1/manage/catalogue/publications": 1,
    "GET /v1/manage/catalogue/publications/{publication_id}": 1,
    "GET /v1/manage/challenges": 4,
    "GET /v1/manage/challenges/{challenge_id}": 4,
    "GET /v1/manage/holds": 3,
    "GET /v1/manage/journeys": 1,
    "GET /v1/manage/journeys/{slug}": 1,
    "GET /v1/manage/journeys/{slug}/results": 3,
    "GET /v1/manage/keys": 1,
    "GET /v1/manage/keys/{key_id}": 1,
    "GET /v1/manage/kinds": 3,
    "GET /v1/manage/kinds/{slug}": 3,
    "GET /v1/manage/kinds/{slug}/versions": 2,
    "GET /v1/manage/members": 1,
    "GET /v1/manage/members/{member_id}": 1,
    "GET /v1/manage/members/{member_id}/activities": 3,
    "GET /v1/manage/publishable-keys": 1,
    "GET /v1/manage/publishable-keys/{key_id}": 1,
    "GET /v1/manage/push": 2,
    "GET /v1/manage/seasons": 3,
    "GET /v1/manage/seasons/{slug}": 3,
    "GET /v1/manage/seasons/{slug}/versions": 2,
    "GET /v1/manage/segments": 3,
    "GET /v1/manage/segments/{slug}": 3,
    "GET /v1/manage/segments/{slug}/members": 3,
    "GET /v1/manage/segments/{slug}/versions": 2,
    "GET /v1/manage/squads": 1,
    "GET /v1/manage/squads/{squad_id}": 1,
    "GET /v1/manage/tiers": 3,
    "GET /v1/manage/tiers/{slug}": 3,
    "GET /v1/manage/tiers/{slug}/versions": 2,
    "GET /v1/me": 1,
    "GET /v1/me/activities": 2,
    "GET /v1/me/badges": 2,
    "GET /v1/me/badges/{slug}": 5,
    "GET /v1/me/charter/acceptances": 1,
    "GET /v1/me/devices": 1,
    "GET /v1/me/digests/{digest_id}": 4,
    "GET /v1/me/journeys": 1,
    "GET /v1/me/mail": 1,
    "GET /v1/me/notifications": 3,
    "GET /v1/me/notifications/held-back": 2,
    "GET /v1/me/notifications/unread": 1,
    "GET /v1/me/notifications/{notification_id}/why": 1,
    "GET /v1/me/preferences": 1,
    "GET /v1/me/receipt": 6,
    "GET /v1/me/squad-invitations": 2,
    "GET /v1/me/squads": 2,
    "GET /v1/me/standing": 3,
    "GET /v1/members/{member_id}": 1,
    # Asked a moment ago, and so none.
    "GET /v1/public/boards/{slug}": 0,
    "GET /v1/public/challenges/{challenge_id}": 0,
    "GET /v1/seasons": 2,
    "GET /v1/seasons/{slug}": 2,
    "GET /v1/squads": 1,
    "GET /v1/squads/{squad_id}": 2,
    "GET /v1/squads/{squad_id}/codes": 1,
    "GET /v1/tiers": 1,
    "GET /v1/tiers/{slug}": 1,
}
# What has to be asked for.
QUERIES = {
    "GET /v1/manage/catalogue/previews/{preview_id}/members": {
        "what": "badge",
        "slug": "badge-0",
        "outcome": "loses",
    },
}
# They ask for nothing, or need a file or a machine of their own.
APART = {
    "GET /asyncapi.json",
    "GET /docs",
    "GET /docs/docs.css",
    "GET /docs/errors",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /openapi.json",
    "GET /static/badges/{name}",
    "GET /widget",
    "GET /widget/frame",
    "GET /widget/{name}",
}
READS = [route for route in ROUTES if route[0] == "GET" and named(route) not in APART]
REASON = {"fr": "Merci.", "en": "Thank you."}
OPERATOR = Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name="tests")
WORDS = """
name = { fr = "Un nom", en = "A name" }
description = { fr = "Un mot", en = "A word" }
"""


def of_many(number, *, points=5, at_least=1):
    """A catalogue with so many of everything."""
    tables = [
        f"""
        [[kind]]
        slug = "kind-{n}"
        name = {{ fr = "un fait", en = "a fact" }}
        points = {points}
        [[badge]]
        slug = "badge-{n}"{WORDS}
        criteria = {{ term = "count", kind = "kind-{n}", at_least = {at_least} }}
        [[tier]]
        slug = "tier-{n}"{WORDS}
        rank = {n + 1}
        criteria = {{ term = "points", at_least = {n + 1} }}
        [[season]]
        slug = "season-{n}"{WORDS}
        starts_on = {date(2027, 1, 1) + timedelta(days=n)}
        ends_on = {date(2027, 1, 2) + timedelta(days=n)}
        [[segment]]
        slug = "segment-{n}"{WORDS}
        of = {{ term = "language", one_of = ["fr"] }}
        [[board]]
        slug = "board-{n}"{WORDS}
        period = "all_time"
        """
        for n in range(number)
    ]
    return read_toml("\n".join(tables).encode())


async def fill(number, client, headers):
    """A community with so many of everything; who reads it is an admin who did it all."""
    await publish(of_many(number), to_the_past=True)
    admin = await joined("admin", "Camille Durand")
    await staff.give(admin, Role.ADMIN, by=OPERATOR)
    found = await import_members(
        "shop", [ImportedPerson(external_id=str(n), known_since=JOINED) for n in range(number)]
    )
    await execute("UPDATE player SET state = 'active', visibility = 'name', staff = false")
    await credit_many(
        [
            Activity(
                member_id=member,
                kind=f"kind-{n}",
                source="test",
                key=f"{member}-{n}",
                occurred_at=clock.now(),
            )
            for member, facts in [(admin, number), *((each, 1) for each in found.values())]
            for n in range(facts)
        ]
    )
    await execute(
        "INSERT INTO charter_acceptance (member, version, accepted_at, channel, locale)"
        " SELECT $1, 1, now(), 'app', 'fr' FROM generate_series(2, $2)",
        admin,
        number,
    )
    for n in range(number):
        made = await keys.create(f"Key {n}", f"source-{n}", [Scope.CLAIMS_WRITE], by=OPERATOR)
    challenge_id = await in_challenges(number, [admin, *found.values()])
    on_site = await sites(number, challenge_id)
    asked = [await published(of_many(number, points=6 + n)) for n in range(1 + (number > 1))]
    nobody_holds_it = wanted_by(of_many(number, at_least=99))
    preview = await previews.ask(nobody_holds_it, to_the_past=True, by=MAX)
    await work_out(preview.id)
    return {
        "member_id": admin,
        "version": 1,
        "key_id": made.key.id,
        "publishable_key_id": on_site.id,
        "/v1/public/boards/{slug}": {"key": on_site.key, "limit": 50},
        "/v1/public/challenges/{challenge_id}": {"key": on_site.key},
        "publication_id": asked[0].id,
        "preview_id": preview.id,
        "squad_id": await in_squads(admin, list(found.values())),
        "challenge_id": challenge_id,
        "act_id": await by_hand(client, headers, list(found.values())),
        "campaign_id": await campaigns(number),
        "notification_id": await told(admin, list(found.values())),
        "digest_id": await gathered(admin),
    }


async def gathered(member_id):
    """Let all that the member was told be in a digest; return its id."""
    return await fetchval(
        """
        INSERT INTO digest (member_id, period, often, since, until, content, mail_tries)
        SELECT $1, '2026-W48', 'weekly', now(), now(),
            jsonb_build_object('messages', jsonb_agg(id)), 0
        FROM notification WHERE member_id = $1 RETURNING id
        """,
        member_id,
    )


async def sites(number, challenge_id):
    """Let so many sites show a board and a challenge; return the last one's key."""
    boards, challenges = frozenset({"board-0"}), frozenset({str(challenge_id)})
    opened = Opened(name="A site", boards=boards, challenges=challenges)
    return [await publishable.create(opened, by=OPERATOR) for _ in range(number)][-1]


async def in_squads(admin, members):
    """Let the admin found a squad, and everybody else found one and ask for them."""
    squad = await squads.found(admin, "Les Lucioles", most=30, is_open=True, appears=True)
    for member in members:
        theirs = await squads.found(member, "Les Phares", is_open=True, appears=True)
        await invitations.invite(theirs, member, admin)
        if member in members[:20]:
            await squads.join(squad, member, appears=True)
    for _ in members[:5]:
        await invitations.make_code(squad, admin)
    return squad


async def told(admin, members):
    """Let everybody thank the admin, and as much be asked of them. Return a message's id."""
    await execute("UPDATE preferences SET expected = false")
    async with unit_of_work():
        await notify_many([telling(admin, "thanks.received", by=member) for member in members])
        # More than anybody is asked at once, whatever the hour: some of it is held back.
        await notify_many(
            [telling(admin, "squad.invited", by=members[0], squad=str(uuid4())) for _ in range(5)]
        )
        await notify_many(
            [
                telling(admin, what, challenge=str(n), name=REASON, **more)
                for n in range(len(members))
                for what, more in {
                    "challenge.opened": {},
                    "challenge.cancelled": {"reason": REASON},
                }.items()
            ]
        )
    # At night, so that what is asked waits, however little it is.
    with clock.frozen((clock.now() + timedelta(days=1)).replace(hour=2)):
        await outbox.decide(await outbox.claim(1000))
    return await fetchval("SELECT min(id) FROM notification WHERE member_id = $1", admin)


async def campaigns(number):
    """So many campaigns that went to everybody; the last one's id."""
    for _ in range(number):
        definition = msgspec.convert(CAMPAIGN, Campaign)
        made = await written.create(definition, by=MAX)
        scheduled = {"if_match": made.etag, "by": MAX}
        await written.schedule(made.id, None, 0, **scheduled)
        await send(made.id)
    return made.id


async def in_challenges(number, members):
    """Challenges that run, and one that everybody is in; the last one's id."""
    for n in range(number):
        draft = await managing.create(
            ChallengeDefinition(
                title=Words(fr=f"Défi {n}", en=f"Challenge {n}"),
                description=Words(fr="Ensemble.", en="Together."),
                counts=Count(kind="kind-0", at_least=10),
                starts_at=clock.now(),
                ends_at=clock.now() + timedelta(days=28 + n),
            ),
            by=OPERATOR,
        )
        await managing.publish(draft.id, by=OPERATOR)
    for member in members:
        await taking_part.join(draft.id, member)
    await managing.pause(draft.id, Words(fr="On souffle.", en="We rest."), by=OPERATOR)
    return draft.id


async def by_hand(client, headers, members):
    """Let the admin credit and hold something of each; return the last act's id."""
    for member in members:
        act = {"does": "credit", "kind": "kind-0", "members": [str(member)], "reason": REASON}
        answer = await client.post("/v1/manage/acts", json=act, headers=headers)
        assert answer.status_code == 201, answer.text
    entries = await fetch(
        "SELECT min(id) AS id FROM ledger_entry WHERE member_id = ANY($1) GROUP BY member_id",
        members,
    )
    for entry in entries:
        path = f"/v1/manage/activities/{entry['id']}/hold"
        held = await client.put(path, json={"reason": REASON}, headers=headers)
        assert held.status_code == 200, held.text
    return answer.json()["id"]


def there(path, known):
    """A value for each parameter of a path."""
    for thing in ("badge", "board", "kind", "season", "segment", "tier"):
        if f"/{thing}s/" in path:
            known = known | {"slug": f"{thing}-0"}
    if "/journeys/" in path:
        known = known | {"slug": "welcome"}
    if "publishable" in path:
        known = known | {"key_id": known["publishable_key_id"]}
    return re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1], found[0])), path)


async def counted(client, headers, statements, known):
    """What each route sends when it is asked the second time."""
    sent = {}
    for route in READS:
        address = there(route[1], known)
        query = {"limit": 100} | known.get(route[1], {}) | QUERIES.get(named(route), {})
        first = await client.get(address, headers=headers, params=query)
        assert first.status_code == 200, (address, first.text)
        with statements() as heard:
            await client.get(address, headers=headers, params=query)
        sent[named(route)] = len(heard)
    return sent


def test_every_page_has_its_number():
    """The one who adds a route says what it costs."""
    pages = {named(route) for route in READS}
    assert sorted(pages ^ set(STATEMENTS)) == []


@pytest.mark.parametrize("number", [FEW, MANY])
async def test_a_page_costs_the_same_however_much_there_is(client, sign_in, statements, number):
    """I42."""
    headers = sign_in("admin")
    known = await fill(number, client, headers)
    sent = await counted(client, headers, statements, known)
    assert {page: cost for page, cost in sent.items() if STATEMENTS.get(page) != cost} == {}
