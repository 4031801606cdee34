"""ID tokens: the RS256 path with keys of our own, and the emulator's format (T5)."""

import base64
import datetime
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ground import clock
from server.auth.emulator import emulator_token
from server.auth.firebase import EMULATOR, TokenVerifier
from server.config import DEVELOPMENT_PROJECT, Settings
from server.errors import CredentialsInvalid, Unavailable

PROJECT = "a-brand"
KID = "key-1"


def new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tokens")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


KEY, OTHER_KEY = new_key(), new_key()


def claims(**changes):
    now = int(time.time())
    usual = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "camille",
        "iat": now - 60,
        "auth_time": now - 60,
        "exp": now + 3600,
        "email": "camille@example.com",
        "email_verified": True,
        "name": "Camille",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def signed(key=KEY, kid=KID, **changes):
    return jwt.encode(claims(**changes), key, algorithm="RS256", headers={"kid": kid})


def unsigned(header, **changes):
    def part(content):
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(claims(**changes))}."


def signed_with_the_public_key():
    """What a verifier falls for that believes the header: HMAC with what everybody knows."""
    public = certificate(KEY).encode()
    body = unsigned({"alg": "HS256", "kid": KID, "typ": "JWT"}).rstrip(".")
    mac = hmac.new(public, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


class Google:
    """Serves our certificates as Google serves its own, and counts who asks."""

    def __init__(self):
        self.asked = 0
        self.away = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                if outer.away:
                    self.send_error(503)
                    return
                body = json.dumps({KID: certificate(KEY)}).encode()
                self.send_response(200)
                self.send_header("Cache-Control", "public, max-age=3600")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/certificates"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def google(monkeypatch):
    google = Google()
    monkeypatch.setattr("firebase_admin._token_gen.ID_TOKEN_CERT_URI", google.url)
    yield google
    google.close()


@pytest.fixture
def production(monkeypatch, google):
    monkeypatch.delenv(EMULATOR, raising=False)
    verifier = TokenVerifier(Settings(environment="production", firebase_project_id=PROJECT))
    yield verifier
    verifier.close()


@pytest.fixture
def development():
    verifier = TokenVerifier(Settings(environment="test"))
    yield verifier
    verifier.close()


async def test_a_token_of_our_project_names_its_owner(production):
    verified = await production.verified(signed())

    assert verified.sub == "camille"
    assert (verified.email, verified.email_verified, verified.name) == (
        "camille@example.com",
        True,
        "Camille",
    )


async def test_claims_of_our_own_in_a_token_do_no_harm(production):
    verified = await production.verified(signed(role="admin", roles=["x"], firebase={"a": 1}))
    assert verified.sub == "camille"


NOW = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("a.b.c", id="nonsense"),
        pytest.param("a.b", id="half a token"),
        pytest.param("x" * 9000 + ".b.c", id="an endless token"),
        pytest.param(unsigned({"alg": "none", "typ": "JWT"}), id="alg none, as the emulator's"),
        pytest.param(unsigned({"alg": "none", "kid": KID}), id="alg none with a key's name"),
        pytest.param(signed_with_the_public_key(), id="HS256 with the public key"),
        pytest.param(signed(OTHER_KEY), id="signed by somebody else"),
        pytest.param(signed(kid="key-2"), id="an unknown key"),
        pytest.param(signed(aud="other-brand"), id="another project's audience"),
        pytest.param(
            signed(iss="https://securetoken.google.com/other-brand"), id="another project's issuer"
        ),
        pytest.param(
            signed(aud="other-brand", iss="https://securetoken.google.com/other-brand"),
            id="another project's token",
        ),
        pytest.param(signed(exp=NOW - 60), id="expired"),
        pytest.param(signed(exp=None), id="without an end"),
        pytest.param(signed(iat=NOW + 600), id="issued in the future"),
        pytest.param(signed(iat="yesterday"), id="issued at no moment"),
        pytest.param(signed(sub=""), id="of nobody"),
        pytest.param(signed(sub=None), id="without an owner"),
        pytest.param(signed(sub="x" * 129), id="of somebody with an endless name"),
        pytest.param(signed(sub=7), id="of a number"),
        pytest.param(
            signed(
                aud="https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1"
                ".IdentityToolkit",
                uid="camille",
            ),
            id="a custom token",
        ),
        pytest.param(
            signed(iss=f"https://session.firebase.google.com/{PROJECT}"), id="a session cookie"
        ),
        pytest.param(signed()[:-8] + "AAAAAAAA", id="another signature"),
        pytest.param(unsigned(["no", "object"]), id="a list for a header"),
        pytest.param(unsigned({"alg": "HS256"}, v=0, d=7), id="a legacy token of a wrong shape"),
    ],
)
async def test_no_other_token_gets_in(production, token):
    with pytest.raises(CredentialsInvalid):
        await production.verified(token)


async def test_an_altered_token_gets_no_use_of_the_cache(production):
    token = signed()
    await production.verified(token)
    header, _, signature = token.split(".")
    forged = jwt.utils.base64url_encode(json.dumps(claims(sub="admin")).encode()).decode()

    with pytest.raises(CredentialsInvalid):
        await production.verified(f"{header}.{forged}.{signature}")


async def test_certificates_are_fetched_once_while_they_are_fresh(production, google):
    token = signed()
    for _ in range(5):
        await production.verified(token)
    await production.verified(signed(sub="bernard"))

    assert google.asked == 1
    assert len(production._good) == 2


async def test_a_cached_token_ends_when_it_ends(production):
    token = signed()
    await production.verified(token)
    with clock.shifted(datetime.timedelta(hours=2)), pytest.raises(CredentialsInvalid):
        await production.verified(token)


async def test_without_certificates_nobody_gets_in_and_nobody_waits_twice(production, google):
    google.away = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            await production.verified(signed())
    assert google.asked == 1


async def test_the_emulators_switch_lets_nobody_into_production(production, monkeypatch):
    monkeypatch.setenv(EMULATOR, "localhost:9099")
    with pytest.raises(CredentialsInvalid):
        await production.verified(unsigned({"alg": "none", "typ": "JWT"}))
    with pytest.raises(CredentialsInvalid):
        await production.verified(signed())


async def test_in_development_the_emulators_tokens_are_good_until_they_end(development):
    token = emulator_token(DEVELOPMENT_PROJECT, "camille", email="camille@example.com")

    assert (await development.verified(token)).email_verified is True
    with clock.shifted(datetime.timedelta(minutes=61)), pytest.raises(CredentialsInvalid):
        await development.verified(token)


@pytest.mark.parametrize(
    "changes",
    [{"issued_at": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)}, {"uid": ""}],
    ids=["expired", "of nobody"],
)
async def test_the_emulators_tokens_are_checked_too(development, changes):
    given = {"project_id": DEVELOPMENT_PROJECT, "uid": "camille"} | changes
    with pytest.raises(CredentialsInvalid):
        await development.verified(emulator_token(**given))


async def test_the_emulators_token_of_another_project_is_refused(development):
    with pytest.raises(CredentialsInvalid):
        await development.verified(emulator_token("other-brand", "camille"))


async def test_a_developer_signs_in_as_anybody(client):
    signed_in = await client.post(
        "/v1/dev/sign-in", json={"uid": "camille", "name": "Camille", "email": "c@example.com"}
    )
    token = signed_in.json()["id_token"]
    answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})

    # Known, and not a member yet.
    assert (answer.status_code, answer.json()["code"]) == (403, "membership_needed")
