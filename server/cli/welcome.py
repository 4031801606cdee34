"""What `ambassade run` says to the person who started it, in French or English."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from server.seed.demo import AMBASSADOR_UID, STAFF_UID


class Words(NamedTuple):
    """The same sentences in one language."""

    starting: str
    stopping: str
    port_taken: str
    ready: str
    api: str
    sockets: str
    docs: str
    widget: str
    health: str
    phones: str
    mails: str
    data: str
    as_ambassador: str
    challenges: str
    as_staff: str
    closing: str

    def welcome(
        self,
        address: tuple[str, int],
        live: str,
        data_dir: Path,
        phones: str | None = None,
        *,
        demo: bool,
    ) -> str:
        """What is where, and how to sign in to the demo community."""
        host = "localhost" if address[0] in {"127.0.0.1", "0.0.0.0", "::1", "::"} else address[0]  # noqa: S104
        base = f"http://{host}:{address[1]}"
        signing_in = [
            self.as_ambassador,
            f"  {sign_in(base, AMBASSADOR_UID, '/v1/me/standing')}",
            self.challenges,
            f"  {sign_in(base, AMBASSADOR_UID, '/v1/challenges')}",
            self.as_staff,
            f"  {sign_in(base, STAFF_UID, '/v1/manage/members')}",
            "",
        ]
        return "\n".join(
            [
                "",
                self.ready,
                "",
                f"  {self.api:<10}{base}/v1",
                f"  {self.sockets:<10}{live}",
                f"  {self.widget:<10}{base}/widget",
                f"  {self.docs:<10}{base}/docs",
                f"  {self.health:<10}{base}/health/ready",
                *([f"  {self.phones:<10}{phones}"] if phones else []),
                *([f"  {self.mails:<10}{phones}/mails"] if phones else []),
                f"  {self.data:<10}{data_dir}",
                "",
                *(signing_in if demo else ()),
                self.closing,
                "",
            ]
        )


def sign_in(base: str, uid: str, path: str) -> str:
    """A command that signs in and asks something, to copy into a shell."""
    token = (
        f"curl -s {base}/v1/dev/sign-in -H 'Content-Type: application/json' "
        f"""-d '{{"uid": "{uid}"}}' | cut -d '"' -f 4"""
    )
    return f'curl -s {base}{path} -H "Authorization: Bearer $({token})"'


ENGLISH = Words(
    starting="Starting on {data_dir}. The first time takes a few seconds more.",
    stopping="Stopping.",
    port_taken="Port {port} is taken: using {other}.",
    ready="Ambassade runs.",
    api="API",
    sockets="Sockets",
    widget="Widget",
    docs="Docs",
    health="Health",
    phones="Phones",
    mails="Mails",
    data="Data",
    as_ambassador="Sign in as an ambassador, and see your standing:",
    challenges="See the challenges that she takes part in, and that move by themselves:",
    as_staff="Sign in as staff, and see the members:",
    closing="Ctrl-C stops it. The data stay.",
)

FRENCH = Words(
    starting="Démarrage sur {data_dir}. La première fois prend quelques secondes de plus.",
    stopping="Arrêt.",
    port_taken="Le port {port} est pris : ce sera {other}.",
    ready="Ambassade est en marche.",
    api="API",
    sockets="Sockets",
    widget="Widget",
    docs="Doc",
    health="Santé",
    phones="Mobiles",
    mails="E-mails",
    data="Données",
    as_ambassador="Se connecter en ambassadrice, et voir où elle en est :",
    challenges="Voir les défis auxquels elle participe, et qui avancent tout seuls :",
    as_staff="Se connecter en équipe, et voir les membres :",
    closing="Ctrl-C arrête tout. Les données restent.",
)


def words_for(environment: Mapping[str, str]) -> Words:
    """The sentences in the language of the terminal."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return FRENCH if environment[name].lower().startswith("fr") else ENGLISH
    return ENGLISH
