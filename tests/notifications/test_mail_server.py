"""Mail leaves by TLS, to a server that wants to know who sends it."""

import ipaddress
import ssl
from datetime import timedelta

import msgspec
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from ground import clock
from notifications.mail import addresses, door
from notifications.mail.transport import MailAway, Smtp, Transport
from server.cli.doctor import mail_of
from server.config import Settings
from tests.notifications.mailbox import Mailbox, listening, mailing_to
from tests.notifications.test_mail import gathered, send, waits_until
from tests.notifications.told import ALICE, NOON, somebody

USER, PASSWORD = "brume", "pâte à sel:/@"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """What a server shows, and what trusts it: a file with a certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = clock.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, bare))
    return path


@pytest.fixture
def shown(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def locked(shown, *, at_once, only="PLAIN"):
    """A server that takes nothing without TLS, and knows one user."""
    box = Mailbox()

    def knows(server, session, envelope, mechanism, given):
        box.signed_in.append(given == LoginPassword(USER.encode(), PASSWORD.encode()))
        return AuthResult(success=box.signed_in[-1], handled=False)

    how = {"authenticator": knows, "auth_exclude_mechanism": {"PLAIN", "LOGIN"} - {only}}
    if at_once:
        # With its own word for TLS it means STARTTLS; here nobody speaks without.
        return box, listening(box, shown, auth_require_tls=False, **how)
    how |= {"require_starttls": True, "auth_required": True}
    return box, listening(box, tls_context=shown, **how)


def transport(port, *, at_once, password=PASSWORD):
    return Transport(
        host="localhost", port=port, tls=True, at_once=at_once, user=USER, password=password
    )


def mailing(to):
    return msgspec.structs.replace(mailing_to("file:nowhere"), transport=to)


@pytest.fixture
async def waiting(database):
    """A digest of Alice's waits to be sent."""
    before = door.mailing()
    door.use(mailing_to("file:nowhere"))
    with clock.frozen(NOON):
        await somebody(ALICE)
        await addresses.choose(ALICE, "alice@example.com")
        await gathered(ALICE)
        yield
    door.use(before)


@pytest.mark.parametrize("only", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("at_once", [True, False])
async def test_mail_leaves_by_tls_with_a_password(waiting, shown, trusted, at_once, only):
    box, server = locked(shown, at_once=at_once, only=only)
    async with server as port:
        door.use(mailing(transport(port, at_once=at_once)))
        assert await send() == 1
    assert [mail["To"] for mail in box.mails] == ["alice@example.com"]
    assert box.signed_in == [True]


async def test_with_a_wrong_password_mail_waits_and_somebody_is_told(waiting, shown, trusted):
    _, server = locked(shown, at_once=True)
    why = "the server refuses the user or the password (535)"
    async with server as port:
        door.use(mailing(transport(port, at_once=True, password="wrong")))
        with capture_logs() as logs:
            assert await send() == 0
        url = f"smtps://{USER}:wrong@localhost:{port}"
        told = await mail_of(Settings(smtp_url=url, mail_from="a@example.com"))
    assert await waits_until() == NOON + timedelta(minutes=5)
    assert [(each["event"], each["reason"]) for each in logs] == [("mail_away", why)]
    assert told.is_missing
    assert told.what == f"No mail leaves through localhost: {why}"

    _, server = locked(shown, at_once=True)
    async with server as port:
        door.use(mailing(transport(port, at_once=True)))
        assert await send(timedelta(minutes=5)) == 1


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_certificate_that_nobody_vouches_for_gets_nothing(shown, at_once):
    box, server = locked(shown, at_once=at_once)
    async with server as port:
        with pytest.raises(MailAway, match="certificate isn't trusted"):
            await Smtp(transport(port, at_once=at_once)).try_out()
    assert not box.recipients


async def test_a_server_without_tls_gets_nothing():
    for at_once, why in ((True, "speaks no TLS"), (False, "STARTTLS")):
        async with listening(Mailbox()) as port:
            with pytest.raises(MailAway, match=why):
                await Smtp(transport(port, at_once=at_once)).try_out()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("", "Mails stay in the data folder"),
        ("file:.data/mail", "Mails are kept in .data/mail"),
        ("smtp://127.0.0.1:1", "No mail leaves through 127.0.0.1: the server can't be reached"),
    ],
)
async def test_the_doctor_says_where_mail_goes(url, what):
    settings = Settings(environment="development", smtp_url=url, mail_from="a@example.com")
    told = await mail_of(settings)
    assert told.what.startswith(what)
    assert told.is_missing is ("127.0.0.1" in url)


async def test_the_doctor_says_that_production_sends_no_mail():
    told = await mail_of(Settings(environment="production"))
    assert (told.what, told.mark) == ("No mail is sent", "note")
