"""`ambassade run`: everything on this machine, as one tree that starts and ends together."""

import ipaddress
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from urllib.parse import quote, urlsplit

import click

from server.cli.connected import data_dir_option, lead_to, run_with
from server.cli.migrate import begin, bring_up_to_date
from server.cli.supervision import Kept, keep, stop
from server.cli.welcome import Words, words_for
from server.config import Settings
from server.embedded.errors import ServersError
from server.embedded.processes import Program
from server.embedded.servers import servers
from server.live.addresses import socket_url
from server.logging import configure_logging
from server.programme import apply_programme
from server.seed.demo import seed_if_empty

DEFAULT_PORT = 8000
DEFAULT_LIVE_PORT = 8001
DEFAULT_SANDBOX_PORT = 8002
OTHER_PORTS = 20
SECONDS_TO_ANSWER = 60.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class PortTaken(ServersError):
    """Somebody listens where Ambassade was told to."""


class DidNotAnswer(ServersError):
    """A process of ours ended at its start, or didn't answer."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=int, help="The port to listen on.  [default: 8000, or a free one]")
@click.option("--live-port", type=int, help="The port of sockets.  [default: 8001, or a free one]")
@click.option("--still", is_flag=True, help="Let the demo community not move by itself.")
@data_dir_option
def run(host: str, port: int | None, live_port: int | None, data_dir: Path, *, still: bool) -> None:
    """Start everything on this machine and stay: PostgreSQL, Valkey, API, sockets and worker.

    The first start makes the database and, but in production, a small demo community, in which
    somebody does something every few seconds. Ctrl-C stops it all; what was written stays in
    the data folder.
    """
    if "ENVIRONMENT" not in os.environ and not _is_loopback(host):
        raise click.UsageError(f"{host} is open to others: set ENVIRONMENT to say what this is.")
    make_ready(os.environ, data_dir, still=still)
    words = words_for(os.environ)
    with stopped_by_signals(words):
        listener = listen(host, port, words)
        live = listen(host, live_port, words, default=DEFAULT_LIVE_PORT, option="--live-port")
        say_where(os.environ, listener, live)
        phones = stand_in_for_firebase(os.environ, words)
        settings = Settings.from_environment(os.environ)
        configure_logging(settings)
        apply_programme(settings)
        click.echo(words.starting.format(data_dir=data_dir))
        demo = not settings.in_production
        with servers(data_dir, stays=True) as found:
            lead_to(found)
            bring_up_to_date(found)
            run_with(found, partial(prepare, demo=demo))
            with children(listener, live, settings.api_processes, phones=phones) as kept:
                wait_for_answer(listener, kept)
                wait_for_answer(live, kept)
                where = (listener.getsockname(), socket_url(settings), data_dir)
                click.echo(words.welcome(*where, settings.push_sandbox_url, demo=demo))
                keep(kept, found)


@contextmanager
def stopped_by_signals(words: Words) -> Iterator[None]:
    """Let SIGTERM, Ctrl-C and a closed terminal end the block in order."""

    def end(_number: int, _frame: FrameType | None) -> None:
        # One is enough: a second one must not interrupt the stopping.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        click.echo(words.stopping)
        sys.exit(0)

    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
    yield


def listen(
    host: str,
    port: int | None,
    words: Words,
    *,
    default: int = DEFAULT_PORT,
    option: str = "--port",
) -> socket.socket:
    """A socket that processes share, so that nobody is refused while one starts again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = [port] if port is not None else [*range(default, default + OTHER_PORTS), 0]
    for candidate in wanted:
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            reason = error.strerror
            continue
        if candidate != wanted[0]:
            click.echo(words.port_taken.format(port=wanted[0], other=listener.getsockname()[1]))
        return listener
    raise PortTaken(f"Can't listen on {host} port {port}: {reason}. Name another with {option}.")


def make_ready(environment: MutableMapping[str, str], data_dir: Path, *, still: bool) -> None:
    """Say what this is, and what development has that production hasn't."""
    environment.setdefault("ENVIRONMENT", "development")
    let_the_demo_move(environment, still=still)
    keep_mail(environment, data_dir)


def let_the_demo_move(environment: MutableMapping[str, str], *, still: bool) -> None:
    """Say to the worker whether the demo moves: in development, unless told otherwise."""
    if still:
        environment["DEMO_MOVES"] = "no"
    elif environment["ENVIRONMENT"] == "development":
        environment["DEMO_MOVES"] = environment.get("DEMO_MOVES") or "yes"


def keep_mail(environment: MutableMapping[str, str], data_dir: Path) -> None:
    """Let mails become files in the data folder, in development, unless they go somewhere."""
    if environment["ENVIRONMENT"] == "development" and not environment.get("SMTP_URL"):
        environment["SMTP_URL"] = f"file:{quote(str(data_dir.absolute() / 'mail'))}"
        environment["MAIL_FROM"] = environment.get("MAIL_FROM") or "Ambassade <hello@example.com>"


async def prepare(*, demo: bool) -> None:
    """Give an empty database what a community begins with."""
    await begin()
    if demo:
        await seed_if_empty()


def say_where(
    environment: MutableMapping[str, str], listener: socket.socket, live: socket.socket
) -> None:
    """Say to the processes where they are reached, on this machine unless told otherwise."""
    environment.setdefault("PUBLIC_URL", f"http://localhost:{listener.getsockname()[1]}")
    if _is_loopback(urlsplit(environment["PUBLIC_URL"]).hostname or "localhost"):
        own = f"ws://localhost:{live.getsockname()[1]}/live"
        environment["LIVE_URL"] = environment.get("LIVE_URL") or own


def stand_in_for_firebase(
    environment: MutableMapping[str, str], words: Words
) -> socket.socket | None:
    """Where the sandbox listens, in development, unless pushes go somewhere else already."""
    settings = Settings.from_environment(environment)
    key = settings.firebase_credentials or settings.google_application_credentials
    if settings.environment != "development" or key or settings.push_sandbox_url:
        return None
    listener = listen("127.0.0.1", None, words, default=DEFAULT_SANDBOX_PORT)
    environment["PUSH_SANDBOX_URL"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return listener


@contextmanager
def children(
    listener: socket.socket,
    live: socket.socket,
    api_processes: int,
    *,
    phones: socket.socket | None = None,
) -> Iterator[list[Kept]]:
    """The API's processes, sockets and the worker, for the length of the block."""
    server = [sys.executable, "-m", "server"]

    def on(name: str, its: socket.socket) -> Program:
        descriptor = its.fileno()
        command = [*server, name, "--socket-fd", str(descriptor)]
        return Program(command=command, sockets=[descriptor])

    kept: list[Kept] = []
    try:
        kept += [Kept("api", on("api", listener)) for _ in range(api_processes)]
        kept += [Kept("live", on("live", live))]
        if phones is not None:
            kept += [Kept("sandbox", on("sandbox", phones))]
        kept += [Kept("worker", Program(command=[*server, "worker"]))]
        yield kept
    finally:
        stop(kept)


def wait_for_answer(listener: socket.socket, kept: list[Kept]) -> None:
    """Wait until somebody answers there. A child that ends before that would only do so again."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    # The request waits in the listener's queue until somebody takes it.
    with socket.create_connection((host, port), timeout=0.2) as caller:
        caller.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while not _has_answer(caller):
            ended = [child.name for child in kept if child.child.exit_code is not None]
            if ended:
                raise DidNotAnswer(f"The {ended[0]} process ended at once. Its reason is above.")
            if time.monotonic() > deadline:
                raise DidNotAnswer(f"The API did not answer within {SECONDS_TO_ANSWER:.0f} s.")
            time.sleep(0.1)


def _has_answer(caller: socket.socket) -> bool:
    try:
        return bool(caller.recv(1))
    except OSError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
