"""`ambassade staff` and `ambassade keys`, as somebody at a terminal uses them."""

import asyncio
import os
import re
import sys

import pytest
from click.testing import CliRunner

from community.keys import service as keys
from gamification.catalogue.publishing import publish
from gamification.catalogue.reading import read_catalogue
from server.cli.main import ambassade as command_line
from tests.community.telling import review
from tests.gamification.drafts import board


@pytest.fixture
def ambassade(database, settings):
    """Run a command as a process of its own. Return its exit code and what it said."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ENVIRONMENT": "test",
    }

    async def run(*arguments):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode, said.decode()

    return run


@pytest.mark.long
async def test_making_the_first_admin(ambassade, alice):
    code, said = await ambassade("staff", "list")
    assert (code, said) == (0, "Nobody is admin. Make one: ambassade staff add WHO\n")

    code, said = await ambassade("staff", "add", "uid-alice")
    assert code == 0
    assert f"Alice ({alice.id}) is admin now." in said

    code, said = await ambassade("staff", "list")
    assert (code, said) == (0, f"admin     {alice.id}  Alice\n")

    code, said = await ambassade("staff", "remove", "uid-alice")
    assert code == 0
    assert "Nobody is admin now." in said


@pytest.mark.long
async def test_naming_somebody_who_has_not_joined(ambassade):
    code, said = await ambassade("staff", "add", "ada@example.org", "--role", "manager")

    assert code == 0
    assert "manager waits for ada@example.org until" in said
    assert "POST /v1/members" in said
    _, listed = await ambassade("staff", "list")
    assert "manager   address:ada@example.org" in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["staff", "add"], "Missing argument"),
        (["staff", "add", "ada", "--role", "owner"], "Invalid value"),
        (["keys", "create", "CRM"], "Missing option"),
        (["keys", "create", "CRM", "--source", "crm", "--scope", "everything"], "Invalid value"),
        (["keys", "create", "CRM", "--source", "crm", "--days", "0"], "Invalid value"),
        (["keys", "revoke", "nonsense"], "Invalid value"),
        (["charter", "publish", "/nowhere"], "Invalid value"),
    ],
)
def test_what_makes_no_sense_is_said(arguments, said):
    result = CliRunner().invoke(command_line, arguments)

    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["staff", "remove", "nobody"], "See: ambassade staff list"),
        (["keys", "create", "CRM", "--source", "C R M"], "lower-case letters"),
        (["keys", "rotate", "0b9f6a52-6f0e-4a3c-9a55-2c7a0d1be0f1"], "ambassade keys list"),
    ],
)
async def test_what_goes_wrong_is_said_with_what_to_do(ambassade, arguments, said):
    code, told = await ambassade(*arguments)

    assert code == 1
    assert said in told
    assert "Traceback" not in told


@pytest.mark.long
async def test_a_key_from_making_to_revoking(ambassade, client, alice):
    code, said = await ambassade("keys", "create", "Our CRM", "--source", "crm")
    secret = re.search(r"sk_[\w-]{43}", said)
    assert code == 0
    assert secret is not None
    body = {"activities": [review(alice.id)]}
    answer = await client.post("/v1/activities", json=body, headers={"X-API-Key": secret[0]})
    assert answer.status_code == 200

    _, listed = await ambassade("keys", "list")
    key_id = listed.split()[0]
    assert "Our CRM" in listed
    assert secret[0] not in listed

    code, rotated = await ambassade("keys", "rotate", key_id, "--overlap", "0")
    new = re.search(r"sk_[\w-]{43}", rotated)
    assert code == 0
    assert new is not None
    assert await keys.find_key(secret[0]) is None
    assert await keys.find_key(new[0]) is not None

    new_id = rotated.split()[0]
    code, said = await ambassade("keys", "revoke", new_id)
    assert code == 0
    assert await keys.find_key(new[0]) is None


@pytest.mark.long
async def test_a_brand_publishes_a_charter_of_its_own(ambassade, client, tmp_path):
    for language, text in (("fr", "# La nôtre"), ("en", "# Ours")):
        (tmp_path / f"{language}.md").write_text(text, encoding="utf-8")

    code, said = await ambassade("charter", "publish", str(tmp_path))

    assert code == 0
    assert "Version 2 is in force." in said
    read = (await client.get("/v1/charter", headers={"Accept-Language": "fr"})).json()
    assert (read["version"], read["text"]) == (2, "# La nôtre")
    code, said = await ambassade("charter", "show", "--language", "en")
    assert (code, said.strip()) == (0, "# Ours")


def test_a_charter_in_one_language_is_not_published(tmp_path):
    (tmp_path / "fr.md").write_text("# La nôtre", encoding="utf-8")

    result = CliRunner().invoke(command_line, ["charter", "publish", str(tmp_path)])

    assert result.exit_code == 1
    assert "lacks en.md" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["staff"],
        ["staff", "add"],
        ["keys"],
        ["keys", "rotate"],
        ["charter"],
        ["charter", "publish"],
    ],
)
def test_every_command_has_help(arguments):
    result = CliRunner().invoke(command_line, [*arguments, "--help"])

    assert result.exit_code == 0
    assert "Usage:" in result.output


@pytest.mark.long
async def test_keys_of_public_sites_are_made_changed_and_revoked(ambassade, database):
    await publish(read_catalogue({"board": [board(slug="month")]}), to_the_past=True)
    make = ("keys", "publishable", "create", "The shop")
    code, said = await ambassade(*make, "--board", "month", "--origin", "https://a.example")
    assert code == 0, said
    key_id, key = said.split()[:2]
    assert f"/widget?key={key}" in said

    change = ("keys", "publishable", "change", key_id, "--origin", "https://b.example")
    assert "https://b.example" in (await ambassade(*change))[1]
    _, said = await ambassade("keys", "publishable", "revoke", key_id)
    assert f"{key} is revoked" in said
