"""Sign-in, proved against Google's own Firebase Auth emulator, which needs no internet (T5).

`npm install firebase-tools` puts it in place; `AMBASSADE_FIREBASE` names its command. Where it
must be there, as in CI, `AMBASSADE_NEEDS_NODE=1` makes its absence a failure.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from server.auth import firebase
from server.auth.firebase import TokenVerifier
from server.config import Settings
from server.errors import CredentialsInvalid

pytestmark = pytest.mark.long

PROJECT = "demo-ambassade"
COMMAND = os.environ.get("AMBASSADE_FIREBASE") or shutil.which("firebase")
SECONDS_TO_START = 120.0


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    """The emulator's address."""
    if COMMAND is None or not Path(COMMAND).exists():
        assert not os.environ.get("AMBASSADE_NEEDS_NODE"), "firebase-tools isn't here"
        pytest.skip("firebase-tools isn't here")
    folder = tmp_path_factory.mktemp("emulator")
    ports = {"auth": free_port(), "hub": free_port(), "logging": free_port()}
    emulators = {name: {"host": "127.0.0.1", "port": port} for name, port in ports.items()}
    settings = {"emulators": {**emulators, "ui": {"enabled": False}}}
    (folder / "firebase.json").write_text(json.dumps(settings))
    log = folder / "log"
    with log.open("wb") as output:
        started = subprocess.Popen(
            [COMMAND, "emulators:start", "--only", "auth", "--project", PROJECT],
            cwd=folder,
            stdout=output,
            stderr=output,
            env=os.environ | {"CI": "1", "FIREBASE_CLI_DISABLE_UPDATE_CHECK": "1"},
            start_new_session=True,
        )
    address = f"127.0.0.1:{ports['auth']}"
    try:
        _wait_for(address, started, log)
        yield address
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def _wait_for(address, started, log):
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and started.poll() is None:
        try:
            httpx.get(f"http://{address}/").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"the emulator doesn't answer:\n{log.read_text()[-3000:]}")


@pytest.fixture
def verifier(emulator, monkeypatch):
    monkeypatch.setenv(firebase.EMULATOR, emulator)
    made = TokenVerifier(Settings(environment="test", firebase_project_id=PROJECT))
    yield made
    made.close()


def signed_up(emulator, **who):
    """The ID token of somebody new, as the app gets it."""
    answer = httpx.post(
        f"http://{emulator}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=any",
        json={"returnSecureToken": True, **who},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_token_of_the_emulator_signs_in(emulator, verifier):
    given = signed_up(
        emulator, email="camille@example.com", password="a-long-one", displayName="Camille"
    )
    claims = await verifier.verified(given["idToken"])
    assert claims.sub == given["localId"]
    assert (claims.email, claims.email_verified) == ("camille@example.com", False)


async def test_an_anonymous_user_has_no_address(emulator, verifier):
    given = signed_up(emulator)
    claims = await verifier.verified(given["idToken"])
    assert (claims.sub, claims.email) == (given["localId"], None)


def refreshed(emulator, token):
    answer = httpx.post(
        f"http://{emulator}/securetoken.googleapis.com/v1/token?key=any",
        data={"grant_type": "refresh_token", "refresh_token": token},
    )
    return answer.json()["id_token"]


async def test_a_refreshed_token_signs_in_as_the_same(emulator, verifier):
    given = signed_up(emulator)
    again = refreshed(emulator, given["refreshToken"])
    assert (await verifier.verified(again)).sub == given["localId"]


async def test_a_token_of_the_emulator_opens_no_other_project(emulator, verifier, monkeypatch):
    given = signed_up(emulator)
    other = TokenVerifier(Settings(environment="test", firebase_project_id="another-project"))
    with pytest.raises(CredentialsInvalid):
        await other.verified(given["idToken"])
    other.close()
