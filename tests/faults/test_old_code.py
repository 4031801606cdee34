"""The code of before on the tables of now, as while one version replaces another (I52)."""

import asyncio
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO

import httpx
import pytest

from server.auth.emulator import emulator_token
from server.config import DEVELOPMENT_PROJECT
from server.embedded.places import PROJECT
from tests.community.people import joined
from tests.conftest import A_CENTURY, LONG_AGO
from tests.faults.truth import assert_nothing_was_lost
from tests.faults.writers import writing

pytestmark = pytest.mark.long

MIGRATIONS = "*/piccolo_migrations/*.py"
SECONDS = 5
MOST_BACK = 20
READ = [
    "/v1/charter",
    "/v1/kinds",
    "/v1/badges",
    "/v1/tiers",
    "/v1/boards",
    "/v1/boards/all",
    "/v1/me",
    "/v1/me/activities",
    "/v1/me/badges",
    "/v1/me/standing",
    "/v1/me/receipt",
]


def git(*arguments):
    if shutil.which("git") is None:
        pytest.skip("git isn't here")
    ended = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, check=False)
    if ended.returncode:
        pytest.skip("the history isn't here: a copy without it, or a shallow one")
    return ended.stdout


@pytest.fixture
def old_code(tmp_path):
    """The code as it was before the newest migration."""
    newest = git("log", "-1", "--diff-filter=A", "--format=%H", "--", MIGRATIONS).decode().strip()
    if not newest:
        pytest.skip("no migration was ever added here")
    for back in range(1, MOST_BACK):
        code = tmp_path / str(back)
        unpack(f"{newest}~{back}", code)
        now = {path.name for path in PROJECT.glob(MIGRATIONS)}
        assert {path.name for path in code.glob(MIGRATIONS)} < now
        # A step of work in progress may not even start.
        if starts(code):
            return code
    pytest.skip("nothing before the newest migration starts")


def unpack(commit, folder):
    packed = git("archive", commit)
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def starts(code):
    command = [sys.executable, "-c", "import server.app, server.worker.app"]
    return subprocess.run(command, cwd=code, capture_output=True, check=False).returncode == 0


async def test_the_code_before_the_newest_migration_runs_on_the_tables_of_now(
    catalogued, programme, old_code
):
    """I52: it reads and writes beside the new one, and nothing is lost."""
    await joined("camille", "Camille Durand")
    token = emulator_token(DEVELOPMENT_PROJECT, "camille", issued_at=LONG_AGO, lasts=A_CENTURY)
    url = await asyncio.to_thread(catalogued.start_other_api, old_code)
    with writing(url, programme.key, programme.people, at_once=3) as old:
        await asyncio.sleep(SECONDS)
        async with httpx.AsyncClient(
            base_url=url, timeout=30, headers={"Authorization": f"Bearer {token}"}
        ) as client:
            read = {path: (await client.get(path)).status_code for path in READ}
            renamed = await client.patch("/v1/me", json={"display_name": "Camille D."})
    catalogued.kill("other api")

    assert read == dict.fromkeys(READ, 200)
    assert renamed.status_code == 200
    assert sum(len(writer.acknowledged) for writer in old) > 3
    assert {status for writer in old for status in writer.other} <= {503}
    await assert_nothing_was_lost(catalogued, old, programme.key)
